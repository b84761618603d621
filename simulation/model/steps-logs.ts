import type { Step, Transaction } from './transaction.ts';
import { integerValue, isWithin } from './transaction.ts';
import type { Match, StagedRow, TypedEvent } from './temporary.ts';
import type { Play, User } from './tables.ts';
import { widenPlayKey } from './play-keys.ts';
import { hundredThousandths, matchKey, md5, playHash, playId, sqlTime, timeRow, userHash } from './values.ts';

/** `sql/load/logs`, file by file. */
export const LOG_STEPS: Readonly<Record<string, Step>> = {
  'load/logs/stage/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['staging_events', 'checked_events', 'batch_events', 'batch_plays', 'batch_users']);
    temporary.drop(['rejected_events', 'rejected_hashes', 'batch_rejects']);
    return undefined;
  },
  'load/logs/stage/10_create_staging_events.sql': ({ temporary }) => {
    temporary.set('staging_events', []);
    temporary.set('read_logs', []);
    return undefined;
  },
  'load/logs/stage/20_check_events.sql': ({ temporary }) => {
    const kept = temporary.get('staging_events').filter(isKept);
    temporary.set(
      'checked_events',
      kept.map((row) => ({ row, rejection: rejectionOf(row) })),
    );
    return undefined;
  },
  'load/logs/stage/30_type_events.sql': ({ temporary }) => {
    const fitting = temporary.get('checked_events').filter(({ rejection }) => rejection === null);
    temporary.set(
      'batch_events',
      fitting.map(({ row }) => typedEvent(row)),
    );
    return undefined;
  },
  'load/logs/stage/40_batch_plays_and_users.sql': ({ temporary }) => {
    const events = temporary.get('batch_events');
    const plays = events.filter(({ isPlay }) => isPlay);
    const greaterHash = (a: TypedEvent, b: TypedEvent) => (playHash(a) > playHash(b) ? a : b);
    const newer = (a: TypedEvent, b: TypedEvent) => (isNewer(a, userOf(b)) ? a : b);
    temporary.set(
      'batch_plays',
      onePer(plays, ({ id }) => id, greaterHash),
    );
    temporary.set(
      'batch_users',
      onePer(events, ({ userId }) => String(userId), newer),
    );
    return undefined;
  },
  'load/logs/stage/50_batch_rejects.sql': ({ temporary }, values) => {
    const rejected = temporary.get('checked_events').flatMap(({ rejection, row }) => {
      return rejection === null ? [] : [{ rowHash: rowHash(row), rejection }];
    });
    const distinct = Map.groupBy(rejected, (event) => event.rowHash);
    if (distinct.size > integerValue(values, 'rejected_rows_max')) throw new Error('more rejected rows than are kept');
    temporary.set('rejected_events', rejected);
    temporary.set(
      'rejected_hashes',
      [...distinct].map(([hash, rows]) => ({ rowHash: hash, occurrences: rows.length })),
    );
    temporary.set(
      'batch_rejects',
      [...distinct].map(([hash, rows]) => ({ rejectedId: md5(`${hash}|${rows[0]?.rejection ?? ''}`), rowHash: hash })),
    );
    return undefined;
  },
  'load/logs/rejects/10_rejected_hashes.sql': ({ temporary }) =>
    temporary
      .get('rejected_hashes')
      .toSorted((a, b) => (a.rowHash < b.rowHash ? -1 : 1))
      .map(({ occurrences, rowHash: row_hash }) => ({ row_hash, occurrences })),
  'load/logs/stage/90_summary.sql': ({ temporary }) => {
    const plays = temporary.get('batch_plays');
    const starts = plays.map(({ startMs }) => startMs);
    return [
      {
        rows_staged: temporary.get('staging_events').length,
        plays: plays.length,
        users: temporary.get('batch_users').length,
        rows_rejected: temporary.get('rejected_events').length,
        min_start_time: plays.length === 0 ? null : sqlTime(Math.min(...starts)),
        max_start_time: plays.length === 0 ? null : sqlTime(Math.max(...starts)),
      },
    ];
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
      return playHash(play) > playHash(known) ? [{ play, isNew: false }] : [];
    });
    temporary.set('play_changes', changes);
    for (const { isNew, play } of changes) {
      const row = matched(play, matchOf(transaction, play.matchKey));
      if (isNew) tables.songplays.insert(play.id, row);
      else tables.songplays.update(play.id, row);
    }
    for (const { key, text } of temporary.get('read_logs')) {
      tables.seen.update(`log ${key} ${md5(text)}`, { kind: 'log', key, text });
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
      const known = tables.users.get(String(event.userId));
      if (known === undefined) return [{ user: userOf(event), isNew: true }];
      return isNewer(event, known) ? [{ user: userOf(event), isNew: false }] : [];
    });
    temporary.set('user_changes', changes);
    for (const { user } of changes) tables.users.update(String(user.userId), user);
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

function isKept({ page, userid }: StagedRow): boolean {
  return page === null || page === undefined || page === '' || page === 'NextSong' || (userid ?? '') !== '';
}

const isYearWithin = (ts: string) => Number(ts) >= Date.UTC(2000, 0) && Number(ts) < Date.UTC(2100, 0);

const bytes = (text: string | null | undefined) => Buffer.byteLength(text ?? '');

/** `column|reason` of the first thing that is wrong. Texts that are too long for their column do not occur here. */
function rejectionOf(row: StagedRow): string | null {
  if ((row['page'] ?? '') === '') return 'page|is missing';
  if (!/^[0-9]{1,13}$/.test(row['ts'] ?? '')) return 'ts|is not a whole number of milliseconds since 1970';
  if (!isYearWithin(row['ts'] ?? '')) return 'ts|is outside the years 2000 to 2099, in milliseconds since 1970';
  if (!/^[0-9]{1,18}$/.test(row['userid'] ?? '')) return 'user_id|is not a whole number of 1 to 18 digits';
  if (!/^[0-9]{1,18}$/.test(row['sessionid'] ?? '')) return 'session_id|is not a whole number of 1 to 18 digits';
  if (!/^[0-9]{1,9}$/.test(row['iteminsession'] ?? '')) return 'item_in_session|is not a whole number of 1 to 9 digits';
  const length = row['length'] ?? null;
  if (length !== null && hundredThousandths(length) === undefined) {
    return 'song_length|is not a number of seconds below 100000';
  }
  if (bytes(row['level']) > 16) return 'level|is longer than 16 bytes';
  if (bytes(row['gender']) > 16) return 'gender|is longer than 16 bytes';
  if (bytes(row['firstname']) > 256) return 'first_name|is longer than 256 bytes';
  return null;
}

function typedEvent(row: StagedRow): TypedEvent {
  const text = (column: string): string | null => row[column] ?? null;
  const [startMs, userId] = [Number(row['ts']), Number(row['userid'])];
  const [sessionId, item] = [Number(row['sessionid']), Number(row['iteminsession'])];
  const lengthText = text('length');
  const length = lengthText === null ? null : (hundredThousandths(lengthText) ?? null);
  return {
    isPlay: row['page'] === 'NextSong',
    id: playId(sessionId, item, userId, startMs),
    startMs,
    userId,
    level: text('level'),
    sessionId,
    item,
    firstName: text('firstname'),
    lastName: text('lastname'),
    gender: text('gender'),
    location: text('location'),
    userAgent: text('useragent'),
    title: text('song'),
    artistName: text('artist'),
    length,
    matchKey: matchKey(text('song'), text('artist'), length),
  };
}

/** Time, then session, then item, then the greater hash. */
function isNewer(event: TypedEvent, user: User): boolean {
  if (event.startMs !== user.lastMs) return event.startMs > user.lastMs;
  if (event.sessionId !== user.lastSession) return event.sessionId > user.lastSession;
  if (event.item !== user.lastItem) return event.item > user.lastItem;
  return userHash(event) > userHash(user);
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

/** The columns of `staging_events`, in the order in which the hash of a rejected row names them. */
const COLUMNS =
  'artist auth firstname gender iteminsession lastname length level location method page registration sessionid song status ts useragent userid';

function rowHash(row: StagedRow): string {
  const hashOf = (column: string) => ((row[column] ?? null) === null ? '-' : md5(row[column] ?? ''));
  return md5(COLUMNS.split(' ').map(hashOf).join(''));
}
