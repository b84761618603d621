import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ERROR_POLICY } from '../../../src/core/verdict.ts';
import { useStack } from '../../support/stack.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { Consuming, NO_CREDENTIALS } from './support/consuming.ts';
import { errorAnswer } from './support/error-answer.ts';
import { trials } from './support/trials.ts';
import type { Trial } from './support/trials.ts';
import type { Call } from './support/wire.ts';

const stack = useStack();
let consuming: Consuming;

beforeAll(async () => {
  consuming = await Consuming.begin(stack);
});
afterAll(async () => {
  await consuming.end();
});

beforeEach(async () => {
  await consuming.calm();
});

/** From now on the wire does to every such call what the trial says. @returns the key of a file that comes now. */
async function strike({ at, fate, meets }: Trial): Promise<string> {
  const before = consuming.wire.calls.length;
  if (fate.kind === 'hang') consuming.patience(500);
  consuming.wire.decide((call) => (meets(call) ? fate : null));
  // A receive that is under way still brings what comes.
  const isMet = () => consuming.wire.calls.slice(before).some(meets);
  if (at === 'sqs') await waitUntil(isMet, { what: 'a receive that fails' });
  return await consuming.put('log');
}

const named = (list: readonly Trial[]) => list.map((trial) => [trial.name, trial] as const);

describe('an error with the verdict wait pauses the intake, burns no receive counts, and the intake resumes automatically', () => {
  it.each(named(trials('wait')))('%s', async (_name, trial) => {
    const { code, at } = trial;
    const from = consuming.events.length;
    const reason = `${at === 'sqs' ? 'queue' : 'load'}: ${code}`;
    const key = await strike(trial);
    const pause = await consuming.until(`the pause "${reason}"`, () =>
      consuming.consumer.snapshot().pauses.find((one) => one.reason === reason),
    );
    expect(consuming.consumer.snapshot().state).toBe('paused');
    expect(pause.sentence).toContain(trial.seen);
    expect(consuming.events.slice(from)).toContainEqual({ kind: 'intake.paused', reason, sentence: pause.sentence });
    if (at === 'sqs') {
      const asked = () => consuming.wire.calls.filter(({ operation }) => operation === 'ReceiveMessage').length;
      const before = asked();
      await consuming.until('two more receives', () => asked() >= before + 2);
    } else {
      await consuming.until('two attempts', () => consuming.retries(code, from).length >= 2);
      consuming.expectDelaysWithinVerdict(code, from);
    }
    // The same pause all along: it tells since when.
    expect(consuming.consumer.snapshot().pauses).toEqual([expect.objectContaining({ reason, sinceMs: pause.sinceMs })]);

    consuming.patience();
    consuming.wire.decide(null);
    expect((await consuming.settled(key)).status).toBe('loaded');
    await consuming.until('the end of the pause', () => consuming.consumer.snapshot().pauses.length === 0);
    expect(consuming.receiveCount(key)).toBe(1);
  });
});

it('credentials that are missing for a while pause the intake, burn no receive counts, and the intake resumes automatically', async () => {
  consuming.hasCredentials = false;
  const reason = 'queue: credentials_expired';
  const pause = await consuming.until('the pause', () =>
    consuming.consumer.snapshot().pauses.find((one) => one.reason === reason),
  );
  expect(pause.sentence).toContain(NO_CREDENTIALS);
  const key = await consuming.put('log');
  consuming.hasCredentials = true;
  expect((await consuming.settled(key)).status).toBe('loaded');
  expect(consuming.receiveCount(key)).toBe(1);
});

it('a refusal of every song object pauses the intake, burns no receive counts, settles nothing, and the intake resumes automatically', async () => {
  const denied = errorAnswer('s3', { name: 'AccessDenied', status: 403, message: 'As it was seen' });
  consuming.wire.decide(({ key, operation }) =>
    operation === 'GetObject' && key.includes('/song_data/') ? { kind: 'answer', answer: denied } : null,
  );
  const key = await consuming.put('song');
  const reason = 'load: bucket_unreadable';
  const pause = await consuming.until('the pause', () =>
    consuming.consumer.snapshot().pauses.find((one) => one.reason === reason),
  );
  expect(pause.sentence).toContain('As it was seen');
  consuming.wire.decide(null);
  expect((await consuming.settled(key)).status).toBe('loaded');
  expect(consuming.receiveCount(key)).toBe(1);
});

describe('an error with the verdict retry is retried within the delays of its code', () => {
  it.each(named(trials('retry').filter(({ at }) => at !== 'sqs')))('%s', async (_name, trial) => {
    const { code } = trial;
    const from = consuming.events.length;
    const key = await strike(trial);
    await consuming.until('two attempts', () => consuming.retries(code, from).length >= 2);
    consuming.expectDelaysWithinVerdict(code, from);
    expect(consuming.retries(code, from)[0]?.sentence).toContain(trial.seen);
    expect(consuming.events.slice(from).filter(({ kind }) => kind === 'intake.paused')).toEqual([]);

    consuming.wire.decide(null);
    expect((await consuming.settled(key)).status).toBe('loaded');
    expect(consuming.receiveCount(key)).toBe(1);
  });
});

describe('an error about one file quarantines that file and loads the others', () => {
  const ofStatements = trials('file').filter(({ fate }) => fate.kind === 'failed_statement');
  it.each(named(ofStatements.filter(({ code }) => code !== 'object_missing')))('%s', async (_name, trial) => {
    const marked: string[] = [];
    // COPY fails for as long as rows of the file are in its parts.
    consuming.wire.decide(async (call) => ((await copies(call, marked)) ? trial.fate : null));
    await consuming.stopped();
    const good = await consuming.put('log');
    const bad = await consuming.put('log');
    marked.push(bad);
    await consuming.until('a consumer', () => consuming.consumer);
    const settled = await consuming.settled(bad);
    expect(settled).toMatchObject({ status: 'quarantined', error_code: 'refused_by_warehouse' });
    expect(settled.reason).toContain(trial.seen.replaceAll(/\s+/g, ' '));
    expect((await consuming.settled(good)).status).toBe('loaded');
    expect(consuming.receiveCount(bad)).toBe(1);
  });

  it.each(named(ofStatements.filter(({ code }) => code === 'object_missing')))(
    '%s: somebody removed a part, and the load is begun again',
    async (_name, trial) => {
      let failures = 0;
      consuming.wire.decide((call) => {
        const fails = trial.meets(call) && failures < 2;
        if (fails) failures += 1;
        return fails ? trial.fate : null;
      });
      const key = await consuming.put('log');
      expect((await consuming.settled(key)).status).toBe('loaded');
      expect(failures).toBe(2);
      expect(consuming.receiveCount(key)).toBe(1);
    },
  );

  it.each(named(trials('file').filter(({ fate }) => fate.kind === 'answer')))('%s', async (_name, trial) => {
    const marked: string[] = [];
    consuming.wire.decide((call) =>
      trial.meets(call) && marked.some((one) => call.key.includes(`/${one}`)) ? trial.fate : null,
    );
    await consuming.stopped();
    const good = await consuming.put('song');
    const bad = await consuming.put('song');
    marked.push(bad);
    await consuming.until('a consumer', () => consuming.consumer);
    const settled = await consuming.settled(bad);
    expect(settled.status).toBe(trial.code === 'object_missing' ? 'missing' : 'quarantined');
    if (trial.code === 'object_unreadable') expect(settled).toMatchObject({ error_code: trial.code });
    expect((await consuming.settled(good)).status).toBe('loaded');
  });
});

describe('a fatal error ends the consumer with its sentence; the message is still in the queue', () => {
  it.each(named(trials('stop')))('%s', async (_name, trial) => {
    const key = await strike(trial);
    const end = await consuming.ended();
    expect(end).toMatchObject({ reason: 'failed', error: { code: trial.code } });
    expect(end.error?.message).toContain(trial.seen);
    await expectMessageInQueue();

    consuming.wire.decide(null);
    await consuming.until('another consumer', () => consuming.consumer);
    expect((await consuming.settled(key)).status).toBe('loaded');
  });
});

describe('an unknown error is retried within bounds and then ends the consumer', () => {
  it.each(named(trials('retry').filter(({ code }) => code === 'unknown')))('%s', async (_name, trial) => {
    const verdict = ERROR_POLICY.unknown.then;
    const limit = verdict.kind === 'retry' ? verdict.limit : 0;
    const from = consuming.events.length;
    const before = consuming.wire.calls.length;
    const key = await strike(trial);
    const end = await consuming.ended();
    expect(end).toMatchObject({ reason: 'failed', error: { code: 'unknown' } });
    expect(end.error?.message).toContain(trial.seen);
    const met = consuming.wire.calls.slice(before).filter(trial.meets).length;
    if (trial.at === 'sqs') expect(met).toBeGreaterThanOrEqual(limit + 1);
    else expect(consuming.retries('unknown', from)).toHaveLength(limit);
    expect(met).toBeLessThanOrEqual(limit + 2);
    await expectMessageInQueue();

    consuming.wire.decide(null);
    await consuming.until('another consumer', () => consuming.consumer);
    expect((await consuming.settled(key)).status).toBe('loaded');
  });
});

/** S3 announces a file a moment after it took it. */
async function expectMessageInQueue(): Promise<void> {
  const inQueue = async () => (await consuming.messages()).visible === 1;
  await waitUntil(inQueue, { what: 'the message to be visible' });
  expect(await consuming.messages()).toMatchObject({ visible: 1, inFlight: 0 });
}

/** Whether a statement COPYs rows of one of these files into staging, by the list beside its manifest. */
async function copies({ operation, sqls }: Call, keys: readonly string[]): Promise<boolean> {
  if (operation !== 'BatchExecuteStatement') return false;
  for (const sql of sqls) {
    const [, bucket, key] = /\bfrom\s+'s3:\/\/([^/']+)\/([^']+)'[\s\S]*\bmanifest\b/i.exec(sql) ?? [];
    if (bucket === undefined || key === undefined) continue;
    const list = key.replace(/[^/]+$/, 'batch.json');
    const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket: bucket, Key: list }));
    const { files } = JSON.parse((await Body?.transformToString()) ?? '') as BatchList;
    if (files.some((file) => keys.includes(file.key) && (file.parts ?? []).length > 0)) return true;
  }
  return false;
}

/** `parts` hold rows of the file; a quarantined file has none. */
type BatchList = { readonly files: readonly { readonly key: string; readonly parts?: readonly string[] }[] };
