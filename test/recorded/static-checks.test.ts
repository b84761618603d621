import { readdirSync, readFileSync } from 'node:fs';
import type { A_Expr, Node } from 'libpg-query';
import { beforeAll, expect, test } from 'vitest';
import { correlations } from '../../packages/redshift-local/src/dialect/check/correlations.ts';
import { loadDialect } from '../../packages/redshift-local/src/dialect/translate.ts';
import { functionName, integerConstant, typeNameOf } from '../../packages/redshift-local/src/dialect/tree/tree.ts';
import { inspectNode } from '../../packages/redshift-local/src/dialect/tree/walk.ts';
import { splitSql } from '../../src/core/sql/split-sql.ts';
import { readRecording, treeOf } from './read-recording.ts';
import { steady } from './steady-text.ts';

// What the stand-in does not cover is checked in the recorded statements: none of them depends on it.

const transactions = readRecording();
const statements = transactions.flatMap((transaction) => transaction.statements);

beforeAll(async () => {
  await loadDialect();
});

/** The statements in which something is found. */
function where(isFound: (tree: Node) => boolean): readonly string[] {
  return statements.filter((statement) => {
    const tree = treeOf(statement);
    return tree !== null && isFound(tree);
  });
}

function has(tree: Node, isFound: (kind: string, body: Record<string, unknown>) => boolean): boolean {
  let found = false;
  inspectNode(tree, (kind, body) => {
    found ||= isFound(kind, body);
  });
  return found;
}

const isCall = (name: string, body: Record<string, unknown>) => functionName(body) === name;

/** Sent only when something rare has happened; the tests of that send them to the stand-in. */
const RARE = [
  'doctor/40_marker.sql',
  'load/know/50_removals.sql',
  'load/know/60_settled_files.sql',
  'load/ledger/36_seen_again.sql',
  'load/ledger/40_solve_quarantined.sql',
  'migrate/50_dependent_views.sql',
  'verify/scratch/20_is_left_over.sql',
];
const NOWHERE = { bucket: 'no bucket', schema: 'no schema' };

test('the recording has every statement of the SQL files', () => {
  const folder = new URL('../../sql/', import.meta.url);
  // sql/demo is of the embedded stack alone.
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /^(?!demo\/).*\.sql$/.test(name) && !RARE.includes(name),
  );
  const all = statements.map(withoutSpace).join(';');
  const missing = files.flatMap((file) =>
    splitSql(readFileSync(new URL(file, folder), 'utf8')).flatMap(({ text }) =>
      all.includes(withoutSpace(steady(text.split('{{')[0] ?? '', NOWHERE))) ? [] : [`${file}: ${text}`],
    ),
  );
  expect(missing).toEqual([]);
});

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

test('[numbers.scale] no decimal product or quotient stands directly in ROUND or in a cast to a DECIMAL with a scale', () => {
  expect(
    where((tree) =>
      has(tree, (kind, body) => {
        if (kind === 'FuncCall' && isCall('round', body)) return isDecimalProduct((body['args'] as Node[])[0]);
        const type = kind === 'TypeCast' ? (body['typeName'] as Parameters<typeof typeNameOf>[0]) : undefined;
        const scale = typeNameOf(type) === 'numeric' ? (integerConstant(type?.typmods?.[1]) ?? 0) : 0;
        return scale > 0 && isDecimalProduct(body['arg'] as Node);
      }),
    ),
  ).toEqual([]);
});

/** `a * b`, `a / b`, unless an operand is a double. */
function isDecimalProduct(node: Node | undefined): boolean {
  const expression = node !== undefined && 'A_Expr' in node ? node.A_Expr : null;
  const operator = expression?.name?.[0];
  const isProduct = operator !== undefined && 'String' in operator && ['*', '/'].includes(operator.String.sval ?? '');
  return expression !== null && isProduct && !hasDouble(expression);
}

function hasDouble(expression: A_Expr): boolean {
  return has({ A_Expr: expression }, (kind, body) => kind === 'TypeName' && typeNameOf(body) === 'float8');
}

test('[correlated.patterns] a correlated subquery is EXISTS or NOT EXISTS, with equalities', () => {
  expect(
    where((tree) => correlations(tree).some(({ isEquality, link }) => link !== 'EXISTS_SUBLINK' || !isEquality)),
  ).toEqual([]);
});

test('SUBSTRING of a text has three arguments, or FROM', () => {
  expect(
    where((tree) =>
      has(
        tree,
        (kind, body) =>
          kind === 'FuncCall' &&
          isCall('substring', body) &&
          body['funcformat'] !== 'COERCE_SQL_SYNTAX' &&
          (body['args'] as Node[]).length === 2,
      ),
    ),
  ).toEqual([]);
});

/** The tables that a statement writes rows to. */
function writtenTables(statement: string): readonly string[] {
  const copied = /^copy (\S+)/i.exec(statement)?.[1];
  if (copied !== undefined) return [copied];
  const written = /^(?:insert into|update|delete from|merge into|truncate(?: table)?)\s+("?[\w."]+)/i.exec(
    statement.trimStart(),
  )?.[1];
  return written === undefined ? [] : [written.replaceAll('"', '')];
}

const temporary = new Set(
  statements.flatMap((statement) => /^create temp(?:orary)? table (\w+)/i.exec(statement)?.[1] ?? []),
);
const permanent = new Set(
  transactions
    .filter(({ story }) => story === 'sparkify migrate')
    .flatMap(({ statements: sent }) =>
      sent.flatMap((statement) => /^create table (?:if not exists )?"?(\w+)/i.exec(statement)?.[1] ?? []),
    ),
);

test('[isolation.serializable] a transaction that writes permanent tables begins with the qualified LOCK', () => {
  const writing = transactions.filter(({ statements: sent }) =>
    sent.flatMap(writtenTables).some((table) => permanent.has(table)),
  );
  expect(writing.length).toBeGreaterThan(10);
  const firstOf = (sent: readonly string[]) => sent.find((statement) => !/^set /i.test(statement)) ?? '';
  expect(writing.filter(({ statements: sent }) => !/^lock "sparkify"\.\w+$/.test(firstOf(sent)))).toEqual([]);
});

test('[isolation.serializable] all other transactions write temporary and scratch tables only', () => {
  const scratch = new Set(
    transactions
      .filter(({ story }) => story.startsWith('sparkify verify'))
      .flatMap(({ statements: sent }) =>
        sent.flatMap((statement) => /^create table (?:"\w+"\.)?"?(\w+)/i.exec(statement)?.[1] ?? []),
      ),
  );
  const others = statements
    .flatMap(writtenTables)
    .map((table) => table.replace(/^sparkify_verify_1\./, ''))
    .filter((table) => !permanent.has(table) && !temporary.has(table) && !scratch.has(table));
  expect([...new Set(others)]).toEqual([]);
});

test('[tables.temporary] a temporary table has a name that no table of the schema has', () => {
  expect([...temporary].filter((table) => permanent.has(table))).toEqual([]);
  const dropped = transactions
    .filter(({ story }) => !story.startsWith('sparkify'))
    .flatMap(({ statements: sent }) =>
      sent.flatMap((statement) => /^drop table if exists([\s\S]+)/i.exec(statement)?.[1] ?? []),
    )
    .flatMap((names) => names.split(',').map((name) => name.trim()));
  expect(dropped.length).toBeGreaterThan(5);
  expect(dropped.filter((name) => !temporary.has(name) || !name.startsWith('sparkify_'))).toEqual([]);
});
