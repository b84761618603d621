import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();

test('keys with spaces, +, %, quotes, backslashes and unicode are loaded, logs and songs', async () => {
  const loading = await startLoading(stack);
  const names = ['a b', 'a+b', '100%', '%2F', `it's "so"`, 'für_Ünï_日本_😀', 'x&y=z#1?', 'back\\slash'];
  const logs = await Promise.all(
    names.map((name, n) => loading.put(`log_data/${name}.json`, lines(aPlay({ sessionId: n })))),
  );
  const songs = await Promise.all(
    names.map((name, n) => loading.put(`song_data/${name}.json`, JSON.stringify(aSong({ song_id: `SO${n}` })))),
  );
  const loadedSongs = await loading.load('songs', songs);
  const loadedLogs = await loading.load('logs', logs);

  for (const { files } of [loadedSongs, loadedLogs]) {
    expect(files.map(({ status, reason }) => ({ status, reason }))).toEqual(
      names.map(() => ({ status: 'loaded', reason: null })),
    );
  }
  expect(await loading.counts()).toMatchObject({ songplays: names.length, songs: names.length });
  const keys = await loading.rows("select object_key from ingest_files where dataset = 'logs'");
  expect(keys.map((row) => row['object_key']).toSorted()).toEqual(logs.map(({ key }) => key).toSorted());
});

test('an empty log file and an empty song file are loaded with no rows', async () => {
  const loading = await startLoading(stack);
  const log = await loading.load('logs', [await loading.put('log_data/empty.json', '')]);
  const song = await loading.load('songs', [await loading.put('song_data/empty.json', ' \n')]);
  expect([log, song].map(({ counts, files }) => [counts.staged, files[0]?.status])).toEqual([
    [0, 'loaded'],
    [0, 'loaded'],
  ]);
});

/** What comes after a good version of a song object. Only a version that was read ends the song of the one before. */
const NEXT_VERSIONS: Readonly<Record<string, { body: string | Uint8Array; code: string | null; isRead: boolean }>> = {
  'broken JSON': { body: '{"song_id": "SO2",', code: 'not_json_objects', isRead: false },
  'bytes of something else': { body: Buffer.from([0x7b, 0xff, 0x7d]), code: 'not_json_objects', isRead: false },
  'a broken archive': { body: gzipSync('{}').subarray(0, 15), code: 'gzip_invalid', isRead: false },
  'an empty file': { body: '', code: null, isRead: true },
  'a song that does not fit': { body: '{"song_id": "SO2"}', code: null, isRead: true },
};

test('a version that was not read changes nothing, and the ledger has the metadata from S3, not from the notice', async () => {
  const loading = await startLoading(stack);
  const names = Object.keys(NEXT_VERSIONS);
  const song = (name: string) => JSON.stringify(aSong({ song_id: name, artist_id: name, title: name }));
  const good = async (name: string) => await loading.put(`song_data/${name}.json`, song(name));
  const songIds = async () => (await loading.rows('select song_id from songs')).map((row) => row['song_id']).toSorted();
  await loading.load('songs', [...(await Promise.all([...names, 'announced wrongly'].map(good)))]);
  await loading.load('logs', [
    await loading.put('log_data/a.json', lines(...names.map((title, sessionId) => aPlay({ song: title, sessionId })))),
  ]);

  const eventTimeMs = Date.UTC(2099, 0, 1);
  const next = Object.entries(NEXT_VERSIONS).map(async ([name, { body }]) => ({
    ...(await loading.put(`song_data/${name}.json`, body)),
    ...{ size: 5, eventTimeMs },
  }));
  const wrong = { ...(await good('announced wrongly')), etag: 'f'.repeat(32), size: 20_000_000, eventTimeMs };
  const outcome = await loading.load('songs', [...(await Promise.all(next)), wrong]);

  const kept = Object.entries(NEXT_VERSIONS).flatMap(([name, { isRead }]) => (isRead ? [] : [name]));
  expect(await songIds()).toEqual([...kept, 'announced wrongly'].toSorted());
  expect(await loading.counts()).toMatchObject({ artists: kept.length + 1 });
  expect(outcome.counts.repaired).toBe(names.length - kept.length);
  const ledger = await loading.rows(
    `select object_key, status, error_code, etag, size::int, last_modified < '2090-01-01' as is_of_s3 from ingest_files
     where event_time > '2090-01-01'`,
  );
  const entries = Object.entries<(typeof NEXT_VERSIONS)[string]>({
    ...NEXT_VERSIONS,
    'announced wrongly': { body: song('announced wrongly'), code: null, isRead: true },
  });
  expect(ledger.toSorted(byKey)).toEqual(
    entries
      .map(([name, { body, code }]) => ({
        ...{ object_key: `song_data/${name}.json`, status: code === null ? 'loaded' : 'quarantined', error_code: code },
        ...{ etag: createHash('md5').update(body).digest('hex'), size: Buffer.byteLength(body), is_of_s3: true },
      }))
      .toSorted(byKey),
  );
  expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { rows: kept.length } });

  // Neither a quarantined version nor a wrong notice keeps the next version from being loaded.
  const another = JSON.stringify(aSong({ song_id: 'another' }));
  await loading.load('songs', [
    ...(await Promise.all(names.map(good))),
    await loading.put('song_data/announced wrongly.json', another),
  ]);
  expect(await songIds()).toEqual(['another', ...names].toSorted());
  expect(await loading.rows('select song_id from songplays where song_id is null')).toEqual([]);
}, 60_000);

const byKey = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  String(a['object_key']) < String(b['object_key']) ? -1 : 1;

test('deleted objects are settled as missing and the others load', async () => {
  const loading = await startLoading(stack);
  const gone = async (key: string, body: string) => {
    const file = await loading.put(key, body);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: key }));
    return file;
  };
  const logs = await loading.load('logs', [
    await gone('log_data/gone.json', lines(aPlay({ sessionId: 1 }))),
    await loading.put('log_data/here.json', lines(aPlay({ sessionId: 2 }))),
  ]);
  const songs = await loading.load('songs', [
    await gone('song_data/gone.json', JSON.stringify(aSong())),
    await loading.put('song_data/here.json', JSON.stringify(aSong())),
  ]);
  for (const { files } of [logs, songs]) expect(files.map(({ status }) => status)).toEqual(['missing', 'loaded']);
  expect(await loading.counts()).toMatchObject({ songplays: 1, songs: 1 });
});

test('a batch whose files are all missing or ignored still writes its ledger entries', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/gone.json', lines(aPlay()));
  await stack.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: file.key }));
  await loading.load('logs', [file]);
  const foreign = await loading.put('other/readme.txt', 'hello');
  const ignored = await loading.load('ignored', [foreign]);
  expect(ignored.files[0]).toMatchObject({
    status: 'ignored',
    reason: expect.stringContaining('below neither') as unknown,
  });
  const ledger = await loading.rows('select object_key, status, dataset from ingest_files order by 1');
  expect(ledger).toEqual([
    { object_key: 'log_data/gone.json', status: 'missing', dataset: 'logs' },
    { object_key: 'other/readme.txt', status: 'ignored', dataset: 'ignored' },
  ]);
});

test('song values keep their text: decimals as written, numbers as titles, one bad row beside good ones', async () => {
  const loading = await startLoading(stack);
  const body = `{"song_id": "SO1", "title": 99, "artist_id": "AR1", "artist_name": "A", "duration": 241.475460, "year": 0}
    {"SONG_ID": "SO2", "Title": "Two",
     "artist_id": "AR1", "artist_name": "A", "duration": 1.5, "year": 19999}`;
  const outcome = await loading.load('songs', [await loading.put('song_data/two.json', body)]);
  expect(outcome.counts).toMatchObject({ staged: 2, rejected: 1 });
  expect(await loading.rows('select title, duration::text from songs')).toEqual([
    { title: '99', duration: '241.47546' },
  ]);
  expect(await loading.rows('select object_key, line_number::int, column_name from rejected_rows')).toEqual([
    { object_key: 'song_data/two.json', line_number: 2, column_name: 'year' },
  ]);
});
