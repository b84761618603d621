import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { beforeAll, expect, test } from 'vitest';
import { consumerReport, NO_MEMORY, remember, reportKey } from '../../src/core/intake/consumer-report.ts';
import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { runSparkify, SparkifyProcess } from '../support/sparkify-process.ts';
import type { ProcessEnd } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';

const stack = useStack();
const HOSTILE = `log_data/o'; drop table songplays; -- \\ \u202e"\n.json`;
const LONGEST = `log_data/${'ü'.repeat(505)}.json`;
const PLAYS = [
  aPlay({ itemInSession: 1 }),
  aPlay({ itemInSession: 2, song: 'read my mind ' }),
  aPlay({ itemInSession: 3, length: 200 }),
  aPlay({ itemInSession: 4, artist: 'BjÃ¶rk', song: 'JÃ³ga', length: 305 }),
  aPlay({ itemInSession: 5, artist: 'BjÃ¶rk', song: 'JÃ³ga', length: 305, userId: '26', firstName: 'Ada' }),
];

let place: TestPlace;
let loading: Loading;
/** Everything that the commands could change. */
let before: unknown;

async function load(lane: 'logs' | 'songs', key: string, body: string): Promise<string> {
  const { batchId } = await loading.load(lane, [await loading.put(key, body)], {
    openedAtMs: Date.now(),
    closedAtMs: Date.now(),
  });
  return batchId;
}

beforeAll(async () => {
  place = await stack.place({ notifiedPrefixes: [] });
  loading = await startLoading(stack, place);
  await load('songs', 'song_data/k.json', JSON.stringify(aSong()));
  await load(
    'songs',
    'song_data/b.json',
    JSON.stringify(aSong({ song_id: 'SOJOGA', title: 'Jóga', artist_name: 'Björk', duration: 305 })),
  );
  await load('logs', 'log_data/a.json', lines(...PLAYS));
  await load('logs', HOSTILE, lines(aPlay({ sessionId: 2 })));
  await load('logs', LONGEST, lines(aPlay({ sessionId: 3 })));
  await load('logs', 'log_data/worse.json', 'no JSON');
  await load('logs', 'log_data/solved.json', 'no JSON');
  await load('logs', 'log_data/solved.json', lines(aPlay({ sessionId: 4 })));
  const rows = [aPlay({ sessionId: 5, ts: 'yesterday' }), aPlay({ sessionId: 6 })];
  await load('logs', 'log_data/rejects.json', `${lines(...rows)}{"page":"NextSong"\n`);
  before = await everything();
});

async function everything(): Promise<unknown> {
  const ledger = [
    'ingest_files',
    'ingest_batches',
    'ingest_totals',
    'ingest_objects',
    'ingest_open',
    'rejected_rows',
    'schema_migrations',
  ];
  const rows = await Promise.all(
    ledger.map(async (table) => await loading.rows(`select * from ${table} order by 1, 2, 3`)),
  );
  return { star: await loading.star(), rows };
}

async function run(...args: readonly string[]): Promise<ProcessEnd> {
  return await runSparkify({ args, environment: place.environment });
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stderr, stdout } = await run(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const IDLE: ConsumerSnapshot = {
  ...{ state: 'consuming', pauses: [], heldMessages: 0, heldFiles: 0, filesByLane: { songs: 0, logs: 0, ignored: 0 } },
  ...{ oldestHeldAtMs: null, oldestPutHeldAtMs: null },
  ...{ lastReceiveWasEmpty: true, receivers: 1, receiveUnderWaySinceMs: null, loadInFlight: null, batchesWaiting: 0 },
  ...{ rest: null, lastCommitAtMs: null },
};

/** Writes the state of a consumer, as a consumer does. */
async function writeReport(consumer: string, snapshot: Partial<ConsumerSnapshot>): Promise<void> {
  const atMs = Date.now();
  const who = { consumer, version: '1.2.3', queueUrl: place.queueUrl, startedAtMs: atMs };
  const example = { bucket: place.bucket, key: 'log_data/a.json', lineNumber: 7 };
  const drift = { dataset: 'logs', change: 'unknown', key: 'device', count: 3, example } as const;
  const memory = remember(NO_MEMORY, { kind: 'schema.drifted', isFirst: true, drift }, atMs);
  await putState(consumer, JSON.stringify(consumerReport(who, { ...IDLE, ...snapshot }, memory, atMs)));
}

async function putState(consumer: string, body: string): Promise<void> {
  const Key = reportKey('sparkify-work/', consumer);
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key, Body: body }));
}

test('status shows totals, open files, the last batches, consumers and the queue; --check exits with 1 and the reasons', async () => {
  const filesByLane = { songs: 0, logs: 2, ignored: 0 };
  await writeReport('c-1', { heldFiles: 2, filesByLane, oldestPutHeldAtMs: Date.now() - 5_000 });
  await writeReport('c-2', {
    state: 'paused',
    pauses: [{ reason: 'load: disk_full', sentence: 'The disk is full.', sinceMs: Date.now() }],
  });
  await putState('c-3', '{"edited": "by hand"}');
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: place.queueUrl, MessageBody: 'x' }));
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: place.deadLetterQueueUrl, MessageBody: 'x' }));

  const status = await json('status');
  expect(status).toMatchObject({
    behind: { isAtLeast: true },
    waiting: { songs: 0, logs: 2, ignored: 0 },
    queue: { visible: 1, inFlight: 0, deadLetters: 1 },
    drift: [{ change: 'unknown', key: 'device', count: 6 }],
    warehouse: {
      datasets: [
        { dataset: 'ignored', batches: 0, filesLoaded: 0, lastPublishedAt: null },
        { dataset: 'logs', filesLoaded: 5, openQuarantined: 1, openRejected: 1, rowsRejected: 2 },
        { dataset: 'songs', filesLoaded: 2, openQuarantined: 0, openRejected: 0, rows: 3 },
      ],
      batches: [{ dataset: 'logs', files: 1, rows: { rejected: 2 } }, {}, {}, {}, {}, {}, {}, {}],
      open: [
        { key: 'log_data/rejects.json', status: 'loaded', rowsRejected: 2 },
        { key: 'log_data/worse.json', status: 'quarantined', errorCode: 'not_json_objects' },
      ],
      lock: [],
    },
  });
  expect((status['behind'] as { ms: number }).ms).toBeGreaterThanOrEqual(5_000);

  const { stdout } = await run('status');
  for (const shown of ['behind: at least', 'c-1', '1 dead letter', 'log_data/worse.json', 'device'])
    expect(stdout).toContain(shown);

  const check = await run('status', '--check');
  expect(check.code).toBe(1);
  for (const reason of ['c-2 has been paused for', '1 quarantined file', 'dead-letter queue', 'c-3.json is not']) {
    expect(check.stdout).toContain(reason);
  }
});

test('status names the session that holds the publish lock, and the statement that ends it', async () => {
  const holder = await stack.pool.connect();
  try {
    await holder.query(`begin; lock table "${place.schema}".ingest_lock_9`);
    const { rows } = await holder.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    const { warehouse } = await json('status');
    expect(warehouse).toMatchObject({
      lock: [{ pid, isGranted: true, endStatement: `select pg_terminate_backend(${pid})` }],
    });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});

test('status --watch asks the warehouse once a minute, and ends with 0 on SIGINT', async () => {
  const args = ['status', '--watch', '--json'];
  const watching = new SparkifyProcess({ args, environment: place.environment });
  const statuses = await watching.waitFor('two statuses', (process) => {
    const seen = process.logLines();
    return seen.length >= 2 ? seen : undefined;
  });
  watching.kill('SIGINT');
  expect((await watching.end).code).toBe(0);
  const askedAt = statuses.map(({ warehouse }) => (warehouse as { askedAtMs: number }).askedAtMs);
  expect(new Set(askedAt).size).toBe(1);
  expect(new Set(statuses.map(({ atMs }) => atMs)).size).toBe(statuses.length);
});

test('status without a warehouse asks none; with another schema it says what to do and shows the rest', async () => {
  expect(await json('status', '--no-warehouse')).toMatchObject({ warehouse: null, queue: { deadLetters: 1 } });
  const environment = { ...place.environment, SPARKIFY_SCHEMA: 'nowhere' };
  const { code, stdout } = await runSparkify({ args: ['status'], environment });
  expect(code).toBe(0);
  expect(stdout).toMatch(/! .*"nowhere".*sparkify migrate/);
  expect(stdout).toContain('1 dead letter');
});

test('history lists batches, and shows one from its opening to its commit with files and rejected rows', async () => {
  const { batches } = (await json('history', '--max', '3')) as { batches: { batchId: string }[] };
  expect(batches).toHaveLength(3);
  const [newest] = batches;
  const { stdout } = await run('history', newest?.batchId ?? '');
  for (const shown of ['log_data/rejects.json', 'rejected rows:', 'query ids', 'usual remedy'])
    expect(stdout).toContain(shown);
  expect((await run('history')).stdout).toContain(newest?.batchId);
  expect(await json('history', '--since', '2099-01-01')).toEqual({ batches: [] });

  const unknown = await run('history', '20000101T000000-0123456789ab');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('has no batch 20000101T000000-0123456789ab; "sparkify history" lists');
  expect((await run('history', `x' or 1=1 --`)).stderr).toContain('is not the id of a batch');
});

test('files shows all versions of a key, and rejected rows with a caret, the reason and the remedy', async () => {
  expect(await json('files', 'log_data/solved.json')).toMatchObject({
    live: { status: 'live', rows: 2 },
    versions: [{ status: 'loaded' }, { status: 'quarantined', errorCode: 'not_json_objects' }],
    rejected: [],
  });
  const { stdout } = await run('files', 'log_data/rejects.json');
  const shown = stdout.split('\n');
  const rowAt = shown.findIndex((line) => line.includes('"ts":"yesterday"'));
  expect(shown[rowAt + 1]?.indexOf('^')).toBe(shown[rowAt]?.indexOf('"yesterday"'));
  expect(stdout).toMatch(/line 1: ts is not a whole number of milliseconds/);
  expect(stdout).toMatch(/line 3: json is malformed/);
  expect(stdout).toContain('usual remedy: write the time in milliseconds since 1970');

  const bad = await run('files', '--bad');
  expect(bad.stdout).toContain('log_data/worse.json: quarantined');
  expect(bad.stdout).toContain("jq -c '.[]'");
  expect(bad.stdout).not.toContain('solved.json');
  expect(await json('files', '--rejected', '--prefix', 'log_data/rej')).toMatchObject({
    rejected: [
      { lineNumber: 1, column: 'ts' },
      { lineNumber: 3, column: 'json' },
    ],
  });
});

test('hostile keys, keys of 1,024 bytes and keys that are nowhere: an answer or a sentence', async () => {
  expect(await json('files', HOSTILE)).toMatchObject({ key: HOSTILE, versions: [{ status: 'loaded' }] });
  expect(await json('files', '--prefix', HOSTILE)).toMatchObject({ files: [{ key: HOSTILE }] });
  expect((await run('files', HOSTILE)).stdout).not.toContain('\u202e');
  expect(Buffer.byteLength(LONGEST)).toBe(1024);
  expect(await json('explain', 'file', `s3://${place.bucket}/${LONGEST}`)).toMatchObject({
    key: LONGEST,
    live: { rows: 2 },
  });
  const answers = {
    [`${LONGEST}x`]: /1 to 1024 bytes.*found 1025 bytes/,
    'log_data/nowhere.json': /no entry of s3.*bucket has no such object/,
    'elsewhere/x.json': /no entry of s3.*below neither/,
  };
  for (const [key, sentence] of Object.entries(answers)) {
    const { code, stderr } = await run('files', key);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  }
  await loading.put('log_data/waiting.json', lines(aPlay()));
  expect((await run('files', 'log_data/waiting.json')).stderr).toContain('has not been loaded');
});

test('explain play names file, line, batch and query ids, and why no song matches', async () => {
  const plays = await loading.rows(
    'select item_in_session as item, songplay_id as id from songplays where session_id = 594',
  );
  const explained = async (item: number) =>
    await json('explain', 'play', String(plays.find((row) => row['item'] === item)?.['id']));
  expect(await explained(1)).toMatchObject({
    songId: 'SOREADMYMIND',
    witness: { key: 'log_data/a.json', lineNumber: 1 },
    batch: { queryIds: [expect.any(Number) as number], files: 1 },
    whyNoSong: null,
  });
  const differs = async (item: number) =>
    ((await explained(item))['candidates'] as { differences: string[] }[])[0]?.differences;
  expect(await differs(2)).toEqual(['title: differs in upper case']);
  expect(await differs(3)).toEqual(['duration: differs by 46.80 s']);
  expect(await differs(4)).toEqual([
    'title: is damaged: UTF-8 was encoded twice',
    'artist: is damaged: UTF-8 was encoded twice',
  ]);
});

test('explain user --objects names the files in which a person is; explain file shows the stages of its load', async () => {
  expect(await json('explain', 'user', '26', '--objects')).toMatchObject({
    firstName: 'Ada',
    witness: { key: 'log_data/a.json', lineNumber: 5 },
    plays: { count: 1 },
    objects: [{ key: 'log_data/a.json', lineNumber: 5, status: 'live' }],
  });
  const { stdout } = await run('explain', 'file', 'log_data/a.json');
  for (const stage of ['opened', 'closed', 'read', 'staged', 'published']) expect(stdout).toContain(stage);
});

test('explain matches shows the share of plays by reason, with damaged text', async () => {
  const { matches } = (await json('explain', 'matches')) as { matches: { reason: string; plays: number }[] };
  expect(Object.fromEntries(matches.map(({ plays, reason }) => [reason, plays]))).toEqual({
    matched: 5,
    no_such_artist: 2,
    other_spelling: 1,
    other_duration: 1,
  });
  const { stdout } = await run('explain', 'matches');
  expect(stdout).toContain('probably Jóga by Björk');
  expect(stdout).toContain('differs by 46.80444 s');
  expect((await run('explain', 'matches', '--since', '2099-01-01')).stdout).toBe('no play in this time\n');
  for (const wrong of [['song'], ['play', 'x'], ['user', '1.5'], ['user', '999'], ['matches', '1']]) {
    expect((await run('explain', ...wrong)).code).toBe(2);
  }
});

test('none of the commands changed a row', async () => {
  expect(await everything()).toEqual(before);
});

test('the totals of status stay right when a publish adds the batches of earlier hours to ingest_totals', async () => {
  const totals = async (): Promise<unknown> => ((await json('status'))['warehouse'] as { datasets: unknown }).datasets;
  const sums = `select dataset, count(*)::int as batches, sum(objects_added)::int as objects,
      sum(rows_inserted - rows_removed)::int as rows_now, sum(rows_rejected)::int as rows_rejected
    from ingest_batches where published_at < now() at time zone 'UTC' - interval '2 hours' group by 1 order by 1`;
  const kept = `select dataset, batches::int, objects::int, rows_now::int, rows_rejected::int from ingest_totals
    where batches > 0 order by 1`;
  await loading.rows("update ingest_batches set published_at = published_at - interval '5 hours'");
  await loading.rows("update ingest_totals set totalled_until = totalled_until - interval '24 hours'");
  const asBefore = await totals();
  expect(await loading.rows(kept)).toEqual([]);

  const another = loading.anotherLoader();
  const now = { openedAtMs: Date.now(), closedAtMs: Date.now() };
  for (const [key, sessionId] of [['log_data/t1.json', 71] as const, ['log_data/t2.json', 72] as const]) {
    const file = await loading.put(key, lines(aPlay({ sessionId })));
    await another(aBatch('logs', [file], now), AbortSignal.timeout(60_000));
    expect(await loading.rows(kept)).toEqual(await loading.rows(sums));
  }
  const more = (asBefore as { dataset: string; batches: number; filesLoaded: number; rows: number }[]).map((one) =>
    one.dataset !== 'logs'
      ? one
      : { ...one, batches: one.batches + 2, filesLoaded: one.filesLoaded + 2, rows: one.rows + 2 },
  );
  expect(await totals()).toMatchObject(
    more.map(({ dataset, batches, filesLoaded, rows }) => ({ dataset, batches, filesLoaded, rows })),
  );
});

test('a ledger that was edited by hand gives answers without what is missing', async () => {
  await loading.rows('delete from ingest_batches; delete from ingest_totals');
  const { stdout } = await run('explain', 'file', 'log_data/a.json');
  expect(stdout).toContain('its batch is not in the ledger');
  await loading.rows(
    `update ingest_files set batch_id = 'x''; --', reason = 'by hand' where object_key = 'log_data/a.json'`,
  );
  await loading.rows(`update ingest_objects set batch_id = 'back\\slash'' --' where object_key = 'log_data/a.json'`);
  expect(await json('explain', 'file', 'log_data/a.json')).toMatchObject({
    batch: null,
    versions: [{ reason: 'by hand' }],
  });
  expect(await json('status')).toMatchObject({ warehouse: { datasets: [], batches: [] } });
});
