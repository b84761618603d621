import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { notificationOf } from '../../src/backfill/feed-queue.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { SparkifyProcess, runSparkify } from '../support/sparkify-process.ts';
import type { ProcessEnd } from '../support/sparkify-process.ts';
import { useStack, waitUntil } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const stack = useStack();
const RIGHT = 'log_data/right.json';
const WRONG = 'log_data/wrong.json';
const SONG = 'song_data/a.json';
const WHY = ['--why', "the names of a trial: o'clock \\"];
const events = Array.from({ length: 50 }, (_, n) => aPlay({ sessionId: n, userId: String(n % 9), firstName: 'Right' }));

let place: TestPlace;
let loading: Loading;
let consumer: SparkifyProcess;
let wrong: FileEvent;
/** The star without the wrong file. */
let before: unknown;

beforeAll(async () => {
  place = await stack.place();
  loading = await startLoading(stack, place);
  const settings = { ...place.environment, SPARKIFY_LINGER_MS: '100' };
  consumer = new SparkifyProcess({ args: ['consume'], environment: settings });
  await loading.put(SONG, JSON.stringify(aSong()));
  await loading.put(RIGHT, lines(...events));
  await settled(2);
  before = await loading.star();
  const names = events.map((event, n) => ({ ...event, firstName: 'Wrong', ts: Number(event['ts']) + 3_600_000 + n }));
  wrong = await loading.put(WRONG, lines(...names, ...events.slice(0, 6)));
  await settled(3);
  return async () => await consumer.dispose();
});

/** The ledger has so many entries of files. */
async function settled(entries: number): Promise<void> {
  await waitUntil(async () => (await loading.rows('select 1 from ingest_files')).length >= entries, {
    what: `${entries} entries in the ledger`,
  });
}

async function run(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<ProcessEnd> {
  return await runSparkify({ args, environment: { ...place.environment, ...settings } });
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stderr, stdout } = await run([...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('each guard of a retraction refuses, and changes nothing', async () => {
  const refused = await Promise.all([
    run(['retract', WRONG]),
    run(['retract', WRONG, SONG, ...WHY]),
    run(['retract', 'elsewhere/a.json', ...WHY]),
    run(['retract', 'log_data/nowhere.json', ...WHY, '--yes']),
    run(['retract', WRONG, ...WHY, '--yes']),
    run(['retract', WRONG, RIGHT, ...WHY, '--yes', '--max-files', '1']),
    run(['retract', WRONG, ...WHY, '--max-files', '1']),
    run(['reload', WRONG, '--quarantined']),
  ]);
  expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 2));
  const sentences = [
    "required option '--why <text>'",
    'one command for logs and one for songs',
    'is not a log or a song',
    'the bucket has no such object',
    '50 of the 100 rows of songplays, which is more than 10 %',
    '2 files, which is more than --max-files 1',
    'no terminal to ask on: add --yes',
    'name the files in one way',
  ];
  for (const [at, sentence] of sentences.entries()) expect(refused[at]?.stderr).toContain(sentence);

  const { plan } = await json('retract', WRONG, ...WHY, '--dry-run');
  expect(plan).toMatchObject({
    objects: [{ key: WRONG, status: 'live' }],
    tables: [
      { table: 'songplays', removed: 50, changed: 0 },
      { table: 'users', removed: 0, changed: 9 },
      { table: 'time', removed: 50, changed: 0 },
    ],
  });
  expect((await loading.star())['songplays']).toHaveLength(100);
});

test('a file with wrong names goes by the command of two operators at once, and nobody keeps a wrong name', async () => {
  const command = ['retract', WRONG, ...WHY, '--yes', '--max-files', '1'];
  const ends = await Promise.all([run(command, { SPARKIFY_OPERATOR: 'Ann' }), run(command)]);
  // The other one finds that nothing is left, or that the plan changed.
  expect(ends.some(({ code }) => code === 0)).toBe(true);
  for (const { code, stderr } of ends) if (code !== 0) expect(stderr).toContain('[plan_changed]');
  expect(await loading.star()).toEqual(before);
  const batches = await loading.rows("select operator, action, why from ingest_batches where source = 'operator'");
  expect(batches).toHaveLength(1);
  expect(['Ann', 'root']).toContain(batches[0]?.['operator']);
  expect(batches[0]).toMatchObject({ action: 'retract', why: WHY[1] });
  expect((await run(['history'])).stdout).toMatch(/retract .*(?:Ann|root)/);

  const again = await run(command);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is retracted already') as unknown });
});

test('late notices, a backfill and a verification leave the retracted version alone, and name it', async () => {
  const MessageBody = notificationOf({ ...wrong, eventTimeMs: wrong.eventTimeMs + 60_000 });
  for (let n = 0; n < 2; n += 1)
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: place.queueUrl, MessageBody }));
  const backfill = await run(['backfill']);
  expect(backfill).toMatchObject({ code: 0 });
  expect(backfill.stderr).toContain(`Left alone 1 retracted file: ${WRONG}`);
  expect((await run(['reload', '--prefix', 'log_data/'])).stderr).toContain(`Left alone 1 retracted file: ${WRONG}`);
  await waitUntil(
    async () => {
      const { inFlight, visible } = await stack.queueCounts(place.queueUrl);
      return visible + inFlight === 0;
    },
    { what: 'an empty queue' },
  );
  expect(await json('verify')).toMatchObject({
    equal: true,
    notCompared: { files: 1, rows: 0, examples: [{ key: WRONG, fate: 'retracted' }] },
  });
  expect(await loading.star()).toEqual(before);
});

test('a reload of the key loads the version again; a reload of what verify names mends damaged rows only', async () => {
  expect(await json('reload', WRONG, '--dry-run')).toMatchObject({ lacking: 1, batches: 0 });
  expect(await loading.star()).toEqual(before);
  const [one, other] = await Promise.all([json('reload', WRONG), json('reload', WRONG)]);
  for (const { files } of [one, other]) expect(files).toMatchObject({ retracted: 0, quarantined: 0 });
  const whole = await loading.star();
  expect(whole['songplays']).toHaveLength(100);

  const folder = mkdtempSync(join(tmpdir(), 'sparkify-operators-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const keys = join(folder, 'keys.txt');
  await loading.rows(
    `delete from songplays where session_id = 3; update users set first_name = 'Damaged' where user_id = 4`,
  );
  expect((await run(['verify', '--keys', keys])).code).toBe(1);
  expect(await json('reload', '--keys-from', keys, '--why', 'rows were damaged')).toMatchObject({
    rows: { inserted: expect.any(Number) as number, updated: 1, removed: 0 },
  });
  expect(await loading.star()).toEqual(whole);
  expect((await run(['verify'])).code).toBe(0);
});

test('what there is not is named: a quarantined file without rows, an unknown batch, a day without logs', async () => {
  await loading.put('log_data/broken.json', '{broken');
  await settled(4);
  const retracted = await run(['retract', 'log_data/broken.json', ...WHY, '--yes']);
  expect(retracted).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('log_data/broken.json is quarantined and has no rows to retract') as string,
  });
  const [batch, day] = await Promise.all([
    run(['reload', '--batch', '20181115T120000-000000000000']),
    run(['reload', '--day', '1999-01-01']),
  ]);
  expect(batch).toMatchObject({ code: 2, stderr: expect.stringContaining('no log or song of batch') as string });
  expect(day).toMatchObject({ code: 0, stderr: expect.stringContaining('No loaded log has events') as string });
});
