import type pg from 'pg';
import type { Cluster } from '../management/cluster.ts';
import type { ResultFiles } from './result-files.ts';
import type { Sessions } from './sessions.ts';
import type { Statements } from './statements.ts';
import type { StatementStore } from './statement-store.ts';

/** What every operation of the Data API works with. */
export type DataApi = {
  readonly cluster: Cluster;
  readonly statements: Statements;
  readonly sessions: Sessions;
  readonly store: StatementStore;
  readonly files: ResultFiles;
  readonly control: pg.Pool;
};

/** One call: its input as JSON, and a signal that fires when the caller hangs up. */
export type Call = { readonly input: Readonly<Record<string, unknown>>; readonly signal: AbortSignal };

/** An operation: gives the reply's body as an object, or ready-made as JSON text. */
export type Action = (api: DataApi, call: Call) => Promise<object | string>;
