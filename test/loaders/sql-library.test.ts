import { mkdtempSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UNREADABLE_CONTENT_CODES } from '../../src/reader/unreadable-content.ts';
import { sqlInteger, sqlLiteral, sqlText, sqlTimestamp, quoteSchema } from '../../src/core/sql/sql-literal.ts';
import { splitSql } from '../../src/core/sql/split-sql.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';

const SQL = join(import.meta.dirname, '../../sql');

test('every SQL file of the package begins with its purpose and can be split', () => {
  const library = openSqlLibrary();
  const files = readdirSync(SQL, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) {
    expect(library.source(file), file).toMatch(/^-- Purpose: /);
    expect(splitSql(library.source(file)).length, file).toBeGreaterThan(0);
  }
});

test('the SQL names the codes of unreadable content that the reader has', () => {
  const files = readdirSync(SQL, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  const lists = files.flatMap((file) => [
    ...readFileSync(join(SQL, file), 'utf8').matchAll(/error_code not in \(([^)]*)\)/g),
  ]);
  expect(lists.length).toBeGreaterThan(2);
  const expected = UNREADABLE_CONTENT_CODES.map((code) => `'${code}'`).join(', ');
  for (const [, list] of lists) expect(list).toBe(expected);
});

test('every load file is used by a plan, and every file that a plan names is there', () => {
  const plans = openSqlLibrary(pathToFileURL(join(import.meta.dirname, '../../src/core/loading/'))).source(
    'load-plan.ts',
  );
  const there = readdirSync(join(SQL, 'load'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.sql'),
  );
  const named = new Set([...plans.matchAll(/\d\d_\w+\.sql/g)].map(([name]) => name));
  const files = new Set(there.map((path) => basename(path)));
  expect([...named].toSorted()).toEqual([...files].toSorted());
});

test('statements end at semicolons outside quotes and comments, and lose their comments', () => {
  const source = `-- first; not an end
    select ';' as a, "b;" /* ; */ from t; -- done
    select 'it''s -- no comment' -- a comment with {{a_placeholder}}
    ;;
    select 1`;
  expect(splitSql(source).map(({ text }) => text.replaceAll(/\s+/g, ' '))).toEqual([
    `select ';' as a, "b;" from t`,
    `select 'it''s -- no comment'`,
    'select 1',
  ]);
  expect(splitSql(source).flatMap(({ placeholders }) => placeholders)).toEqual([]);
});

test('a placeholder within quotes and a quote that does not end are refused', () => {
  expect(() => splitSql("select '{{name}}'")).toThrow(/within quotes/);
  expect(() => splitSql("select 'open")).toThrow(/not closed/);
});

test('a placeholder without a value and a value without a placeholder are errors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-sql-'));
  mkdirSync(join(folder, 'x'));
  writeFileSync(join(folder, 'x/1.sql'), '-- Purpose: a test.\nselect {{a}}, {{b}};');
  writeFileSync(join(folder, 'x/2.sql'), 'select 1;');
  const library = openSqlLibrary(pathToFileURL(`${folder}/`));
  const a = sqlText("it's");
  expect(library.fill(['x/1.sql'], { a, b: sqlInteger(7) })).toEqual(["select 'it''s', 7"]);
  expect(() => library.fill(['x/1.sql'], { a })).toThrow(/no value for \{\{b\}\}/);
  expect(() => library.fill(['x/1.sql'], { a, b: a, c: a })).toThrow(/no use for c/);
  expect(() => library.fill(['x/2.sql'], {})).toThrow(/does not begin with "-- Purpose: "/);
});

test('a value that looks like a placeholder or a replacement pattern stays what it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-sql-'));
  writeFileSync(join(folder, '1.sql'), '-- Purpose: a test.\nselect {{a}}, {{b}};');
  const library = openSqlLibrary(pathToFileURL(`${folder}/`));
  expect(library.fill(['1.sql'], { a: sqlText('{{b}}'), b: sqlText("$& $' $1") })).toEqual([
    "select '{{b}}', '$& $'' $1'",
  ]);
});

test('any text becomes one literal that splits as one quoted token, or is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (/[\0\\]/.test(text)) {
        expect(() => sqlLiteral(sqlText(text))).toThrow();
        return;
      }
      const literal = sqlLiteral(sqlText(text));
      expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(text);
      // What follows the literal is outside it.
      if (!text.includes('{{')) expect(splitSql(`select ${literal}; select 2`)).toHaveLength(2);
    }),
  );
});

test('times are written with milliseconds, whole numbers only, schema names only in lower case', () => {
  expect(sqlLiteral(sqlTimestamp(1542672042796))).toBe("'2018-11-20 00:00:42.796'::timestamp");
  expect(() => sqlLiteral(sqlInteger(1.5))).toThrow();
  expect(quoteSchema('sparkify_2')).toBe('"sparkify_2"');
  for (const wrong of ['Sparkify', 'a"b', '', '1a', 'a.b']) expect(() => quoteSchema(wrong)).toThrow();
});
