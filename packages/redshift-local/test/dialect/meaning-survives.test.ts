import fc from 'fast-check';
import { expect, test } from 'vitest';

import { translate } from '../../src/dialect/translate.ts';
import { useDialect } from './postgres.ts';

const session = useDialect();

/** Pieces that would be syntax outside a literal, a name or a comment. */
const temptations = fc.constantFrom(
  'distkey(', 'sortkey', 'qualify', 'top 3', 'minus', 'encode zstd', "'", "''", '"', '\\', '\\n', '$$', '$1', ':name', '#t', ';', '--', '/*', '*/',
  'try_cast(a as int)', 'convert(int, x)', 'identity(1,1)', 'sysdate', 'max', 'redshift_marker_top', '\n', '\t', 'é', '漢', '😀', ' ', 'a',
); // prettier-ignore
const trickyText = fc
  .array(fc.oneof(temptations, fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 6 })
  .map((parts) => parts.join('').replaceAll('\0', ''));

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const escaped = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

test('a text literal arrives as it was written, whatever it contains', async () => {
  await session.run('create temp table kept (a varchar(2000))');
  await fc.assert(
    fc.asyncProperty(trickyText, fc.boolean(), async (text, asEscape) => {
      const literal = asEscape ? escaped(text) : quoted(text);
      await session.run('delete from kept');
      await session.run(`insert into kept (a) values (${literal})`);
      const { rows } = await session.run(
        `select a, ${literal} as b, a = ${literal} as c from kept where a = ${literal}`,
      );
      expect(rows).toEqual([{ a: text, b: text, c: 't' }]);
    }),
    { numRuns: 150 },
  );
});

test('a quoted name reaches what it names, whatever it contains', async () => {
  await fc.assert(
    fc.asyncProperty(trickyText, async (text) => {
      const name = text.toLowerCase().replace(/redshift_marker_top/g, 'x');
      fc.pre(name.length > 0 && Buffer.byteLength(name) < 60 && name === name.toLowerCase());
      const written = `"${name.replaceAll('"', '""')}"`;
      await session.run(`create temp table ${written} (${written} int)`);
      await session.run(`insert into ${written} (${written}) values (7)`);
      const { rows } = await session.run(`select q.${written} from ${written} as q`);
      await session.run(`drop table ${written}`);
      expect(Object.values(rows[0] ?? {})).toEqual(['7']);
    }),
    { numRuns: 60 },
  );
});

test('comments and white space between tokens change nothing', () => {
  const words = [
    'create',
    'table',
    'if',
    'not',
    'exists',
    't',
    '(',
    'a',
    'varchar',
    '(',
    'max',
    ')',
    'encode',
    'zstd',
    'distkey',
    ',',
    'b',
    'bigint',
    'identity',
    '(',
    '1',
    ',',
    '1',
    ')',
    ')',
    'sortkey',
    '(',
    'a',
    ')',
  ];
  const query = [
    'select',
    'top',
    '3',
    'a',
    ',',
    'try_cast',
    '(',
    'b',
    'as',
    'int',
    ')',
    'from',
    't',
    'x',
    'qualify',
    'row_number',
    '(',
    ')',
    'over',
    '(',
    'order',
    'by',
    'a',
    ')',
    '=',
    '1',
    'order',
    'by',
    '1',
  ];
  const gap = fc.constantFrom(
    ' ',
    '\n',
    ' /* a; b */ ',
    ' -- qualify; x\n',
    '/* /* nested distkey( */ */',
    " /* it's é */ ",
  );
  fc.assert(
    fc.property(fc.constantFrom(words, query), fc.array(gap, { minLength: 30, maxLength: 30 }), (tokens, gaps) => {
      const text = tokens.map((token, index) => token + (gaps[index] ?? ' ')).join('');
      expect(translate(text)).toEqual(translate(tokens.join(' ')));
    }),
  );
});

const number = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((n) => (n < 0 ? `(${n})` : String(n))),
  fc.constantFrom('a', 'b', 'null::int', '-a', '- -b'),
);
const { value, truth } = fc.letrec<{ value: string; truth: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    fc.tuple(tie('value'), fc.constantFrom('+', '-', '*'), tie('value')).map(([l, o, r]) => `${l} ${o} ${r}`),
    tie('value').map((v) => `(${v})`),
    tie('value').map((v) => `- (${v})`),
    fc.tuple(tie('truth'), tie('value'), tie('value')).map(([c, t, e]) => `case when ${c} then ${t} else ${e} end`),
    fc.tuple(tie('value'), tie('value')).map(([l, r]) => `coalesce(${l}, ${r})`),
    fc.tuple(tie('value'), tie('value')).map(([l, r]) => `nullif(${l}, ${r})`),
    fc.tuple(tie('value'), tie('value')).map(([l, r]) => `greatest(${l}, ${r})`),
    tie('value').map((v) => `(${v})::bigint::int`),
    tie('value').map((v) => `(select ${v})`),
  ),
  truth: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('true', 'a = b', 'a is null', "'x' like '_'"),
    fc
      .tuple(tie('value'), fc.constantFrom('=', '<', '>=', '<>'), tie('value'))
      .map(([l, o, r]) => `(${l}) ${o} (${r})`),
    fc.tuple(tie('truth'), fc.constantFrom('and', 'or'), tie('truth')).map(([l, o, r]) => `${l} ${o} ${r}`),
    tie('truth').map((t) => `not ${t}`),
    tie('truth').map((t) => `(${t})`),
    tie('truth').map((t) => `(${t}) is not true`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([v, l, h]) => `(${v}) between (${l}) and (${h})`),
    fc.tuple(tie('value'), tie('value'), tie('value')).map(([v, l, h]) => `(${v}) not in (${l}, ${h})`),
    tie('value').map((v) => `exists (select 1 where a > ${v})`),
  ),
}));

test('[query.meaning] an expression of common SQL gives what PostgreSQL gives: no parenthesis is lost, no precedence changed', async () => {
  await fc.assert(
    fc.asyncProperty(value, truth, async (v, t) => {
      const query = `select ${v} as v, ${t} as t from (select 3 as a, -2 as b) as s where ${t} or not (${t}) or (${t}) is null`;
      const expected = await session.peek(query).catch((error: unknown) => (error as Error).message);
      const seen = await session.run(query).then((result) => result.rows, (error: unknown) => (error as Error).message); // prettier-ignore
      expect(seen).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
