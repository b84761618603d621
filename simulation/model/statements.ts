import type { Row } from '../../src/core/ports.ts';
import type { SqlLibrary } from '../../src/sql/sql-library.ts';
import { runCopy } from './copy.ts';
import { EXACT_STEPS } from './steps-exact.ts';
import { LEDGER_STEPS } from './steps-ledger.ts';
import { LOG_STEPS } from './steps-logs.ts';
import { RETRACTION_STEPS } from './steps-retraction.ts';
import { SONG_STEPS } from './steps-songs.ts';
import type { Step, Transaction, Values } from './transaction.ts';

/** What a statement of a simulated transaction is. */
export type Statement =
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'sql'; readonly path: string; readonly values: Values };

const LOCK = 'load/ledger/00_take_lock.sql';
const LEDGER = 'load/ledger/80_batch.sql';
const NOTHING: Step = () => undefined;
/** What each SQL file does, by its name. */
export type Steps = Readonly<Record<string, Step>>;

export const STEPS: Steps = {
  ...LEDGER_STEPS,
  ...LOG_STEPS,
  ...EXACT_STEPS,
  ...SONG_STEPS,
  ...RETRACTION_STEPS,
  [LOCK]: NOTHING,
};

/**
 * The SQL files by name: a "statement" names its file and the values of its placeholders, so that the real loader runs
 * as it is and the simulated warehouse knows what each of its statements is meant to do.
 */
export const NAMED_SQL: SqlLibrary = {
  list: () => [],
  source: () => '',
  fill: (paths, values) => paths.map((path) => `sql ${JSON.stringify({ path, values })}`),
};

export function readStatement(text: string): Statement {
  if (text.startsWith('sql ')) {
    const { path, values } = JSON.parse(text.slice(4)) as { path: string; values: Values };
    return { kind: 'sql', path, values };
  }
  return { kind: 'copy', text };
}

export function takesLock(statements: readonly Statement[]): boolean {
  return statements.some((statement) => statement.kind === 'sql' && statement.path === LOCK);
}

export function writesLedger(statements: readonly Statement[]): boolean {
  return statements.some((statement) => statement.kind === 'sql' && statement.path === LEDGER);
}

/** Runs one statement of the model. @returns the rows of its last SELECT, `null` when it has none. */
export function runStatement(transaction: Transaction, statement: Statement, steps: Steps): readonly Row[] | null {
  switch (statement.kind) {
    case 'copy':
      runCopy(transaction, statement.text);
      return null;
    case 'sql': {
      const step = steps[statement.path];
      if (step === undefined) throw new Error(`The model does not know sql/${statement.path}.`);
      return step(transaction, statement.values) ?? null;
    }
  }
}
