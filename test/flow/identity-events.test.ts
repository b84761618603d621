import { beforeAll, describe, expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { loadedInEveryWay, storedAt } from './support/every-way.ts';

const stack = useStack();
const NOON = Date.UTC(2018, 10, 15, 12);
const DAY_MS = 86_400_000;

/** Three log rows, one in each of three files, that cannot all be kept. The second file is the newest. */
type Contest = { readonly name: string; readonly rivals: readonly [LogEvent, LogEvent, LogEvent] };

const ONE_PLAY: readonly Contest[] = [
  { name: 'another level', rivals: [{ level: 'free' }, { level: 'paid' }, { level: 'none' }] },
  { name: 'a place, an empty one or none', rivals: [{ location: 'Here' }, { location: '' }, { location: null }] },
  { name: 'another song or none', rivals: [{ song: 'A' }, { song: 'Ä 🎵' }, { song: null, artist: null }] },
  { name: 'another length or none', rivals: [{ length: 1 }, { length: 10.5 }, { length: null }] },
  {
    name: 'the same letters in other columns',
    rivals: [
      { location: 'ab', userAgent: 'c' },
      { location: 'a', userAgent: 'bc' },
      { location: 'abc', userAgent: '' },
    ],
  },
];

const ONE_MOMENT: readonly Contest[] = [
  { name: 'another level', rivals: [{ level: 'free' }, { level: 'paid' }, { level: 'none' }] },
  { name: 'another name or none', rivals: [{ firstName: 'Ada' }, { firstName: '' }, { firstName: null }] },
  {
    name: 'another page, one of them a play',
    rivals: [
      { page: 'Home', level: 'a' },
      { page: 'NextSong', level: 'b' },
      { page: 'Logout', level: 'c' },
    ],
  },
];

/** Of these the second is the newest, by the first of time, session and item in which they differ. */
const ONE_USER: readonly Contest[] = [
  {
    name: 'time',
    rivals: [
      { sessionId: 99, itemInSession: 99 },
      { ts: NOON + 1, sessionId: 1, itemInSession: 1 },
      { ts: NOON - DAY_MS, sessionId: 98 },
    ],
  },
  {
    name: 'session',
    rivals: [
      { sessionId: 9, itemInSession: 99 },
      { sessionId: 10, itemInSession: 1 },
      { sessionId: 2, itemInSession: 98 },
    ],
  },
  { name: 'item', rivals: [{ itemInSession: 9 }, { itemInSession: 12, page: 'Home' }, { itemInSession: 2 }] },
];

// Every contest has its own user; in the contest about time the level identifies each row.
const playOf = (place: number, values: LogEvent) =>
  aPlay({ ts: NOON, sessionId: 7, itemInSession: 3, userId: String(100 + place), ...values });
const momentOf = (place: number, values: LogEvent) =>
  aPlay({ ts: NOON, sessionId: 7, itemInSession: 3, userId: String(200 + place), ...values });
const userOf = (place: number, values: LogEvent, rival: number) =>
  aPlay({ ts: NOON, sessionId: 7, itemInSession: 3, userId: String(300 + place), level: String(rival), ...values });

describe('three log files, loaded in every order and every batching and then reloaded in full', () => {
  let star: Readonly<Record<string, readonly unknown[]>> = {};

  beforeAll(async () => {
    const loading = await startLoading(stack);
    const files = await Promise.all(
      [0, 1, 2].map((rival) => {
        const events = [
          ...ONE_PLAY.map(({ rivals }, place) => playOf(place, rivals[rival] ?? {})),
          ...ONE_MOMENT.map(({ rivals }, place) => momentOf(place, rivals[rival] ?? {})),
          ...ONE_USER.map(({ rivals }, place) => userOf(place, rivals[rival] ?? {}, rival)),
        ];
        // All rivals of the last contest of plays stand in the first file as well, one of them twice.
        const again = ONE_PLAY.at(-1)?.rivals.map((values) => playOf(ONE_PLAY.length - 1, values)) ?? [];
        return loading.put(`log_data/${rival}.json`, lines(...events, ...(rival === 0 ? again : [])));
      }),
    );
    const newest = storedAt(loading.store, (key) => NOON + (key.endsWith('/1.json') ? 1000 : 0));
    ({ star } = await loadedInEveryWay(
      loading,
      files.map((file) => [file]),
      newest,
    ));
  }, 300_000);

  const rowsOf = (table: string, user: number) =>
    (star[table] ?? []).filter((row) => Number((row as { user_id: unknown }).user_id) === user);

  test.each(ONE_PLAY.map((contest, place) => ({ ...contest, place })))(
    'of plays with one identity and $name there is one, with the values of the newest file',
    ({ place, rivals }) => {
      const winner = playOf(place, rivals[1]);
      expect(rowsOf('songplays', 100 + place)).toMatchObject([
        {
          level: winner['level'],
          location: winner['location'],
          user_agent: winner['userAgent'],
          song_title: winner['song'],
          artist_name: winner['artist'],
          song_length: winner['length'] === null ? null : Number(winner['length']).toFixed(5),
        },
      ]);
    },
  );

  test.each(ONE_MOMENT.map((contest, place) => ({ ...contest, place })))(
    'of events of a user with equal time, session and item and $name, that of the newest file is the user',
    ({ place, rivals }) => {
      const winner = momentOf(place, rivals[1]);
      const user = { first_name: winner['firstName'], level: winner['level'] };
      expect(rowsOf('users', 200 + place)).toMatchObject([user]);
    },
  );

  test.each(ONE_USER.map(({ name }, place) => ({ name, place })))(
    'of events of a user the newest is the user, here by $name, and all are plays of their own',
    ({ name, place }) => {
      expect(rowsOf('users', 300 + place)).toMatchObject([{ level: '1' }]);
      // The newest event by item is not a play, and still updates the user.
      expect(rowsOf('songplays', 300 + place)).toHaveLength(name === 'item' ? 2 : 3);
    },
  );

  test('plays at the same moment share one row of time', () => {
    const starts = new Set((star['songplays'] ?? []).map((row) => Number((row as { start_time: Date }).start_time)));
    expect(star['time']).toHaveLength(starts.size);
  });
});
