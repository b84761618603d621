import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_CREDENTIALS, startLocalStack } from 'local-stack';
import { FaultProxy } from '../../../support/fault-proxy.ts';
import type { Decide, ObservedCall } from '../../../support/fault-proxy.ts';
import { openClients } from '../../../faults/support/world.ts';
import type { World } from '../../../faults/support/world.ts';

/** The embedded stack in two halves, with a proxy between them: what COPY reads of S3 is seen, and decided, as well. */
export type RecordedWorld = World & {
  /** The store as COPY sees it. */
  readonly copyEnvironment: Readonly<Record<string, string>>;
  observeCopy(observe: (call: ObservedCall) => void): void;
  decideCopy(decide: Decide): void;
};

export async function startRecordedWorld(): Promise<RecordedWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-permissions-'));
  const store = await startLocalStack({ only: ['s3', 'sqs'], port: 0, dataDir: join(folder, 'store') });
  // COPY signs what it reads from a store that is not its own with what its process finds.
  process.env['AWS_ACCESS_KEY_ID'] = LOCAL_CREDENTIALS.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = LOCAL_CREDENTIALS.secretAccessKey;
  const url = store.environment['AWS_ENDPOINT_URL_S3'] ?? '';
  const between = await FaultProxy.start({
    ...store.environment,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url,
    AWS_ENDPOINT_URL_REDSHIFT: url,
  });
  const standIn = await startLocalStack({
    only: ['redshift'],
    redshiftPort: 0,
    postgresPort: 0,
    dataDir: join(folder, 'redshift'),
    s3Endpoint: between.environment['AWS_ENDPOINT_URL_S3'] ?? '',
  });
  const clients = openClients({ ...store.environment, ...standIn.environment }, standIn.psqlUrl ?? '');
  return {
    ...clients,
    copyEnvironment: between.environment,
    observeCopy: (observe) => {
      between.observe = observe;
    },
    decideCopy: (decide) => between.decide(decide),
    stop: async () => {
      await clients.close();
      await standIn.stop();
      await between.stop();
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
