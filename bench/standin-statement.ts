import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { setting } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';

/** Runs one statement to its end and reads its rows. @throws Error with the error of the statement. */
export async function runStatement(client: RedshiftDataClient, stack: BenchStack, sql: string): Promise<void> {
  const submitted = await client.send(
    new ExecuteStatementCommand({
      ClusterIdentifier: setting(stack, 'SPARKIFY_CLUSTER_IDENTIFIER'),
      Database: setting(stack, 'SPARKIFY_DATABASE'),
      DbUser: setting(stack, 'SPARKIFY_DB_USER'),
      Sql: sql,
      WaitTimeSeconds: 30,
    }),
  );
  const { Id } = submitted;
  let { HasResultSet: hasResultSet } = submitted;
  let isFinished = submitted.Status === 'FINISHED';
  while (!isFinished) {
    const described = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    if (described.Status === 'FAILED' || described.Status === 'ABORTED')
      throw new Error(`${sql}: ${described.Error ?? ''}`);
    hasResultSet = described.HasResultSet;
    isFinished = described.Status === 'FINISHED';
  }
  if (hasResultSet === true) await client.send(new GetStatementResultCommand({ Id }));
}
