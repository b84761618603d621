import type { Play, Rival, User } from './tables.ts';
import type { Match, StagedRow, TypedEvent } from './temporary.ts';
import type { Transaction } from './transaction.ts';
import { byText, hundredThousandths } from './values.ts';

/** `40_batch_plays.sql`: of each play the last row of each object of which something has to be done. */
export function batchPlays({ temporary }: Transaction): readonly TypedEvent[] {
  const plays = new Map<string, TypedEvent>();
  for (const event of changedEvents(temporary)) if (event.isPlay) plays.set(`${event.id} ${event.objectId}`, event);
  return [...plays.values()];
}

/** `50_batch_users.sql`: of each user the newest event of each object of which something has to be done. */
export function batchUsers({ temporary }: Transaction): readonly TypedEvent[] {
  const users = new Map<string, TypedEvent>();
  for (const event of changedEvents(temporary)) {
    const key = `${event.userId} ${event.objectId}`;
    const known = users.get(key);
    if (known === undefined || byMoment(momentOf(event), momentOf(known)) >= 0) users.set(key, event);
  }
  return [...users.values()];
}

/** The events of the objects of which something has to be done, in the order of the rows of their objects. */
export function changedEvents(temporary: Transaction['temporary']): readonly TypedEvent[] {
  const objects = new Map(temporary.get('sparkify_objects').map((object) => [object.fileNumber, object]));
  return temporary
    .get('staging')
    .filter((row) => row['kind'] === 'E')
    .toSorted((a, b) => Number(a['row_number']) - Number(b['row_number']))
    .flatMap((row) => {
      const object = objects.get(Number(row['file_number']));
      return object === undefined || object.change === 'same' ? [] : [typedEvent(row, object.objectId)];
    });
}

/** What decides which of a user's events is the newest. */
export type Moment = { readonly startMs: number; readonly sessionId: string; readonly item: number };

export function momentOf({ item, sessionId, startMs }: TypedEvent): Moment {
  return { startMs, sessionId, item };
}

export function userMoment({ lastItem, lastMs, lastSession }: User): Moment {
  return { startMs: lastMs, sessionId: lastSession, item: lastItem };
}

/** Time, then session, then item. */
export function byMoment(a: Moment, b: Moment): number {
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  if (a.sessionId !== b.sessionId) return BigInt(a.sessionId) < BigInt(b.sessionId) ? -1 : 1;
  return a.item - b.item;
}

/** What decides between two files: the newer one, then the greater key. All of them are in one bucket. */
export type FileAge = { readonly lastModifiedMs: number; readonly key: string };

export function byFile(a: FileAge, b: FileAge): number {
  return a.lastModifiedMs - b.lastModifiedMs || byText(a.key, b.key);
}

/** The objects of the batch as they are in it. */
export function agesOfBatch({ temporary }: Transaction): ReadonlyMap<string, FileAge> {
  return new Map(
    temporary
      .get('sparkify_objects')
      .map(({ key, lastModifiedMs, objectId }) => [objectId, { key, lastModifiedMs: lastModifiedMs ?? 0 }]),
  );
}

export function rivalOf(event: TypedEvent, batchId: string): Rival {
  const { artistName, id, item, length, level, line, location, matchKey, objectId, sessionId } = event;
  const { startMs, title, userAgent, userId } = event;
  return {
    ...{ id, startMs, userId, level, sessionId, location, userAgent, item, title, artistName, length, matchKey },
    ...{ objectId, line, batchId },
  };
}

/** A row as it stands for its play. */
export function matched(row: Omit<Play, 'songId' | 'artistId'>, match: Match | null): Play {
  return { ...row, songId: match?.songId ?? null, artistId: match?.artistId ?? null };
}

/** The song that a play belongs to now: of several the smallest id. */
export function matchOf({ tables }: Transaction, key: string | null): Match | null {
  if (key === null) return null;
  let match: Match | null = null;
  for (const song of tables.songs.rows()) {
    if (song.matchKey === key && (match === null || song.songId < match.songId)) {
      match = { songId: song.songId, artistId: song.artistId };
    }
  }
  return match;
}

export function userOf(event: TypedEvent): User {
  const { firstName, gender, item, lastName, level, line, objectId, sessionId, startMs, userId } = event;
  const last = { lastMs: startMs, lastSession: sessionId, lastItem: item };
  return { userId, firstName, lastName, gender, level, ...last, objectId, line };
}

/** The row of kind `C`. @param counts.inserted is `null` where the guard of the dataset says no. */
export function addCounts(
  temporary: Transaction['temporary'],
  counts: { inserted: number | null; updated: number; repaired: number; removed: number },
): void {
  const { inserted, removed, repaired, updated } = counts;
  const row = {
    ...{ kind: 'C', file_number: '0', rows_inserted: inserted === null ? null : String(inserted) },
    ...{ rows_updated: String(updated), rows_repaired: String(repaired), rows_removed: String(removed) },
  };
  temporary.set('staging', [...temporary.get('staging'), row]);
}

function typedEvent(row: StagedRow, objectId: string): TypedEvent {
  const text = (column: string): string | null => row[column] ?? null;
  const needed = (column: string): string => row[column] ?? '';
  return {
    isPlay: row['is_play'] === '1',
    id: needed('songplay_id'),
    startMs: Number(row['start_time']),
    userId: needed('user_id'),
    level: text('level'),
    sessionId: needed('session_id'),
    item: Number(row['item_in_session']),
    firstName: text('first_name'),
    lastName: text('last_name'),
    gender: text('gender'),
    location: text('location'),
    userAgent: text('user_agent'),
    title: text('song_title'),
    artistName: text('artist_name'),
    length: hundredThousandths(text('song_length')),
    matchKey: text('match_key'),
    playHash: needed('play_hash'),
    userHash: needed('user_hash'),
    objectId,
    line: Number(row['line_number']),
  };
}
