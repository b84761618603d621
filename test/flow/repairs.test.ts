import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const NOON = Date.UTC(2018, 10, 15, 12);

/** A new version of a song object and what becomes of three plays: of "One" twice (the second a tenth longer) and of "Two". */
type Change = {
  readonly name: string;
  readonly key: string;
  readonly song: LogEvent | null;
  readonly after: readonly [string | null, string | null, string | null];
};

const ONE = { title: 'One', artist_name: 'A', duration: 100, artist_id: 'ARA' };

/** Each on top of those before. */
const CHANGES: readonly Change[] = [
  { name: 'comes late', key: 'b', song: { song_id: 'SOB', ...ONE }, after: ['SOB', null, null] },
  {
    name: 'comes with a greater id beside one that matches',
    key: 'c',
    song: { song_id: 'SOC', ...ONE },
    after: ['SOB', null, null],
  },
  {
    name: 'comes with a smaller id beside one that matches',
    key: 'a',
    song: { song_id: 'SOA', ...ONE },
    after: ['SOA', null, null],
  },
  { name: 'changes its title', key: 'a', song: { song_id: 'SOA', ...ONE, title: 'Two' }, after: ['SOB', null, 'SOA'] },
  {
    name: 'changes its length',
    key: 'b',
    song: { song_id: 'SOB', ...ONE, duration: 100.1 },
    after: ['SOC', 'SOB', 'SOA'],
  },
  {
    name: 'changes its length by less than is kept',
    key: 'b',
    song: { song_id: 'SOB', ...ONE, duration: 100.100001 },
    after: ['SOC', 'SOB', 'SOA'],
  },
  {
    name: 'changes the artist’s name',
    key: 'c',
    song: { song_id: 'SOC', ...ONE, artist_name: 'B' },
    after: [null, 'SOB', 'SOA'],
  },
  { name: 'gets its title back', key: 'a', song: { song_id: 'SOA', ...ONE }, after: ['SOA', 'SOB', null] },
  {
    name: 'loses its title',
    key: 'b',
    song: { song_id: 'SOB', ...ONE, title: null, duration: 100.1 },
    after: ['SOA', null, null],
  },
  {
    name: 'changes nothing that a play is matched by',
    key: 'a',
    song: { song_id: 'SOA', ...ONE, year: 1999, artist_location: 'X' },
    after: ['SOA', null, null],
  },
  { name: 'cannot be read any more', key: 'a', song: null, after: ['SOA', null, null] },
  { name: 'has another id in the same object', key: 'a', song: { song_id: 'SOZ', ...ONE }, after: ['SOZ', null, null] },
];

type PlayRow = { readonly song_id: string | null; readonly artist_id: string | null; readonly written: string };

async function plays(loading: Loading): Promise<readonly PlayRow[]> {
  return (await loading.rows(
    `select song_id, artist_id, xmin::text as written from songplays order by session_id`,
  )) as PlayRow[];
}

test('every change in a new version of a song updates its old and new plays, and no other play', async () => {
  const loading = await startLoading(stack);
  const play = (sessionId: number, values: LogEvent) =>
    aPlay({ ts: NOON + sessionId, sessionId, artist: 'A', ...values });
  const log = lines(
    play(1, { song: 'One', length: 100 }),
    play(2, { song: 'One', length: 100.1 }),
    play(3, { song: 'Two', length: 100 }),
  );
  await loading.load('logs', [await loading.put('log_data/a.json', log)]);
  let before = await plays(loading);
  for (const { after, key, name, song } of CHANGES) {
    const body = song === null ? '{broken' : JSON.stringify(aSong(song));
    const { counts } = await loading.load('songs', [await loading.put(`song_data/${key}.json`, body)]);
    const now = await plays(loading);
    expect(
      now.map(({ song_id }) => song_id),
      `a song ${name}`,
    ).toEqual(after);
    const moved = now.filter(({ song_id }, index) => song_id !== before[index]?.song_id);
    const written = now.filter((row, index) => row.written !== before[index]?.written);
    expect(written, `a song ${name}`).toEqual(moved);
    expect(counts.repaired, `a song ${name}`).toBe(moved.length);
    before = now;
  }
  expect(await verified(loading)).toMatchObject({ equal: true });
});

test('a song that moves to another artist changes the artist of its plays', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: NOON })))]);
  for (const artist_id of ['ARFIRST', 'ARSECOND']) {
    const song = await loading.put('song_data/a.json', JSON.stringify(aSong({ artist_id })));
    expect((await loading.load('songs', [song])).counts.repaired).toBe(1);
    expect(await plays(loading)).toMatchObject([{ song_id: 'SOREADMYMIND', artist_id }]);
  }
  expect(await verified(loading)).toMatchObject({ equal: true });
});

test('a user’s level goes up and down with the time of the events and not of their files, and never back in time', async () => {
  const loading = await startLoading(stack);
  const levels = ['free', 'paid', 'free', 'paid', 'free'];
  const files = await Promise.all(
    levels.map((level, minute) =>
      loading.put(`log_data/${minute}.json`, lines(aPlay({ ts: NOON + minute * 60_000, sessionId: minute, level }))),
    ),
  );
  let newest = -1;
  for (const minute of [1, 0, 3, 2, 4, 1]) {
    const file = files[minute];
    if (file === undefined) throw new Error('no such file');
    const { counts } = await loading.load('logs', [file]);
    const isNewer = minute > newest;
    newest = Math.max(newest, minute);
    const said = `after the events of minute ${minute}`;
    const lastEvent = new Date(NOON + newest * 60_000).toISOString().replace('T', ' ').slice(0, 19);
    expect(await loading.rows('select level, last_event_at::text as at from users'), said).toEqual([
      { level: levels[newest], at: lastEvent },
    ]);
    if (!isNewer) expect(counts.updated, said).toBe(0);
  }
});
