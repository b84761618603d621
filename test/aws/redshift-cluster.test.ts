import { RedshiftClient } from '@aws-sdk/client-redshift';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { createClusterControl } from '../../src/aws/redshift-cluster.ts';
import { startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { SparkifyProcess, runSparkify } from '../support/sparkify-process.ts';
import { useStack, waitUntil } from '../support/stack.ts';

vi.setConfig({ testTimeout: 90_000 });

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

test('a pause by the command in the middle of a load loses nothing', async () => {
  const place = await stack.place();
  const loading = await startLoading(stack, place);
  const { environment } = place;
  const run = async (...args: readonly string[]) => await runSparkify({ args: ['cluster', ...args], environment });
  const consumer = new SparkifyProcess({ args: ['consume', '--until-idle'], environment });
  onTestFinished(async () => await consumer.dispose());
  const holder = await stack.pool.connect();
  await holder.query(`begin; lock table "${place.schema}".ingest_lock_9`);
  await loading.put('log_data/b.json', lines(aPlay()));
  const waits = `select 1 from pg_catalog.pg_locks where not granted and relation = '"${place.schema}".ingest_lock_9'::regclass`;
  await waitUntil(async () => (await stack.pool.query(waits)).rows.length > 0, { what: 'a publish that waits' });

  const refused = await Promise.all([run('stop'), run('pause')]);
  expect(refused.map(({ code }) => code)).toEqual([2, 2]);
  expect(refused[1].stderr).toMatch(/session +user +transaction since[\s\S]*add --yes/);
  const status = await run('status', '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ status: 'available' });

  expect(await run('pause', '--yes')).toMatchObject({ code: 0, stdout: expect.stringMatching(/paus/) as unknown });
  await holder.query('rollback');
  holder.release();
  const becomes = async (wanted: string) =>
    await waitUntil(async () => (await clusterControl().status()).status === wanted, { what: wanted });
  await becomes('paused');
  expect((await run('resume')).code).toBe(0);
  const { code, stderr } = await consumer.end;
  expect(code, stderr).toBe(0);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
  await stack.expectNothingLeft(place);
});

test('an unknown cluster is called missing, by its name', async () => {
  await expect(clusterControl('no-such-cluster').status()).rejects.toMatchObject({
    code: 'warehouse_missing',
    message: expect.stringContaining('"no-such-cluster"') as unknown,
  });
});
