import type { ExecuteStatementOutput } from '@aws-sdk/client-redshift-data';
import type { StatementRecord } from '../statement-record.ts';
import { hasResultSet } from '../statement-record.ts';
import type { Wire } from '../wire.ts';
import { epochSeconds, present } from '../wire.ts';

/**
 * The reply to both Execute operations.
 *
 * @param waited whether the caller asked to wait: only then the reply tells how far the statement is.
 */
export function submitted(record: StatementRecord, waited: boolean): Wire<ExecuteStatementOutput> {
  return present({
    Id: record.id,
    CreatedAt: epochSeconds(record.createdAtMs),
    ClusterIdentifier: record.clusterIdentifier,
    Database: record.database,
    DbUser: record.secretArn === null ? record.dbUser : undefined,
    SecretArn: record.secretArn,
    SessionId: record.sessionId,
    ...(waited && { Status: record.status, RedshiftPid: record.pid, HasResultSet: hasResultSet(record) }),
  }) satisfies Wire<ExecuteStatementOutput>;
}
