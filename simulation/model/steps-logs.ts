import type { Step, Transaction } from './transaction.ts';
import { isIn } from './transaction.ts';
import type { Match, StagedRow, Temporary, TypedEvent } from './temporary.ts';
import type { Play, User } from './tables.ts';
import { widenPlayKey } from './play-keys.ts';
import { refuseRows } from './refusals.ts';
import { hundredThousandths, playHash, timeRow, userHash } from './values.ts';

/** `sql/load/logs`, file by file. */
export const LOG_STEPS: Readonly<Record<string, Step>> = {
  'load/logs/stage/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['staging', 'rows_there', 'batch_plays', 'batch_users']);
    return undefined;
  },
  'load/logs/stage/10_create_staging.sql': ({ temporary }) => {
    temporary.set('staging', []);
    temporary.set('staging_of', 'logs');
    temporary.set('rows_there', []);
    return undefined;
  },
  'load/logs/stage/40_batch_plays.sql': ({ temporary }) => {
    const plays = eventsOf(temporary).filter(({ isPlay }) => isPlay);
    const greaterHash = (a: TypedEvent, b: TypedEvent) => (a.playHash > b.playHash ? a : b);
    temporary.set(
      'batch_plays',
      onePer(plays, ({ id }) => id, greaterHash),
    );
    return undefined;
  },
  'load/logs/stage/50_batch_users.sql': ({ temporary }) => {
    const newer = (a: TypedEvent, b: TypedEvent) => (isNewer(a, userOf(b), b.userHash) ? a : b);
    temporary.set(
      'batch_users',
      onePer(eventsOf(temporary), ({ userId }) => userId, newer),
    );
    return undefined;
  },
  'load/logs/publish/10_songplays.sql': (transaction, values) => {
    const { tables, temporary } = transaction;
    const isRead = isIn(values, 'starts');
    refuseRows('publish', temporary.get('staging'));
    for (const play of temporary.get('batch_plays')) {
      const known = tables.songplays.get(play.id);
      const isThere = known !== undefined && isRead(known.startMs);
      const isOlder = isThere && play.playHash > playHash(known);
      if (isThere) addThere(temporary, { key: `play ${play.id}`, isOlder });
      const row = matched(play, matchOf(transaction, play.matchKey));
      if (!isThere) tables.songplays.insert(play.id, row);
      else if (isOlder) tables.songplays.update(play.id, row);
    }
    return undefined;
  },
  'load/logs/publish/15_play_keys.sql': (transaction) => {
    for (const play of transaction.temporary.get('batch_plays')) widenPlayKey(transaction, play);
    return undefined;
  },
  'load/logs/publish/20_time.sql': ({ tables, temporary }, values) => {
    const isRead = isIn(values, 'starts');
    const starts = new Set(temporary.get('batch_plays').map(({ startMs }) => startMs));
    for (const startMs of starts) {
      const known = tables.time.get(String(startMs));
      if (known === undefined || !isRead(startMs)) tables.time.insert(String(startMs), timeRow(startMs));
    }
    return undefined;
  },
  'load/logs/publish/30_users.sql': ({ tables, temporary }) => {
    refuseRows('publish', temporary.get('staging'));
    for (const event of temporary.get('batch_users')) {
      const known = tables.users.get(event.userId);
      const isOlder = known !== undefined && isNewer(event, known, userHash(known));
      if (known !== undefined) addThere(temporary, { key: `user ${event.userId}`, isOlder });
      if (known === undefined || isOlder) tables.users.update(event.userId, userOf(event));
    }
    return undefined;
  },
  'load/logs/publish/80_counts.sql': ({ temporary }) => {
    const there = temporary.get('rows_there');
    const rows = temporary.get('batch_plays').length + temporary.get('batch_users').length;
    const updated = there.filter(({ isOlder }) => isOlder).length;
    addCounts(temporary, { inserted: rows - there.length, updated, repaired: 0 });
    return undefined;
  },
};

function eventsOf(temporary: Transaction['temporary']): readonly TypedEvent[] {
  return temporary
    .get('staging')
    .filter((row) => row['kind'] === 'E')
    .map(typedEvent);
}

function addThere(temporary: Transaction['temporary'], row: Temporary['rows_there'][number]): void {
  temporary.set('rows_there', [...temporary.get('rows_there'), row]);
}

/** The row of kind `C`. @param counts.inserted is `null` where the guard of the dataset says no. */
export function addCounts(
  temporary: Transaction['temporary'],
  { inserted, repaired, updated }: { inserted: number | null; updated: number; repaired: number },
): void {
  const counts = {
    ...{ kind: 'C', file_number: '0', rows_inserted: inserted === null ? null : String(inserted) },
    ...{ rows_updated: String(updated), rows_repaired: String(repaired) },
  };
  temporary.set('staging', [...temporary.get('staging'), counts]);
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

function matched(event: TypedEvent, match: Match | null): Play {
  const { artistName, id, item, length, level, location, matchKey: key, sessionId, startMs, title, userAgent } = event;
  return {
    id,
    startMs,
    userId: event.userId,
    level,
    songId: match?.songId ?? null,
    artistId: match?.artistId ?? null,
    sessionId,
    location,
    userAgent,
    item,
    title,
    artistName,
    length,
    matchKey: key,
  };
}

function typedEvent(row: StagedRow): TypedEvent {
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
  };
}

/** Time, then session, then item, then the greater hash. */
function isNewer(event: TypedEvent, user: User, hash: string): boolean {
  if (event.startMs !== user.lastMs) return event.startMs > user.lastMs;
  if (event.sessionId !== user.lastSession) return BigInt(event.sessionId) > BigInt(user.lastSession);
  if (event.item !== user.lastItem) return event.item > user.lastItem;
  return event.userHash > hash;
}

function userOf(event: TypedEvent): User {
  const { firstName, gender, item, lastName, level, sessionId, startMs, userId } = event;
  return { userId, firstName, lastName, gender, level, lastMs: startMs, lastSession: sessionId, lastItem: item };
}

function onePer<T>(rows: readonly T[], keyOf: (row: T) => string, better: (a: T, b: T) => T): readonly T[] {
  const winners = new Map<string, T>();
  for (const row of rows) {
    const other = winners.get(keyOf(row));
    winners.set(keyOf(row), other === undefined ? row : better(row, other));
  }
  return [...winners.values()];
}
