import { replacedIds } from './live-objects.ts';
import type { PlayKey, SongSource } from './tables.ts';
import type { Transaction, Values } from './transaction.ts';
import { timeValue } from './transaction.ts';

const DAY_MS = 86_400_000;

/** The table `play_keys`: which days a title was heard on, by the first twelve digits of its match key. */
export function widenPlayKey(
  { tables }: Transaction,
  { matchKey, startMs }: { readonly matchKey: string | null; readonly startMs: number },
): void {
  if (matchKey === null) return;
  const prefix = prefixOf(matchKey);
  const dayMs = startMs - (startMs % DAY_MS);
  const known = tables.play_keys.get(prefix);
  if (known === undefined) tables.play_keys.insert(prefix, { prefix, firstDayMs: dayMs, lastDayMs: dayMs });
  else if (dayMs < known.firstDayMs || dayMs > known.lastDayMs) {
    const firstDayMs = Math.min(dayMs, known.firstDayMs);
    tables.play_keys.update(prefix, { prefix, firstDayMs, lastDayMs: Math.max(dayMs, known.lastDayMs) });
  }
}

/** `90_reach.sql`: the days of the keys under which a song would come, go or change its artist. */
export function batchReach(transaction: Transaction): { firstDayMs: number; lastDayMs: number } | null {
  const { tables, temporary } = transaction;
  const batch = temporary.get('sparkify_sources');
  const named = new Set(batch.map(({ songId }) => songId));
  const replaced = replacedIds(transaction);
  for (const { songId, sourceId } of tables.song_sources.rows()) if (replaced.has(sourceId)) named.add(songId);
  const are = [...tables.songs.rows()].filter(({ songId }) => named.has(songId));
  const rows = keysOf(tables.play_keys.rows(), changedKeys(are, batch));
  if (rows.length === 0) return null;
  return {
    firstDayMs: Math.min(...rows.map(({ firstDayMs }) => firstDayMs)),
    lastDayMs: Math.max(...rows.map(({ lastDayMs }) => lastDayMs)),
  };
}

/** The guard of `songs/publish/80_counts.sql`. */
export function coversAllPlays({ tables, temporary }: Transaction, values: Values): boolean {
  const [minMs, maxMs] = [timeValue(values, 'min_start_time'), timeValue(values, 'max_start_time')];
  return keysOf(tables.play_keys.rows(), temporary.get('sparkify_match_choice')).every(
    ({ firstDayMs, lastDayMs }) => firstDayMs >= minMs && lastDayMs <= maxMs,
  );
}

type Named = Pick<SongSource, 'songId' | 'matchKey' | 'artistId'>;

/** Match keys under which one list has a song and artist that the other one has not. */
export function changedKeys(before: readonly Named[], after: readonly Named[]): ReadonlySet<string> {
  const textOf = ({ artistId, matchKey, songId }: Named) => JSON.stringify([songId, matchKey, artistId]);
  const [were, are] = [new Set(before.map(textOf)), new Set(after.map(textOf))];
  const changed = [
    ...before.filter((song) => !are.has(textOf(song))),
    ...after.filter((song) => !were.has(textOf(song))),
  ];
  return new Set(changed.flatMap(({ matchKey }) => matchKey ?? []));
}

function keysOf(rows: Iterable<PlayKey>, matchKeys: ReadonlySet<string>): readonly PlayKey[] {
  const prefixes = new Set([...matchKeys].map(prefixOf));
  return [...rows].filter(({ prefix }) => prefixes.has(prefix));
}

function prefixOf(matchKey: string): string {
  return matchKey.slice(0, 12);
}
