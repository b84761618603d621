import type { Step, Transaction } from './transaction.ts';
import { integerValue, isWithin } from './transaction.ts';
import type { Match, StagedRow, Temporary, TypedEvent } from './temporary.ts';
import type { Play, User } from './tables.ts';
import { widenPlayKey } from './play-keys.ts';
import { refuseRows } from './refusals.ts';
import { hundredThousandths, playHash, timeRow, userHash } from './values.ts';

/** `sql/load/logs`, file by file. */
export const LOG_STEPS: Readonly<Record<string, Step>> = {
  'load/logs/stage/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['staging_events', 'batch_plays', 'batch_users', 'batch_rejects']);
    return undefined;
  },
  'load/logs/stage/10_create_staging_events.sql': ({ temporary }) => {
    temporary.set('staging_events', []);
    return undefined;
  },
  'load/logs/stage/40_batch_plays_and_users.sql': ({ temporary }) => {
    const staged = temporary.get('staging_events').filter((row) => row['kind'] === 'E');
    const events = staged.map(typedEvent);
    const plays = events.filter(({ isPlay }) => isPlay);
    const greaterHash = (a: TypedEvent, b: TypedEvent) => (a.playHash > b.playHash ? a : b);
    const newer = (a: TypedEvent, b: TypedEvent) => (isNewer(a, userOf(b), b.userHash) ? a : b);
    temporary.set(
      'batch_plays',
      onePer(plays, ({ id }) => id, greaterHash),
    );
    temporary.set(
      'batch_users',
      onePer(events, ({ userId }) => userId, newer),
    );
    return undefined;
  },
  'load/logs/stage/50_batch_rejects.sql': ({ temporary }) => {
    temporary.set('batch_rejects', batchRejects(temporary, 'staging_events'));
    return undefined;
  },
  'load/logs/publish/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['play_changes', 'user_changes', 'batch_counts']);
    return undefined;
  },
  'load/logs/publish/10_songplays.sql': (transaction, values) => {
    const { tables, temporary } = transaction;
    const isRead = isWithin(values, 'start_time');
    const changes = temporary.get('batch_plays').flatMap((play) => {
      const known = tables.songplays.get(play.id);
      if (known === undefined || !isRead(known.startMs)) return [{ play, isNew: true }];
      return play.playHash > playHash(known) ? [{ play, isNew: false }] : [];
    });
    refuseRows('publish', temporary.get('staging_events'));
    temporary.set('play_changes', changes);
    for (const { isNew, play } of changes) {
      const row = matched(play, matchOf(transaction, play.matchKey));
      if (isNew) tables.songplays.insert(play.id, row);
      else tables.songplays.update(play.id, row);
    }
    return undefined;
  },
  'load/logs/publish/15_play_keys.sql': (transaction) => {
    for (const { play } of transaction.temporary.get('play_changes')) widenPlayKey(transaction, play);
    return undefined;
  },
  'load/logs/publish/20_time.sql': ({ tables, temporary }, values) => {
    const isRead = isWithin(values, 'start_time');
    const starts = new Set(temporary.get('play_changes').map(({ play }) => play.startMs));
    for (const startMs of starts) {
      const known = tables.time.get(String(startMs));
      if (known === undefined || !isRead(startMs)) tables.time.insert(String(startMs), timeRow(startMs));
    }
    return undefined;
  },
  'load/logs/publish/30_users.sql': ({ tables, temporary }) => {
    const changes = temporary.get('batch_users').flatMap((event) => {
      const known = tables.users.get(event.userId);
      if (known === undefined) return [{ user: userOf(event), isNew: true }];
      return isNewer(event, known, userHash(known)) ? [{ user: userOf(event), isNew: false }] : [];
    });
    temporary.set('user_changes', changes);
    for (const { user } of changes) tables.users.update(user.userId, user);
    return undefined;
  },
  'load/logs/publish/80_counts.sql': ({ temporary }, values) => {
    const changes = [...temporary.get('play_changes'), ...temporary.get('user_changes')];
    const inserted = changes.filter(({ isNew }) => isNew).length;
    const [staged, rejected] = [integerValue(values, 'rows_staged'), integerValue(values, 'rows_rejected')];
    temporary.set('batch_counts', { staged, rejected, inserted, updated: changes.length - inserted, repaired: 0 });
    return undefined;
  },
};

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

/** The rejected rows among the staged ones. */
export function batchRejects(
  temporary: Transaction['temporary'],
  table: 'staging_events' | 'staging_songs',
): Temporary['batch_rejects'] {
  const files = new Map(temporary.get('batch_files').map((file) => [String(file.fileNumber), file]));
  const rejected = temporary.get(table).filter((row) => row['kind'] === 'R');
  return rejected.flatMap((row) => {
    const file = files.get(row['file_number'] ?? '');
    if (file === undefined) return [];
    const { key, objectId } = file;
    const [id, column, text] = [row['rejected_id'] ?? '', row['column_name'] ?? '', row['row_text'] ?? ''];
    return [{ id, objectId, key, line: Number(row['line_number']), column, text }];
  });
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
