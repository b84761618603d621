import type { DescribeStatementResponse, SubStatementData } from '@aws-sdk/client-redshift-data';
import type { Action } from '../data-api.ts';
import { findStatement } from '../find-statement.ts';
import { InputReader } from '../read-input.ts';
import type { StatementRecord, SubStatement } from '../statement-record.ts';
import { hasResultSet } from '../statement-record.ts';
import type { Wire } from '../wire.ts';
import { epochSeconds, present } from '../wire.ts';

/** The state of a statement; with WaitTimeSeconds the reply waits for its end. */
export const describeStatement: Action = async (api, { input, signal }) => {
  const read = new InputReader(input);
  const waitSeconds = read.waitSeconds();
  const { record, number } = await findStatement(api, read);
  await api.statements.wait(record.id, waitSeconds, signal);
  return record.batch ? describeBatch(record, number) : describeSingle(record);
};

function describeSingle(record: StatementRecord): Wire<DescribeStatementResponse> {
  const sub = record.subs[0];
  return present({
    ...describeCall(record),
    QueryString: sub?.sql,
    ResultRows: sub?.rows ?? -1,
    ResultSize: sub?.bytes ?? -1,
    RedshiftQueryId: sub?.queryId ?? 0,
    RedshiftQueryUuid: sub?.queryUuid,
  }) satisfies Wire<DescribeStatementResponse>;
}

/** The parent of a batch does not have a query; `<id>:2` shows the parent with that one sub-statement. */
function describeBatch(record: StatementRecord, number: number | null): Wire<DescribeStatementResponse> {
  const subs = record.subs.map((sub, index) => describeSub(record, sub, index + 1));
  return present({
    ...describeCall(record),
    ResultRows: -1,
    ResultSize: -1,
    RedshiftQueryId: 0,
    ExecutionMode: record.executionMode,
    SubStatements: number === null ? subs : subs.slice(number - 1, number),
  }) satisfies Wire<DescribeStatementResponse>;
}

function describeCall(record: StatementRecord) {
  return {
    Id: record.id,
    ClusterIdentifier: record.clusterIdentifier,
    Database: record.database,
    DbUser: record.secretArn === null ? record.dbUser : undefined,
    SecretArn: record.secretArn,
    SessionId: record.sessionId,
    Status: record.status,
    Error: record.error,
    Duration: record.durationNs,
    CreatedAt: epochSeconds(record.createdAtMs),
    UpdatedAt: epochSeconds(record.updatedAtMs),
    RedshiftPid: record.pid,
    HasResultSet: hasResultSet(record),
    ResultFormat: record.resultFormat,
    QueryParameters: record.parameters.length === 0 ? undefined : record.parameters,
  };
}

function describeSub(record: StatementRecord, sub: SubStatement, number: number): Wire<SubStatementData> {
  return present({
    Id: `${record.id}:${number}`,
    Status: sub.status,
    Error: sub.error,
    Duration: sub.durationNs,
    CreatedAt: epochSeconds(record.createdAtMs),
    UpdatedAt: epochSeconds(sub.updatedAtMs),
    QueryString: sub.sql,
    ResultRows: sub.rows,
    ResultSize: sub.bytes,
    RedshiftQueryId: sub.queryId,
    RedshiftQueryUuid: sub.queryUuid,
    HasResultSet: sub.result !== null,
  }) satisfies Wire<SubStatementData>;
}
