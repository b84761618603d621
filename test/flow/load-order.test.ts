import { expect, test } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Loading } from '../support/loading.ts';
import { startLoading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

const DAY = Date.parse('2018-11-15T00:00:00Z');

/** Twelve log files of four users whose level changes, and six songs of three artists; the same every time. */
function sources(): { logs: [string, string][]; songs: [string, string][] } {
  const songs = [0, 1, 2, 3, 4, 5].map((n): [string, string] => [
    `song_data/A/B/TR${n}.json`,
    JSON.stringify(
      aSong({
        song_id: `SO${n}`,
        title: `Title ${n % 5}`,
        artist_id: `AR${n % 3}`,
        artist_name: n % 3 === 0 ? 'Zero' : `Artist ${n % 3}`,
        artist_location: `Town ${n}`,
        duration: 200.5 + (n % 5),
      }),
    ),
  ]);
  const logs = Array.from({ length: 12 }, (_, file): [string, string] => {
    const events = Array.from({ length: 8 }, (_, item): LogEvent => {
      const n = (file * 5 + item * 3) % 7;
      const user = (file + item) % 4;
      return aPlay({
        userId: String(user),
        firstName: `First ${user}`,
        sessionId: file % 3,
        itemInSession: item,
        ts: DAY + ((file * 7919 + item * 104729) % 86_400_000),
        level: (file * item) % 2 === 0 ? 'free' : 'paid',
        song: `Title ${n % 5}`,
        artist: n % 3 === 0 ? 'Zero' : `Artist ${n % 3}`,
        length: 200.5 + (n % 5),
        page: item === 7 ? 'Logout' : 'NextSong',
      });
    });
    // The same identity with other values in another file: which one wins must not depend on who came first.
    const twin = aPlay({
      userId: '1',
      sessionId: 99,
      itemInSession: 1,
      ts: DAY,
      level: file % 2 === 0 ? 'free' : 'paid',
    });
    return [`log_data/2018/11/part-${file}.json`, lines(...events, twin)];
  });
  return { logs, songs };
}

async function putAll(loading: Loading, files: [string, string][]): Promise<FileEvent[]> {
  return await Promise.all(files.map(async ([key, body]) => await loading.put(key, body)));
}

test('songs first in one batch, logs first in single files backwards, and everything delivered twice give the same tables', async () => {
  const { logs, songs } = sources();
  const inOrder = await startLoading(stack);
  await inOrder.load('songs', await putAll(inOrder, songs));
  await inOrder.load('logs', await putAll(inOrder, logs));

  const backwards = await startLoading(stack);
  const songFiles = await putAll(backwards, songs);
  const logFiles = await putAll(backwards, logs);
  for (const file of logFiles.toReversed()) await backwards.load('logs', [file]);
  for (const file of songFiles.toReversed()) await backwards.load('songs', [file]);

  const twice = await startLoading(stack);
  const again = [await putAll(twice, songs), await putAll(twice, logs)] as const;
  await twice.load('logs', again[1].slice(0, 5));
  await twice.load('songs', again[0].slice(2));
  await twice.load('logs', again[1]);
  await twice.load('songs', again[0]);
  await twice.load('logs', again[1]);

  const expected = await inOrder.star();
  expect(expected['songplays']?.length).toBeGreaterThan(50);
  expect(await backwards.star()).toEqual(expected);
  expect(await twice.star()).toEqual(expected);
  const known = await inOrder.rows('select count(*)::int as matched from songplays where song_id is not null');
  expect(Number(known[0]?.['matched'])).toBeGreaterThan(10);
});

test('a redelivered batch writes nothing and calls every file known', async () => {
  const { logs, songs } = sources();
  const loading = await startLoading(stack);
  const [songFiles, logFiles] = [await putAll(loading, songs), await putAll(loading, logs)];
  await loading.load('songs', songFiles);
  await loading.load('logs', logFiles);
  const before = await loading.rows('select xmin::text, * from songplays order by songplay_id');

  for (const [lane, files] of [
    ['songs', songFiles],
    ['logs', logFiles],
  ] as const) {
    const outcome = await loading.load(lane, files);
    expect(outcome.counts).toEqual({ staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 });
    expect(new Set(outcome.files.map(({ status }) => status))).toEqual(new Set(['known']));
  }
  expect(await loading.rows('select xmin::text, * from songplays order by songplay_id')).toEqual(before);
});

test('the same content under new events is staged again and writes no row of the star', async () => {
  const { logs, songs } = sources();
  const loading = await startLoading(stack);
  await loading.load('songs', await putAll(loading, songs));
  await loading.load('logs', await putAll(loading, logs));
  const songsAgain = await loading.load('songs', await putAll(loading, songs));
  const logsAgain = await loading.load('logs', await putAll(loading, logs));
  expect(logsAgain.counts).toMatchObject({ inserted: 0, updated: 0, repaired: 0, removed: 0 });
  expect(logsAgain.counts.staged).toBeGreaterThan(0);
  expect(songsAgain.counts).toMatchObject({ inserted: 0, repaired: 0, removed: 0 });
});

test('a song that comes after its plays repairs them, and one that changes its title takes them back', async () => {
  const loading = await startLoading(stack);
  const log = await loading.put('log_data/a.json', lines(aPlay(), aPlay({ itemInSession: 33, song: 'Another' })));
  await loading.load('logs', [log]);
  const matches = async () =>
    await loading.rows('select song_title, song_id, artist_id from songplays order by item_in_session');
  expect(await matches()).toEqual([
    { song_title: 'Read My Mind', song_id: null, artist_id: null },
    { song_title: 'Another', song_id: null, artist_id: null },
  ]);

  const came = await loading.load('songs', [await loading.put('song_data/TR1.json', JSON.stringify(aSong()))]);
  expect(came.counts.repaired).toBe(1);
  expect((await matches())[0]).toEqual({ song_title: 'Read My Mind', song_id: 'SOREADMYMIND', artist_id: 'ARKILLERS' });

  const changed = await loading.put('song_data/TR1.json', JSON.stringify(aSong({ title: 'Another' })));
  expect((await loading.load('songs', [changed])).counts.repaired).toBe(2);
  expect(await matches()).toEqual([
    { song_title: 'Read My Mind', song_id: null, artist_id: null },
    { song_title: 'Another', song_id: 'SOREADMYMIND', artist_id: 'ARKILLERS' },
  ]);
});

test('an older event does not overwrite a user whose newer event was loaded before', async () => {
  const loading = await startLoading(stack);
  const newer = await loading.put('log_data/b.json', lines(aPlay({ level: 'paid', ts: DAY + 1 })));
  const older = await loading.put('log_data/a.json', lines(aPlay({ level: 'free', ts: DAY, sessionId: 999 })));
  await loading.load('logs', [newer]);
  await loading.load('logs', [older]);
  expect(await loading.rows('select user_id::int, level from users')).toEqual([{ user_id: 25, level: 'paid' }]);
});
