import type pg from 'pg';
import type { Cluster } from '../management/cluster.ts';
import type { ResultFiles } from './result-files.ts';
import type { Sessions } from './sessions.ts';
import type { Statements } from './statements.ts';
import type { StatementStore } from './statement-store.ts';

/** The dependencies of every operation of the Data API. */
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

/** An operation: returns the reply's body as an object or as JSON text. */
export type Action = (api: DataApi, call: Call) => Promise<object | string>;
