import { expect, test } from 'vitest';
import type { Warehouse } from '../../src/core/ports.ts';
import type { Loading } from '../support/loading.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { holdLoads } from './support/held-load.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

const TITLE = { song: 'Late', artist: 'The Lates', length: 200.5 };
const LATE_SONG = { song_id: 'SOLATE', title: TITLE.song, artist_name: TITLE.artist, duration: TITLE.length };

function playOn(day: string, sessionId: number, more: LogEvent = TITLE): LogEvent {
  return aPlay({ ...more, sessionId, ts: Date.parse(`${day}T12:00:00Z`) });
}

async function songOfPlays(loading: Loading): Promise<unknown[]> {
  return await loading.rows('select start_time::date::text as day, song_id from songplays order by start_time');
}

/** The statements that a loader sends from now on, as text. */
function listening(warehouse: Warehouse): { warehouse: Warehouse; sent: string[] } {
  const sent: string[] = [];
  const openSession = (begin?: readonly string[]) => {
    const session = warehouse.openSession(begin);
    return {
      reset: () => session.reset(),
      rows: session.rows.bind(session),
      transaction: async (input: Parameters<typeof session.transaction>[0]) => {
        sent.push(...input.statements);
        return await session.transaction(input);
      },
    };
  };
  return { sent, warehouse: { openSession, roundTrips: () => warehouse.roundTrips() } };
}

/** The range of time within which a statement looks at plays, as it stands in its text. */
function rangesIn(sent: readonly string[], beginning: string): readonly (readonly (string | undefined)[])[] {
  return sent
    .filter((statement) => statement.includes(beginning))
    .map((statement) => /between '([^']*)'::timestamp and '([^']*)'::timestamp/.exec(statement)?.slice(1) ?? []);
}

test('a late song searches for plays only on the days on which its title was heard', async () => {
  const loading = await startLoading(stack);
  // The later loads widen the days of the title, at both ends.
  const days = ['2018-11-12', '2018-11-14', '2018-11-10'];
  for (const [n, day] of days.entries())
    await loading.load('logs', [await loading.put(`log_data/${day}.json`, lines(playOn(day, n, TITLE)))]);
  const others = ['2018-11-01', '2018-11-29'].map((day, n) => playOn(day, 10 + n, { ...TITLE, song: 'Other' }));
  await loading.load('logs', [await loading.put('log_data/others.json', lines(...others))]);

  const { sent, warehouse } = listening(loading.warehouse);
  const song = await loading.put('song_data/late.json', JSON.stringify(aSong(LATE_SONG)));
  const { counts } = await loading.anotherLoader({ warehouse })(aBatch('songs', [song]), NEVER);

  expect(counts.repaired).toBe(3);
  const range = ['2018-11-10 00:00:00.000', '2018-11-14 23:59:59.999'];
  expect(rangesIn(sent, 'insert into sparkify_play_repairs')).toEqual([range]);
  expect(rangesIn(sent, 'update songplays')).toEqual([range]);
});

test('a song without plays reads no play', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(playOn('2018-11-12', 1)))]);
  const { sent, warehouse } = listening(loading.warehouse);
  const song = await loading.put('song_data/new.json', JSON.stringify(aSong({ ...LATE_SONG, title: 'Unheard' })));
  await loading.anotherLoader({ warehouse })(aBatch('songs', [song]), NEVER);

  expect(sent.filter((statement) => /\bsongplays\b/.test(statement))).toEqual([]);
});

test('a play of another day that is published while its song waits for the lock is also repaired', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(playOn('2018-11-12', 1)))]);

  const held = await holdLoads({ stack, place: loading.settings });
  const earlier = loading.load('logs', [await loading.put('log_data/b.json', lines(playOn('2018-11-02', 2)))]);
  await held.reached(1);
  const song = await loading.put('song_data/late.json', JSON.stringify(aSong(LATE_SONG)));
  const late = loading.anotherLoader()(aBatch('songs', [song]), NEVER);
  // The song has learned of one day only, and the other is published before it.
  await held.reached(2);
  await held.release();
  await Promise.all([earlier, late]);

  expect(await songOfPlays(loading)).toEqual([
    { day: '2018-11-02', song_id: 'SOLATE' },
    { day: '2018-11-12', song_id: 'SOLATE' },
  ]);
  const retried = loading.events.filter(({ kind }) => kind === 'load.retried');
  expect(retried).toMatchObject([{ code: 'overtaken', attempt: 1 }]);
  expect((await late).counts.repaired).toBe(2);
});

test('a song object that now names another song releases the plays of every day on which the old song was heard', async () => {
  const loading = await startLoading(stack);
  const song = await loading.put('song_data/late.json', JSON.stringify(aSong(LATE_SONG)));
  const days = ['2018-11-02', '2018-11-12', '2018-12-24'];
  const plays = days.map((day, n) => playOn(day, n));
  await loading.load('songs', [song]);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(...plays))]);
  expect(await songOfPlays(loading)).toEqual(days.map((day) => ({ day, song_id: 'SOLATE' })));

  const other = aSong({ song_id: 'SOOTHER', title: 'Something else', duration: 99.5 });
  const { counts } = await loading.load('songs', [await loading.put('song_data/late.json', JSON.stringify(other))]);
  expect(await songOfPlays(loading)).toEqual(days.map((day) => ({ day, song_id: null })));
  expect(counts.repaired).toBe(3);
  expect(loading.events.filter(({ kind }) => kind === 'load.retried')).toEqual([]);
});
