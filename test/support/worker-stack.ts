import { RedshiftClient } from '@aws-sdk/client-redshift';
import { inject } from 'vitest';
import { ofThisWorker } from '../../packages/redshift-local/test/serve-workers.ts';
import { createClusterControl } from '../../src/aws/redshift-cluster.ts';
import { LOCAL_CREDENTIALS } from 'local-stack';
import type { LocalStack } from 'local-stack';
import { waitUntil } from './wait-until.ts';

/** A stack that a test uses; whoever started the stack watches over it. */
export type StackInUse = Omit<LocalStack, 'failed'>;

/** The stack that the files of this worker use one after the other; it goes on when a file lets it go. */
export async function workerStack(): Promise<StackInUse> {
  const environment = await ofThisWorker<Readonly<Record<string, string>>>(inject('stacksUrl'));
  return {
    environment,
    psqlUrl: environment['SPARKIFY_LOCAL_PSQL_URL'] ?? null,
    stop: async () => await endSessions(environment),
  };
}

/** A cluster that pauses ends every statement and session that a test left behind. */
async function endSessions(environment: Readonly<Record<string, string>>): Promise<void> {
  const client = new RedshiftClient({
    endpoint: environment['AWS_ENDPOINT_URL_REDSHIFT'] ?? '',
    region: environment['AWS_REGION'] ?? '',
    credentials: LOCAL_CREDENTIALS,
  });
  const cluster = createClusterControl(client, environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? '');
  const becomes = async (status: string): Promise<void> => {
    await waitUntil(async () => (await cluster.status()).status === status, { what: `a cluster that is ${status}` });
  };
  if ((await cluster.status()).status === 'available') await cluster.pause();
  await becomes('paused');
  await cluster.resume();
  await becomes('available');
  client.destroy();
}
