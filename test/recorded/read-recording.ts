import { readFileSync } from 'node:fs';
import type { Node } from 'libpg-query';
import { liftStatement } from '../../packages/redshift-local/src/dialect/lift/lift-statement.ts';
import { parseOrThrow, tokenise } from '../../packages/redshift-local/src/dialect/tree/tokens.ts';
import { splitSql } from '../../src/core/sql/split-sql.ts';

const RECORDING = new URL('statements.sql', import.meta.url);

export type ReadTransaction = {
  readonly story: string;
  readonly number: number;
  readonly statements: readonly string[];
};

/** The transactions of the committed recording. */
export function readRecording(): readonly ReadTransaction[] {
  const [, ...blocks] = readFileSync(RECORDING, 'utf8').split(/^-- transaction \d+: /m);
  return blocks.map((block, index) => {
    const [story = '', ...lines] = block.split('\n');
    return { story, number: index + 1, statements: splitSql(lines.join('\n')).map(({ text }) => text) };
  });
}

/** The tree of a statement; `null` for commands that have a grammar of their own (COPY, SET, ANALYZE). */
export function treeOf(statement: string): Node | null {
  if (/^(?:copy|set|analyze|vacuum)\b/i.test(statement)) return null;
  const lifted = liftStatement(statement, tokenise(statement));
  return parseOrThrow(lifted.sql).stmts?.[0]?.stmt ?? null;
}
