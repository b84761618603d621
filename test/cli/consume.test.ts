import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import type { ConsumerReport } from '../../src/core/intake/consumer-report.ts';
import { freePort } from '../support/free-port.ts';
import { logLine } from '../support/log-lines.ts';
import { SparkifyProcess, runSparkify } from '../support/sparkify-process.ts';
import { useStack, waitUntil } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';

const stack = useStack();
let place: TestPlace;

beforeAll(async () => {
  place = await stack.place();
  const migrated = await runSparkify({ args: ['migrate'], environment: place.environment });
  expect(migrated.code, migrated.stderr).toBe(0);
});

async function put(key: string, body: string): Promise<void> {
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: body }));
}

async function read(key: string): Promise<string> {
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

test('is healthy and ready while it consumes, logs one line per batch, writes its state to the bucket and ends with 0 on SIGTERM', async () => {
  const port = await freePort();
  const environment = { ...place.environment, SPARKIFY_LINGER_MS: '50', SPARKIFY_CONSUMER_NAME: 'c-1' };
  const consumer = new SparkifyProcess({ args: ['consume', '--http', `127.0.0.1:${port}`], environment });
  const report = async () => JSON.parse(await read('sparkify-work/state/c-1.json')) as ConsumerReport;
  const get = async (path: string) => await fetch(`http://127.0.0.1:${port}${path}`);
  try {
    await waitUntil(async () => (await get('/readyz')).status === 200, { what: 'readiness' });
    expect((await get('/healthz')).status).toBe(200);

    await put('log_data/2018/11/a.json', logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 1) }));
    const line = await consumer.waitFor('the commit', (process) =>
      process.logLines().find((candidate) => candidate['event'] === 'load.committed'),
    );
    expect(line).toMatchObject({ level: 'info', lane: 'logs', reason: 'idle', files: 1, rows: { inserted: 2 } });
    expect(line['roundTrips']).toBeLessThanOrEqual(12);
    expect(line['batchId']).toMatch(/^\d{8}T\d{6}-/);
    expect(line['putToVisible']).toMatchObject({ maxMs: expect.any(Number) as number });
    await waitUntil(async () => (await report()).lastCommitAtMs !== null, { what: 'the commit in the state' });
    expect(await report()).toMatchObject({ state: 'consuming', heldFiles: 0, stage: null });
    const status = (await (await get('/')).json()) as { state: string; lastCommitAtMs: number };
    expect(status.state).toBe('consuming');
    expect(status.lastCommitAtMs).toBeGreaterThan(0);
    expect((await get('/elsewhere')).status).toBe(404);
    const metric = async (series: string) =>
      (await (await get('/metrics')).text()).split('\n').find((one) => one.startsWith(`sparkify_${series} `));
    const loaded = 'files_settled_total{dataset="logs",outcome="loaded"}';
    expect(await metric(loaded)).toBe(`sparkify_${loaded} 1`);
    await waitUntil(async () => (await metric('open_quarantined_files{dataset="logs"}'))?.endsWith(' 0') === true, {
      what: 'the numbers of the ledger',
    });

    consumer.kill('SIGTERM');
    const end = await consumer.end;
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr).toContain('"consumer.stopped"');
    expect(end.stderr).toContain('"consumer.measured"');
    expect((await report()).state).toBe('stopped');
    expect(end.stderr).not.toMatch(/\bselect\b|insert into|Celeste/i);
  } finally {
    await consumer.dispose();
  }
  await stack.expectNothingLeft(place);
});

test('a port that is taken is one sentence, and nothing was taken from the queue', async () => {
  const taken = new URL(place.environment['AWS_ENDPOINT_URL_S3'] ?? '').port;
  const end = await runSparkify({ args: ['consume', '--http', `127.0.0.1:${taken}`], environment: place.environment });
  expect(end.code).toBe(1);
  expect(end.stderr).toContain(`--http 127.0.0.1:${taken}`);
});
