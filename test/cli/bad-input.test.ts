import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { listQuestions } from '../../src/analyze/run-analyze.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { logLine } from '../support/log-lines.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { TestPlace } from '../support/stack.ts';

const stack = useStack();
let place: TestPlace;

beforeAll(async () => {
  place = await stack.place();
  const migrated = await runSparkify({ args: ['migrate'], environment: place.environment });
  expect(migrated.code, migrated.stderr).toBe(0);
  await stack.s3.send(
    new PutObjectCommand({
      Bucket: place.bucket,
      Key: 'log_data/2018/11/one.json',
      Body: logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 1) }),
    }),
  );
});

async function sparkify(args: string[], change: Record<string, string> = {}) {
  return await runSparkify({ args, environment: { ...place.environment, ...change } });
}

async function messagesWaiting(): Promise<number> {
  const { Attributes } = await stack.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: place.queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}

describe('consume refuses to start, in one sentence, and acknowledges nothing', () => {
  test.each<[string, { SPARKIFY_QUEUE_URL?: string } & Record<string, string>, string, string]>([
    ['a bucket that is not there', { SPARKIFY_BUCKET: 'nobodys-bucket' }, 'bucket_missing', 'nobodys-bucket'],
    ['a queue that is not there', { SPARKIFY_QUEUE_URL: 'nobodys-queue' }, 'queue_missing', 'nobodys-queue'],
    ['a schema that was never migrated', { SPARKIFY_SCHEMA: 'never_migrated' }, 'schema_missing', 'sparkify migrate'],
    [
      'a role that COPY refuses',
      { SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::000000000000:role/not-attached' },
      'copy_role_refused',
      'SPARKIFY_COPY_ROLE_ARN',
    ],
    ['a cluster that is not there', { SPARKIFY_CLUSTER_IDENTIFIER: 'nobodys-cluster' }, 'warehouse_missing', ''],
    [
      'a warehouse nobody answers for',
      { AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:9' },
      'endpoint_unreachable',
      '127.0.0.1:9',
    ],
  ])('%s', async (_what, change, code, words) => {
    const name = change.SPARKIFY_QUEUE_URL;
    // The SDK sends to the host of the queue's URL.
    const queue = name === undefined ? {} : { SPARKIFY_QUEUE_URL: new URL(name, place.queueUrl).href };
    const end = await sparkify(['consume', '--until-idle'], { ...change, ...queue });
    expect({ code: end.code, stdout: end.stdout }, end.stderr).toEqual({ code: 1, stdout: '' });
    expect(end.stderr).toContain(`[${code}]`);
    expect(end.stderr).toContain(words);
    expect(end.stderr).not.toMatch(/\n +at /);
    expect(end.stderr).not.toContain('consumer.started');
    expect(await messagesWaiting()).toBe(1);
  });

  test('tables that are newer than the program', async () => {
    await stack.pool.query(
      `insert into ${place.schema}.schema_migrations (number, name, checksum, applied_at) values (999, 'later', '${'0'.repeat(64)}', now())`,
    );
    try {
      const end = await sparkify(['consume', '--until-idle']);
      expect(end.code).toBe(1);
      expect(end.stderr).toContain('[schema_too_new]');
      expect(end.stderr).toContain('999');
      expect(await messagesWaiting()).toBe(1);
    } finally {
      await stack.pool.query(`delete from ${place.schema}.schema_migrations where number = 999`);
    }
  });

  test('several things at once, each in its own sentence', async () => {
    const end = await sparkify(['consume'], { SPARKIFY_BUCKET: 'nobodys-bucket', SPARKIFY_SCHEMA: 'never_migrated' });
    expect(end.code).toBe(1);
    expect(end.stderr.trim().split('\n')).toHaveLength(2);
    expect(end.stderr).toContain('nobodys-bucket');
    expect(end.stderr).toContain('never_migrated');
  });
});

test.each(['analyze', 'verify', 'backfill'])('%s on a schema without tables says to migrate', async (verb) => {
  const end = await sparkify([verb], { SPARKIFY_SCHEMA: 'never_migrated' });
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('sparkify migrate');
});

test('with everything in place the same message is loaded, and what the SDK warns of is a line of the log', async () => {
  const queueHost = new URL(place.queueUrl).host;
  // The SDK warns at every call that the host of the queue's URL is not that of the endpoint.
  const elsewhere = { AWS_ENDPOINT_URL_SQS: `http://${queueHost.replace('127.0.0.1', 'localhost')}` };
  const end = await sparkify(['consume', '--until-idle', '--json'], elsewhere);
  expect(end.code, end.stderr).toBe(0);
  const lines = end.stderr.trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  const log = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(log.filter(({ event }) => event === 'process.warned')).toMatchObject([
    { level: 'warn', msg: expect.stringContaining(`QueueUrl=${place.queueUrl} differs from`) as unknown },
  ]);
  expect(JSON.parse(end.stdout)).toMatchObject({ reason: 'idle', loads: 1, leftMessages: 0, error: null });
  const analyzed = await sparkify(['analyze', '--json']);
  const answers = JSON.parse(analyzed.stdout) as readonly { readonly name: string; readonly rows: unknown }[];
  expect(answers).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ name: 'totals', rows: [expect.objectContaining({ plays: 1, users: 1 })] }),
      expect.objectContaining({ name: 'known_songs', rows: [{ plays: 1, known: 0, unknown: 1, percentKnown: 0 }] }),
    ]) as unknown[],
  );
  expect(badNames(answers)).toEqual([]);
  expect(badNames(JSON.parse(end.stdout))).toEqual([]);
  const later = await sparkify(['analyze', '--json', '--question', 'totals', '--since', '2018-11-02']);
  expect(JSON.parse(later.stdout)).toMatchObject([{ name: 'totals', rows: [{ plays: 0, users: 1 }] }]);
  const file = join(temporaryFolder(), 'plays.html');
  const written = await sparkify(['analyze', '--html', file, '--until', '2018-11-02']);
  expect(written, written.stderr).toMatchObject({ code: 0, stdout: `${file} has the answers to 9 questions.\n` });
  const page = readFileSync(file, 'utf8');
  for (const { text } of listQuestions(openSqlLibrary())) expect(page).toContain(`<h2>${text}</h2>`);
  expect(page).toContain('until 2018-11-02 00:00 UTC');
  await stack.expectNothingLeft(place);
});

test('a backfill that quarantines a file ends with 1, and with 0 when the file was quarantined before; its input is named', async () => {
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: 'log_data/broken.json', Body: '{"a":' }));
  const first = await sparkify(['backfill', '--json']);
  expect(first.code, first.stderr).toBe(1);
  const result = JSON.parse(first.stdout) as Record<string, unknown>;
  expect(result).toMatchObject({ files: { quarantined: 1, known: 1 }, durationMs: expect.any(Number) as number });
  expect(badNames(result)).toEqual([]);
  const [progress] = first.stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(JSON.parse(progress ?? '')).toMatchObject({ event: 'backfill.progress', listed: 0 });
  expect(first.stderr).toContain('upload it again under its key');

  const second = await sparkify(['backfill', '--prefix', 'log_data/2018/12/']);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/^backfill: listing the bucket/);
  expect(second.stderr).toContain(`The bucket ${place.bucket} has no object below log_data/2018/12/.`);
  const blank = join(temporaryFolder(), 'keys.txt');
  writeFileSync(blank, '\n  \n');
  expect((await sparkify(['backfill', '--keys-from', blank])).stderr).toContain('sparkify: No key was named.');
  const third = await sparkify(['backfill']);
  expect({ code: third.code, stdout: third.stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/0 loaded, 2 already settled; .*; took .* s/) as string,
  });
  const outside = await sparkify(['backfill', '--prefix', 'pictures/']);
  expect(outside.code).toBe(2);
  expect(outside.stderr).toContain(
    `--prefix pictures/: nothing below it is loaded. Logs are expected below s3://${place.bucket}/log_data/`,
  );
});

/** Names in a JSON value that are not in camel case. */
function badNames(json: unknown): readonly string[] {
  if (typeof json !== 'object' || json === null) return [];
  if (Array.isArray(json)) return json.flatMap(badNames);
  return Object.entries(json).flatMap(([name, value]) => [
    ...(/^[a-z][A-Za-z0-9]*$/.test(name) ? [] : [name]),
    ...badNames(value),
  ]);
}
