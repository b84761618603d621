import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { loadedInEveryWay, storedAt } from './support/every-way.ts';

const stack = useStack();
const NOON = Date.UTC(2018, 10, 15, 12);

/** When objects were stored, in seconds after noon, 0 by default. Many share a second. */
const STORED: Readonly<Record<string, number>> = {
  'song_data/dated/a.json': 5,
  'song_data/dated/b.json': 9,
  'song_data/dated/c.json': 7,
  'song_data/moves/b.json': 1,
  'song_data/artist-dated/a.json': 9,
  'song_data/again/a.json': 2,
  'song_data/again/b.json': 1,
  'song_data/broken/a.json': 3,
};

type Group = 0 | 1 | 2;

/** What lies in the bucket, and the notices of it in the groups in which they are loaded. */
class Scene {
  readonly groups: readonly [FileEvent[], FileEvent[], FileEvent[]] = [[], [], []];
  readonly #loading: Loading;

  constructor(loading: Loading) {
    this.#loading = loading;
  }

  async songs(group: Group, key: string, ...songs: readonly LogEvent[]): Promise<void> {
    await this.text(group, `song_data/${key}.json`, lines(...songs.map((values) => aSong(values))));
  }

  async logs(group: Group, key: string, ...plays: readonly LogEvent[]): Promise<void> {
    await this.text(group, `log_data/${key}.json`, lines(...plays.map((values) => aPlay(values))));
  }

  async text(group: Group, key: string, body: string): Promise<void> {
    this.groups[group].push(await this.#loading.put(key, body));
  }
}

async function manySongs(scene: Scene): Promise<void> {
  // One song id in three objects: of different age, of one age, and twice in a file.
  await scene.songs(0, 'dated/a', { song_id: 'SODATED', title: 'a', artist_id: 'ARDATED' });
  await scene.songs(1, 'dated/b', { song_id: 'SODATED', title: 'b', artist_id: 'ARDATED' });
  await scene.songs(2, 'dated/c', { song_id: 'SODATED', title: 'c', artist_id: 'ARDATED' });
  await scene.songs(0, 'tied/b', { song_id: 'SOTIED', title: 'b', artist_id: 'ARTIED' });
  await scene.songs(1, 'tied/c', { song_id: 'SOTIED', title: 'c', artist_id: 'ARTIED' });
  await scene.songs(2, 'tied/a', { song_id: 'SOTIED', title: 'a', artist_id: 'ARTIED' });
  const twice = (title: string) => ({ song_id: 'SOTWICE', title, artist_id: 'ARTWICE' });
  await scene.songs(0, 'twice/b', twice('first of b'), twice('last of b'));
  await scene.songs(2, 'twice/a', twice('a'));
  // A song that is another artist's in its newer version.
  await scene.songs(0, 'moves/a', { song_id: 'SOMOVES', artist_id: 'ARLEFT' });
  await scene.songs(2, 'moves/b', { song_id: 'SOMOVES', artist_id: 'ARJOINED' });
  // An artist whom three songs name, of different age and of one.
  const located = (artist_id: string, song_id: string, artist_location: string) => ({
    artist_id,
    song_id,
    artist_location,
  });
  await scene.songs(0, 'artist-dated/a', located('ARNAMED', 'SO1', 'newest'));
  await scene.songs(1, 'artist-dated/b', located('ARNAMED', 'SO2', 'older'));
  await scene.songs(2, 'artist-dated/c', located('ARNAMED', 'SO3', 'older too'));
  await scene.songs(0, 'artist-tied/c', located('AREQUAL', 'SOT2', 'middle'));
  await scene.songs(1, 'artist-tied/b', located('AREQUAL', 'SOT3', 'greatest'));
  await scene.songs(2, 'artist-tied/a', located('AREQUAL', 'SOT1', 'smallest'));
}

async function manyVersions(scene: Scene): Promise<void> {
  const again = (title: string) => ({ song_id: 'SOAGAIN', title, artist_id: 'ARAGAIN' });
  await scene.songs(0, 'again/a', again('a'));
  await scene.songs(1, 'again/b', again('b'));
  await scene.songs(2, 'again/a', again('a'));
  const overwritten = (title: string) => ({ song_id: `SO${title}`, title, artist_id: 'AROVER' });
  await scene.songs(2, 'overwritten', overwritten('FIRST'));
  await scene.songs(0, 'overwritten', overwritten('SECOND'));
  await scene.songs(1, 'overwritten', overwritten('THIRD'));
  const fallback = (title: string) => ({ song_id: 'SOBROKEN', title, artist_id: 'ARBROKEN' });
  await scene.songs(1, 'broken/a', fallback('whole'));
  await scene.text(0, 'song_data/broken/a.json', '{"song_id": "SOBROKEN"');
  await scene.songs(2, 'broken/b', fallback('older'));
  await scene.songs(1, 'gone', { song_id: 'SOGONE', artist_id: 'ARGONE' });
}

async function manyLogs(scene: Scene): Promise<void> {
  const known = { artist: 'Known', song: 'By two', length: 100 };
  const both = { artist_name: 'Known', title: 'By two', duration: 100 };
  await scene.songs(0, 'match/b', { song_id: 'SOMATCH2', artist_id: 'ARMATCH2', ...both });
  await scene.songs(2, 'match/a', { song_id: 'SOMATCH1', artist_id: 'ARMATCH1', ...both });
  await scene.logs(1, 'matched', { ts: NOON, sessionId: 1, ...known });
  // The title that this play names stood in the first version only.
  await scene.logs(1, 'unmatched', { ts: NOON, sessionId: 2, artist: 'The Killers', song: 'FIRST' });
  await scene.logs(0, 'again', { ts: NOON, sessionId: 3 });
  await scene.logs(2, 'again', { ts: NOON, sessionId: 3 });
  await scene.logs(1, 'overwritten', { ts: NOON, sessionId: 4 });
  await scene.logs(2, 'overwritten', { ts: NOON, sessionId: 5 });
  await scene.logs(0, 'gone', { ts: NOON, sessionId: 6 });
}

describe('a bucket, loaded in every order and every batching and then reloaded in full', () => {
  let loading: Loading;
  let star: Readonly<Record<string, readonly unknown[]>> = {};
  let report: VerifyReport;

  beforeAll(async () => {
    loading = await startLoading(stack);
    const scene = new Scene(loading);
    await manySongs(scene);
    await manyVersions(scene);
    await manyLogs(scene);
    for (const Key of ['song_data/gone.json', 'log_data/gone.json']) {
      await stack.s3.send(new DeleteObjectCommand({ Bucket: loading.settings.bucket, Key }));
    }
    const store = storedAt(loading.store, (key) => NOON + (STORED[key] ?? 0) * 1000);
    ({ star, report } = await loadedInEveryWay(loading, scene.groups, store));
  }, 300_000);

  function rowOf(table: string, key: string, value: string | number): unknown {
    const rows = (star[table] ?? []).filter((row) => String((row as Record<string, unknown>)[key]) === String(value));
    expect(rows.length).toBeLessThanOrEqual(1);
    return rows[0];
  }

  test.each([
    ['of different age the newest', 'SODATED', 'b'],
    ['of one age that of the greatest key', 'SOTIED', 'c'],
    ['of one age, one of which names it twice, the last of the greatest key', 'SOTWICE', 'last of b'],
    ['one of which was put again with the same content, the one that was put last', 'SOAGAIN', 'a'],
    ['the newest of which cannot be read any more, the other', 'SOBROKEN', 'older'],
  ])('of song objects with one song id, %s is the song', (_which, songId, title) => {
    expect(rowOf('songs', 'song_id', songId)).toMatchObject({ title });
  });

  test.each([
    ['of different age, the newest says where the artist is', 'ARNAMED', 'newest'],
    ['of one age, the greatest song id says where the artist is', 'AREQUAL', 'greatest'],
  ])('of songs that name one artist, %s', (_which, artistId, location) => {
    expect(rowOf('artists', 'artist_id', artistId)).toMatchObject({ location });
  });

  test('an artist whose only song now belongs to another artist is absent', () => {
    expect(rowOf('songs', 'song_id', 'SOMOVES')).toMatchObject({ artist_id: 'ARJOINED' });
    expect(rowOf('artists', 'artist_id', 'ARLEFT')).toBeUndefined();
    expect(rowOf('artists', 'artist_id', 'ARJOINED')).toBeDefined();
  });

  test('of a song object overwritten before it was read only the last version becomes a song, and plays match only that one', () => {
    const songs = ['SOFIRST', 'SOSECOND', 'SOTHIRD'].map((songId) => rowOf('songs', 'song_id', songId) !== undefined);
    expect(songs).toEqual([false, false, true]);
    expect(rowOf('songplays', 'session_id', 2)).toMatchObject({ song_id: null, artist_id: null });
  });

  test('of several songs that a play matches the smallest id is taken, whichever came first', () => {
    expect(rowOf('songplays', 'session_id', 1)).toMatchObject({ song_id: 'SOMATCH1', artist_id: 'ARMATCH1' });
  });

  test('of a log overwritten before it was read only the events of the last version become plays', () => {
    expect([
      rowOf('songplays', 'session_id', 4) !== undefined,
      rowOf('songplays', 'session_id', 5) !== undefined,
    ]).toEqual([false, true]);
  });

  test('a log that was put again with the same content is one play', () => {
    expect(rowOf('songplays', 'session_id', 3)).toBeDefined();
  });

  test('notices of deleted objects leave no row and are settled as missing', async () => {
    expect([rowOf('songs', 'song_id', 'SOGONE'), rowOf('songplays', 'session_id', 6)]).toEqual([undefined, undefined]);
    expect(await loading.rows(`select object_key from ingest_files where status = 'missing' order by 1`)).toEqual([
      { object_key: 'log_data/gone.json' },
      { object_key: 'song_data/gone.json' },
    ]);
  });

  test('the comparison makes no exceptions: the ledger has the version that was read, not the one announced', () => {
    expect(report).toMatchObject({ notCompared: { files: 0 }, unread: [] });
  });
});
