import { expect, test } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Loading } from '../support/loading.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;

/** Marks a loaded file as if S3 had denied it. */
async function denied(loading: Loading, where = 'true'): Promise<void> {
  const entry = "set status = 'quarantined', error_code = 'object_denied', reason = 'denied'";
  await loading.rows(`update ingest_files ${entry} where ${where}`);
}

async function entries(loading: Loading): Promise<readonly unknown[]> {
  return (await loading.rows('select status from ingest_files order by event_time')).map(({ status }) => status);
}

test.each(['alone', 'beside a new file'])(
  'a file that was denied is loaded when its notice comes again %s',
  async (how) => {
    const loading = await startLoading(stack);
    const file = await loading.put('log_data/x.json', lines(aPlay({ sessionId: 2 })));
    await loading.load('logs', [file]);
    await denied(loading);
    for (const table of ['songplays', 'ingest_objects', 'users', 'user_sources'])
      await loading.rows(`delete from ${table}`);
    const more = how === 'alone' ? [] : [await loading.put('log_data/y.json', lines(aPlay({ sessionId: 3 })))];
    const { files } = await loading.load('logs', [file, ...more]);
    expect(files.map(({ status }) => status)).toEqual(['loaded', ...more.map(() => 'loaded')]);
    expect(new Set(await entries(loading))).toEqual(new Set(['loaded']));
    expect((await loading.counts())['songplays']).toBe(1 + more.length);
  },
);

test('an event with two ledger entries, one quarantined, does not block a batch', async () => {
  const loading = await startLoading(stack);
  const bad = await loading.put('log_data/x.json', 'no JSON');
  const later = (file: FileEvent): FileEvent => ({ ...file, eventTimeMs: file.eventTimeMs + HOUR_MS });
  await loading.load('logs', [bad]);
  await loading.load('logs', [later(bad)]);
  expect(await entries(loading)).toEqual(['quarantined', 'quarantined']);
  await loading.put('log_data/x.json', lines(aPlay({ sessionId: 2 })));
  const other = await loading.put('log_data/y.json', lines(aPlay({ sessionId: 3 })));
  await loading.load('logs', [bad, later(other)]);
  expect(await entries(loading)).toEqual(['loaded', 'loaded', 'loaded']);
  expect((await loading.counts())['songplays']).toBe(2);
  expect(loading.events.filter(({ kind }) => kind === 'load.retried')).toEqual([]);
});

test('a backfill solves an entry whose content is loaded under another notice', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/x.json', lines(aPlay({ sessionId: 2 })));
  await loading.load('logs', [file]);
  await loading.load('logs', [{ ...file, sequencer: 'FF', eventTimeMs: file.eventTimeMs - 1 }]);
  await denied(loading, "sequencer like '%FF'");
  const listed: FileEvent[] = [];
  const place = { bucket: loading.settings.bucket, prefix: 'log_data/' };
  for await (const page of loading.store.list({ ...place, signal: NEVER })) listed.push(...page);
  await loading.backfill('logs', listed);
  expect(new Set(await entries(loading))).toEqual(new Set(['loaded']));
});

test('files that do not fit into a batch and files that are settled are distinguished', async () => {
  const loading = await startLoading(stack);
  const files: FileEvent[] = [];
  for (const sessionId of [1, 2, 3, 4]) {
    const body = lines(aPlay({ sessionId })) + `${JSON.stringify({ page: 'Home', filler: 'x'.repeat(3_000) })}\n`;
    files.push(await loading.put(`log_data/${sessionId}.json`, body));
  }
  const load = loading.anotherLoader({ readLimits: { readsAtOnce: 1, batchUnpackedBytes: 4_000 } });
  expect((await load(aBatch('logs', files), NEVER)).files.map(({ status }) => status)).toEqual(Array(4).fill('loaded'));
  expect((await load(aBatch('logs', files), NEVER)).files.map(({ status }) => status)).toEqual(Array(4).fill('known'));
});

test('an artist whose place is 999 degrees is not taken for one without a place', async () => {
  const loading = await startLoading(stack);
  const song = async (key: string, latitude: number | null) =>
    await loading.put(key, lines(aSong({ song_id: 'S', artist_latitude: latitude })));
  await loading.load('songs', [await song('song_data/1.json', null)]);
  await loading.load('songs', [await song('song_data/2.json', 999)]);
  expect(await loading.rows('select latitude from artists')).toEqual([{ latitude: 999 }]);
});

test('a table of the schema with the name of another program’s temporary table stays', async () => {
  const loading = await startLoading(stack);
  await loading.rows('create table staging (a int); create table affected (a int)');
  await loading.load('logs', [await loading.put('log_data/x.json', lines(aPlay()))]);
  await loading.load('songs', [await loading.put('song_data/x.json', lines(aSong()))]);
  expect(await loading.rows('select count(*)::int as n from staging, affected')).toEqual([{ n: 0 }]);
});
