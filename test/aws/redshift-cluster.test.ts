import { RedshiftClient } from '@aws-sdk/client-redshift';
import { afterAll, expect, test } from 'vitest';
import { createClusterControl } from '../../src/aws/redshift-cluster.ts';
import { startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack, waitUntil } from '../support/stack.ts';

const stack = useStack();
let opened: RedshiftClient | undefined;

function clusterControl(identifier = stack.environment['SPARKIFY_CLUSTER_IDENTIFIER'] ?? '') {
  opened ??= new RedshiftClient({});
  return createClusterControl(opened, identifier);
}

afterAll(() => {
  opened?.destroy();
});

test('a cluster that is paused refuses a load by that name, and takes the same load after it was resumed', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/a.json', lines(aPlay()));
  const cluster = clusterControl();
  const becomes = async (status: string) => {
    const condition = async () => (await cluster.status()).status === status;
    await waitUntil(condition, { what: `the cluster is ${status}`, timeoutMs: 30_000 });
  };
  expect((await cluster.status()).status).toBe('available');

  await cluster.pause();
  await becomes('paused');
  await expect(loading.load('logs', [file])).rejects.toMatchObject({ code: 'warehouse_paused' });

  await cluster.resume();
  await becomes('available');
  const outcome = await loading.load('logs', [file]);
  expect(outcome.files[0]?.status).toBe('loaded');
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});

test('an unknown cluster is called missing, by its name', async () => {
  await expect(clusterControl('no-such-cluster').status()).rejects.toMatchObject({
    code: 'warehouse_missing',
    message: expect.stringContaining('"no-such-cluster"') as unknown,
  });
});
