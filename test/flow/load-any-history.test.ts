import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realClock, realRandom } from '../../src/app/real.ts';
import { runBackfill } from '../../src/backfill/run-backfill.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Loading } from '../support/loading.ts';
import { startLoading } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

/** One thing that happens. Numbers are drawn small, so that keys, songs, artists, users and times meet often. */
type Step =
  | { readonly kind: 'song'; readonly key: number; readonly values: LogEvent | 'broken' }
  | { readonly kind: 'log'; readonly events: readonly LogEvent[] }
  /** Loads some of the waiting files, newest or oldest first; with `keep` also delivers them again later. */
  | { readonly kind: 'deliver'; readonly count: number; readonly isNewestFirst: boolean; readonly keep: boolean };

const few = (max: number) => fc.nat(max);
const song = fc.record({ song: few(2), artist: few(1), title: few(2) }).map(({ artist, song, title }) =>
  aSong({
    song_id: `SO${song}`,
    artist_id: `AR${artist}`,
    artist_name: `Artist ${artist}`,
    artist_location: `Town ${title}`,
    title: `Title ${title}`,
    duration: 200.5,
  }),
);
const event = fc
  .record({
    user: few(2),
    session: few(1),
    item: few(2),
    at: few(2),
    title: few(2),
    artist: few(1),
    paid: fc.boolean(),
    page: few(4),
  })
  .map(({ artist, at, item, page, paid, session, title, user }) =>
    aPlay({
      userId: String(user),
      sessionId: session,
      itemInSession: item,
      // Of three days.
      ts: Date.parse('2018-11-15T00:00:00Z') + at * 86_399_999,
      song: `Title ${title}`,
      artist: `Artist ${artist}`,
      length: 200.5,
      level: paid ? 'paid' : 'free',
      page: page === 0 ? 'Home' : 'NextSong',
    }),
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('song' as const),
    key: few(3),
    values: fc.oneof({ weight: 5, arbitrary: song }, { weight: 1, arbitrary: fc.constant('broken' as const) }),
  }),
  fc.record({ kind: fc.constant('log' as const), events: fc.array(event, { minLength: 1, maxLength: 5 }) }),
  fc.record({
    kind: fc.constant('deliver' as const),
    count: fc.integer({ min: 1, max: 4 }),
    isNewestFirst: fc.boolean(),
    keep: fc.boolean(),
  }),
);

async function live(loading: Loading, steps: readonly Step[]): Promise<void> {
  let waiting: FileEvent[] = [];
  const readable = new Set<number>();
  const deliver = async (files: readonly FileEvent[]) => {
    for (const [lane, prefix] of [
      ['songs', 'song_data/'],
      ['logs', 'log_data/'],
    ] as const) {
      const ours = files.filter(({ key }) => key.startsWith(prefix));
      if (ours.length > 0) await loading.load(lane, ours);
    }
  };
  for (const [n, now] of steps.entries()) {
    switch (now.kind) {
      case 'song':
        // An unreadable version changes nothing: the rows of the one before stay, of which a reload does not know.
        if (now.values === 'broken' && readable.has(now.key)) break;
        if (now.values !== 'broken') readable.add(now.key);
        waiting.push(
          await loading.put(`song_data/${now.key}.json`, now.values === 'broken' ? '{' : JSON.stringify(now.values)),
        );
        break;
      case 'log':
        waiting.push(await loading.put(`log_data/${n}.json`, lines(...now.events)));
        break;
      case 'deliver': {
        const ordered = now.isNewestFirst ? waiting.toReversed() : waiting;
        const chosen = ordered.slice(0, now.count);
        await deliver(chosen);
        if (!now.keep) waiting = waiting.filter((file) => !chosen.includes(file));
        break;
      }
    }
  }
  await deliver(waiting);
}

/** The same bucket, loaded by a listing into tables that saw nothing before. */
async function reloaded(loading: Loading): Promise<Record<string, unknown[]>> {
  const { bucket, schema } = loading.settings;
  const place = {
    bucket,
    queueUrl: '',
    deadLetterQueueUrl: '',
    schema: `${schema}_again`,
    environment: stack.environment,
  };
  const fresh = await startLoading(stack, place);
  await runBackfill(
    {
      store: fresh.store,
      loadBatch: fresh.loadBatch,
      findLacking: fresh.findLacking,
      clock: realClock,
      random: realRandom,
      emit: () => undefined,
      settings: { ...fresh.settings, maxFiles: 100, maxBytes: 1e9 },
    },
    {
      prefix: null,
      sinceMs: null,
      untilMs: null,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  return await fresh.star();
}

/** Plays on a day that `play_keys` lacks for their title: a late song would not find them. */
async function uncounted(loading: Loading): Promise<Record<string, unknown>[]> {
  return await loading.rows(
    `select p.songplay_id from songplays p left join play_keys k on k.key_prefix = left(p.match_key, 12)
       and p.start_time::date between k.first_day and k.last_day
     where p.match_key is not null and k.key_prefix is null`,
  );
}

test('in any order, batching and repetition, the tables equal a full reload', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
      const loading = await startLoading(stack);
      await live(loading, steps);
      expect(await loading.star()).toEqual(await reloaded(loading));
      expect(await uncounted(loading)).toEqual([]);
    }),
    { numRuns: Number(process.env['SPARKIFY_TEST_RUNS'] ?? 4), endOnFailure: true },
  );
}, 600_000);
