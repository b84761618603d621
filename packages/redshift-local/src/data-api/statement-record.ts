import type {
  ExecutionMode,
  ResultFormatString,
  SqlParameter,
  StatementStatusString,
} from '@aws-sdk/client-redshift-data';
import type { StoredResult } from './result-files.ts';

/** One SQL text of a call and how it fared. */
export type SubStatement = {
  readonly sql: string;
  status: StatementStatusString;
  error: string | null;
  updatedAtMs: number;
  durationNs: number;
  /** Returned or affected; -1 = not known (yet). */
  rows: number;
  bytes: number;
  queryId: number;
  queryUuid: string | null;
  result: StoredResult | null;
};

/** What the Data API remembers of an ExecuteStatement or BatchExecuteStatement call. Plain data: it is stored as JSON. */
export type StatementRecord = {
  readonly id: string;
  readonly batch: boolean;
  readonly executionMode: ExecutionMode;
  readonly name: string | null;
  readonly parameters: readonly SqlParameter[];
  readonly clientToken: string | null;
  readonly clusterIdentifier: string;
  readonly database: string;
  readonly dbUser: string;
  readonly secretArn: string | null;
  readonly resultFormat: ResultFormatString;
  readonly sessionId: string | null;
  readonly createdAtMs: number;
  readonly subs: readonly SubStatement[];
  status: StatementStatusString;
  error: string | null;
  updatedAtMs: number;
  durationNs: number;
  pid: number;
};

export function newSubStatement(sql: string, nowMs: number): SubStatement {
  return {
    sql,
    status: 'SUBMITTED',
    error: null,
    updatedAtMs: nowMs,
    durationNs: -1,
    rows: -1,
    bytes: -1,
    queryId: 0,
    queryUuid: null,
    result: null,
  };
}

export function isFinal(status: StatementStatusString): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

export function hasResultSet(record: StatementRecord): boolean {
  return record.subs.some((sub) => sub.result !== null);
}
