import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { notificationOf } from '../../../src/backfill/feed-queue.ts';
import type { InputFile } from '../../flow/support/sample.ts';
import { aPlay, aSong, lines } from '../../support/log-events.ts';
import type { CrashStory } from './crash.ts';
import { obey } from '../../support/fault-proxy.ts';
import type { Outcome, Scene } from './scene.ts';

/** Ten messages at most: one receive takes all of them, so that every run makes the same batches. */
const FILES: readonly InputFile[] = [
  file('song_data/A/TR1.json', JSON.stringify(aSong())),
  file('song_data/A/TR2-broken.json', '{"song_id": "SO2", '),
  file('song_data/A/TR3-no-id.json', JSON.stringify(aSong({ song_id: null }))),
  file('log_data/1.json', lines(aPlay({ sessionId: 1 }), aPlay({ sessionId: 2, userId: 'nobody' }))),
  file('log_data/2-broken.json', `${lines(aPlay({ sessionId: 3 }))}{"artist": "cut off\n`),
  file('log_data/3.json.gz', gzipSync(lines(aPlay({ sessionId: 4, userId: '26', ts: 1542672142796 })))),
  file('log_data/a-folder/', ''),
];
export const ONE_LOG = file('log_data/1.json', lines(aPlay()));

export const PUBLISH = 'statement "sparkify publish"';
export const UNTIL_IDLE = ['consume', '--until-idle'];

/** A batch of every lane, with files and rows that do not fit, and a file that is announced twice. */
export const LOADS: CrashStory = {
  name: 'a consumer',
  about: [PUBLISH, 'ReceiveMessage', 'DeleteMessageBatch'],
  async prepare(scene) {
    await scene.migrate();
    for (const each of FILES) await scene.put(each);
    await announceAgain(scene, 'log_data/1.json');
  },
  run: async (scene) => await scene.start(UNTIL_IDLE).end,
  recover: consumeTheRest,
  look: lookAtEverything,
  // The tables are a function of the bucket, and all runs of a story have the same bucket.
  prove: async (scene) => await scene.run(['verify']),
};

/** An unreadable message. Moving it is a copy and a deletion: a crash between them may leave two copies. */
export const PARKS: CrashStory = {
  ...LOADS,
  name: 'a consumer that parks a message',
  about: ['SendMessage'],
  async prepare(scene) {
    await scene.migrate();
    await scene.put(ONE_LOG);
    await scene.send('{"hello": "world"}');
  },
  async look(scene) {
    const letters = await scene.deadLetters();
    expect(letters.length).toBeGreaterThan(0);
    expect(letters.length).toBeLessThanOrEqual(2);
    for (const { Body, MessageAttributes } of letters) {
      expect(Body).toBe('{"hello": "world"}');
      expect(MessageAttributes?.['SparkifyReason']?.StringValue).not.toBe('');
    }
    expect(await scene.messagesLeft(), 'messages in the queue').toBe(0);
    return await scene.outcome();
  },
};

/** A load that outlives half a lease: its publishing transaction is on its way until a lease was renewed. */
export const RENEWS: CrashStory = {
  ...LOADS,
  name: 'a consumer with a slow load',
  about: ['ChangeMessageVisibilityBatch'],
  async prepare(scene) {
    await scene.migrate();
    await scene.put(ONE_LOG);
  },
  async run(scene, decide) {
    const program = scene.start(UNTIL_IDLE, { SPARKIFY_VISIBILITY_SECONDS: '10' });
    let renewed = (): void => undefined;
    const renewal = new Promise<void>((resolve) => (renewed = resolve));
    decide(async (effect, forward) => {
      if (effect?.name === PUBLISH) await Promise.race([renewal, program.end]);
      if (effect?.name === 'ChangeMessageVisibilityBatch') renewed();
      return await obey(effect, forward);
    });
    return await program.end;
  },
};

/** Told to stop while a load waits for the lock, it gives the load up and hands its messages back. */
export const STOPS: CrashStory = {
  ...RENEWS,
  name: 'a consumer that is told to stop',
  // It was to empty the queue.
  code: 130,
  about: ['CancelStatement', 'ChangeMessageVisibilityBatch to 0'],
  async run(scene, decide) {
    const release = await holdLock(scene);
    // Waiting for the end of a statement is then a separate call.
    scene.proxy.rewriteBody = (operation, body) =>
      operation.endsWith('ExecuteStatement') ? body.replace(/"WaitTimeSeconds":\d+/, '"WaitTimeSeconds":1') : body;
    const program = scene.start(UNTIL_IDLE, { SPARKIFY_DRAIN_SECONDS: '0' });
    let waits = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    let isSubmitted = false;
    decide(async (effect, forward) => {
      if (isSubmitted && effect === null) waits();
      const fate = await obey(effect, forward);
      isSubmitted ||= effect?.name === PUBLISH;
      return fate;
    });
    await Promise.race([waiting, program.end]);
    program.kill('SIGTERM');
    const end = await program.end;
    await release();
    return end;
  },
};

/** The same bucket, by listing it. The notifications find everything done afterwards. */
export const BACKFILLS: CrashStory = {
  ...LOADS,
  name: 'a backfill',
  // It quarantines a file.
  code: 1,
  about: [PUBLISH],
  run: async (scene) => await scene.start(['backfill']).end,
  async recover(scene) {
    await scene.run(['backfill']);
    await consumeTheRest(scene);
  },
};

const OPERATOR = { SPARKIFY_OPERATOR: 'crash test' };
/** What two logs have, and one that is to go. */
async function loadTwoLogs(scene: Scene): Promise<void> {
  await scene.migrate();
  await scene.put(ONE_LOG);
  await scene.put(file('log_data/2.json', lines(aPlay({ sessionId: 7, userId: '8' }), aPlay({ level: 'free' }))));
  await scene.run(UNTIL_IDLE);
}

/** A person takes a log back. Whoever is killed asks again. */
export const RETRACTS: CrashStory = {
  ...LOADS,
  name: 'a retraction',
  about: [PUBLISH, 'statement "sparkify preview"'],
  prepare: loadTwoLogs,
  run: async (scene) => await scene.start(RETRACT, OPERATOR).end,
  recover: async (scene) => await scene.run(RETRACT, OPERATOR),
};
const RETRACT = ['retract', 'log_data/2.json', '--why', 'a crash test', '--yes', '--max-files', '1'];

/** A person loads retracted and damaged rows again. */
export const RELOADS: CrashStory = {
  ...LOADS,
  name: 'a reload',
  about: [PUBLISH],
  async prepare(scene) {
    await loadTwoLogs(scene);
    await scene.run(RETRACT, OPERATOR);
    await scene.world.pool.query(`update ${scene.place.schema}.songplays set level = 'damaged'`);
  },
  run: async (scene) => await scene.start(RELOAD, OPERATOR).end,
  recover: async (scene) => await scene.run(RELOAD, OPERATOR),
  /** Each run that commits is a batch of its own. */
  async look(scene) {
    const { ledger, star } = await lookAtEverything(scene);
    return { star, ledger: ledger.filter((line) => !line.startsWith('(batches,')) };
  },
};
const RELOAD = ['reload', 'log_data/1.json', 'log_data/2.json'];

/** A dead letter that announces a file goes to the queue again: a crash may leave it in both queues. */
export const REDRIVES: CrashStory = {
  ...LOADS,
  name: 'a redrive of a dead letter',
  about: ['SendMessageBatch', 'DeleteMessage'],
  async prepare(scene) {
    await scene.migrate();
    const { bucket, deadLetterQueueUrl } = scene.place;
    await scene.put(ONE_LOG);
    const object = { bucket, key: ONE_LOG.key, etag: 'f'.repeat(32), size: 1, eventTimeMs: 1_542_672_000_000 };
    await scene.send(notificationOf(object), deadLetterQueueUrl);
  },
  run: async (scene) => await scene.start(REDRIVE).end,
  async recover(scene) {
    await scene.run(REDRIVE);
    await consumeTheRest(scene);
  },
};
const REDRIVE = ['dead-letters', 'redrive', '--reason', 'moved by SQS'];

/** Dead letters go, and their bodies are in a file. */
export const DELETES: CrashStory = {
  ...REDRIVES,
  name: 'a deletion of dead letters',
  about: ['DeleteMessage'],
  async prepare(scene) {
    await scene.migrate();
    await scene.send('not for us', scene.place.deadLetterQueueUrl);
  },
  run: async (scene) => await scene.start(deletion(scene)).end,
  recover: async (scene) => await scene.run(deletion(scene)),
  async look(scene) {
    const folder = folderOf(scene);
    const saved = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(saved.length).toBeGreaterThan(0);
    for (const text of saved) expect(text).toContain('"body":"not for us"');
    return await lookAtEverything(scene);
  },
};

function deletion(scene: Scene): readonly string[] {
  const folder = folderOf(scene);
  mkdirSync(folder, { recursive: true });
  scene.atEnd(async () => await rm(folder, { recursive: true, force: true }));
  const file = join(folder, `${readdirSync(folder).length}.jsonl`);
  return ['dead-letters', 'delete', '--all', '--yes', '--save', file];
}

function folderOf({ place }: Scene): string {
  return join(tmpdir(), `${place.schema}-letters`);
}

export const MIGRATES: CrashStory = {
  name: 'a migration',
  about: [],
  prepare: () => Promise.resolve(),
  run: async (scene) => await scene.start(['migrate']).end,
  recover: async (scene) => await scene.run(['migrate']),
  look: describeTables,
};

/** From tables with rows in them to new ones. */
export const RESETS: CrashStory = {
  ...MIGRATES,
  name: 'a migration that starts afresh',
  prepare: async (scene) => await scene.migrate(),
  run: async (scene) => await scene.start(['migrate', '--reset', '--yes']).end,
  recover: async (scene) => await scene.run(['migrate', '--reset', '--yes']),
};

/** Compares tables that are as they should be. */
export const VERIFIES: CrashStory = {
  ...LOADS,
  name: 'a verification',
  about: [],
  async prepare(scene) {
    await LOADS.prepare(scene);
    await scene.run(UNTIL_IDLE);
  },
  run: async (scene) => await scene.start(['verify']).end,
  /** Two days later, when what the killed run left behind is not in use by anybody. */
  async recover(scene) {
    for (const scratch of await scratchSchemas(scene)) {
      await scene.world.pool.query(
        `update ${scratch}.sparkify_verify_run set started_at = started_at - interval '49 hours'`,
      );
    }
    await scene.run(['verify']);
  },
  async look(scene) {
    const outcome = await lookAtEverything(scene);
    expect(await scratchSchemas(scene), 'the scratch schemas').toEqual([]);
    return outcome;
  },
};

async function scratchSchemas({ place, world }: Scene): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ name: string }>(
    'select nspname as name from pg_catalog.pg_namespace where starts_with(nspname, $1)',
    [`${place.schema}_verify_`],
  );
  return rows.map(({ name }) => name);
}

/** The promises about the end of every run: no message is left anywhere, each row is there, and there once. */
async function lookAtEverything(scene: Scene): Promise<Outcome> {
  expect(await scene.messagesLeft(), 'messages in the queue').toBe(0);
  expect(await scene.deadLetters(), 'messages in the dead-letter queue').toEqual([]);
  expect(await scene.publishedTwice(), 'statements that ran twice').toEqual([]);
  return await scene.outcome();
}

async function consumeTheRest(scene: Scene): Promise<void> {
  await scene.run(UNTIL_IDLE);
}

async function announceAgain(scene: Scene, key: string): Promise<void> {
  const { bucket } = scene.place;
  const object = { key, size: 1, eTag: 'f'.repeat(32), sequencer: '00' };
  const record = { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' };
  const s3 = { s3SchemaVersion: '1.0', bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` }, object };
  await scene.send(
    JSON.stringify({ Records: [{ ...record, awsRegion: 'us-east-1', eventTime: '2018-11-20T00:00:00.000Z', s3 }] }),
  );
}

async function describeTables(scene: Scene): Promise<unknown> {
  const { rows } = await scene.world.pool.query(
    `select table_name, column_name, data_type, is_nullable from information_schema.columns
     where table_schema = $1 order by table_name, ordinal_position`,
    [scene.place.schema],
  );
  const applied = await scene.world.pool.query(
    `select number, name, checksum from ${scene.place.schema}.schema_migrations order by number`,
  );
  expect(applied.rows.length).toBeGreaterThan(0);
  return { columns: rows, applied: applied.rows };
}

async function holdLock(scene: Scene): Promise<() => Promise<void>> {
  const client = await scene.world.pool.connect();
  await client.query('begin');
  await client.query(`lock table ${scene.place.schema}.ingest_lock_9 in access exclusive mode`);
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    await client.query('rollback');
    client.release();
  };
  scene.atEnd(release);
  return release;
}

function file(key: string, body: string | Uint8Array): InputFile {
  return { key, body: typeof body === 'string' ? new TextEncoder().encode(body) : body };
}
