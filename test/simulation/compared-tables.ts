import { artistValues, playValues, songValues, starOf, userValues } from '../../simulation/model/full-reload.ts';
import type { Play, Tables, User } from '../../simulation/model/tables.ts';
import type { Loading } from '../support/loading.ts';

/** Tables as sorted lines, one per row: a JSON array of its values. */
type Lines = Readonly<Record<string, readonly string[]>>;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

const PLAY = [
  ...['session_id', 'location', 'user_agent', 'item_in_session', 'song_title', 'artist_name'],
  ...['(song_length * 100000)::bigint', 'match_key', 'object_id', 'line_number', 'batch_id'],
];
const USER = ['user_id', 'first_name', 'last_name', 'gender', 'level'];

/** The same columns in the same order as `simulatedTables` writes them. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  songplays: ['songplay_id', ms('start_time'), 'user_id', 'level', 'song_id', 'artist_id', ...PLAY],
  play_rivals: ['songplay_id', ms('start_time'), 'user_id', 'level', 'null', 'null', ...PLAY],
  users: [...USER, ...[ms('last_event_at'), 'last_session_id', 'last_item_in_session', 'object_id', 'line_number']],
  user_sources: [...USER, ms('event_at'), 'session_id', 'item_in_session', 'object_id', 'line_number'],
  songs: [
    ...['song_id', 'title', 'artist_id', 'year', '(duration * 100000)::bigint', 'match_key', ms('last_modified')],
    ...['source_id', 'source_row', 'line_number'],
  ],
  artists: ['artist_id', 'name', 'location', 'latitude', 'longitude', 'source_id', 'line_number'],
  time: [ms('start_time'), 'hour', 'day', 'week', 'month', 'year', 'weekday'],
  song_sources: [
    ...['source_id', 'row_number', 'line_number', 'object_key', 'etag', ms('last_modified'), 'song_id', 'title'],
    ...['artist_id', 'artist_name', 'artist_location', 'artist_latitude', 'artist_longitude', 'year'],
    ...['(duration * 100000)::bigint', 'match_key'],
  ],
  play_keys: ['key_prefix', ms('first_day'), ms('last_day')],
  ingest_files: [
    ...['file_id', 'object_id', 'object_key', 'etag', ms('event_time'), ms('last_modified'), 'dataset', 'status'],
    ...['batch_id', 'attempts', 'error_code'],
  ],
  ingest_batches: [
    ...['batch_id', 'rows_staged', 'rows_rejected', 'rows_inserted', 'rows_updated', 'rows_repaired', 'rows_removed'],
    ...['rested_ms', 'dataset', 'objects_removed'],
    'objects_added',
  ],
  ingest_open: ['object_id', 'dataset', 'object_key', 'status', 'error_code', 'rows_rejected', 'batch_id'],
  rejected_rows: ['rejected_id', 'file_id', 'object_key', 'line_number', 'column_name', 'row_text'],
  ingest_objects: [
    ...['object_id', 'dataset', 'object_key', 'etag', ms('last_modified'), 'status', 'rows_kept', 'rows_sum'],
    ...[ms('first_event_at'), ms('last_event_at'), 'batch_id'],
  ],
};

/** The names of all tables that are compared. */
export const COMPARED_TABLES: readonly string[] = Object.keys(COLUMNS);

/** What stands in the tables of the embedded stack. One query for all: it is asked after every history. */
export async function realTables(loading: Loading): Promise<Lines> {
  const selects = Object.entries(COLUMNS).map(([table, columns]) => {
    const values = columns.map((column) => `${column}::text`).join(', ');
    return `select '${table}' as name, array[${values}] as values from ${table}`;
  });
  const rows = await loading.rows(selects.join(' union all '));
  const lines: Record<string, string[]> = Object.fromEntries(COMPARED_TABLES.map((table) => [table, []]));
  for (const { name, values } of rows) lines[String(name)]?.push(JSON.stringify(values));
  return Object.fromEntries(Object.entries(lines).map(([table, unordered]) => [table, unordered.toSorted()]));
}

/** What the model says should stand there. */
export function simulatedTables(tables: Tables): Lines {
  const lines = (rows: readonly (readonly unknown[])[]) =>
    rows.map((row) => JSON.stringify(row.map(comparable))).toSorted();
  const time = starOf(tables).time.map((line) => JSON.parse(line) as unknown[]);
  return {
    songplays: lines([...tables.songplays.values()].map(playRow)),
    play_rivals: lines(
      [...tables.play_rivals.values()].map((row) => playRow({ ...row, songId: null, artistId: null })),
    ),
    users: lines([...tables.users.values()].map(userRow)),
    user_sources: lines([...tables.user_sources.values()].map(userRow)),
    songs: lines(
      [...tables.songs.values()].map((row) => [
        ...[...songValues(row), row.matchKey, row.lastModifiedMs, row.sourceId, row.sourceRow, row.line],
      ]),
    ),
    artists: lines([...tables.artists.values()].map((row) => [...artistValues(row), row.sourceId, row.line])),
    time: lines(time),
    song_sources: lines(
      [...tables.song_sources.values()].map((row) => [
        ...[row.sourceId, row.row, row.line, row.key, row.etag, row.lastModifiedMs, row.songId, row.title],
        ...[row.artistId, row.artistName, row.location, row.latitude, row.longitude, row.year],
        ...[row.duration, row.matchKey],
      ]),
    ),
    play_keys: lines([...tables.play_keys.values()].map((row) => [row.prefix, row.firstDayMs, row.lastDayMs])),
    ingest_files: lines(
      [...tables.ingest_files.values()].map((row) => [
        ...[row.fileId, row.objectId, row.key, row.etag, row.eventMs, row.lastModifiedMs, row.dataset, row.status],
        ...[row.batchId, row.attempts, row.errorCode],
      ]),
    ),
    ingest_batches: lines(
      [...tables.ingest_batches.values()].map((row) => [
        ...[row.batchId, row.staged, row.rejected, row.inserted, row.updated, row.repaired, row.removed],
        ...[row.restedMs, row.dataset, row.objectsRemoved],
        row.objectsAdded,
      ]),
    ),
    ingest_open: lines(
      [...tables.ingest_open.values()].map((row) => [
        ...[row.objectId, row.dataset, row.key, row.status, row.errorCode, row.rejected, row.batchId],
      ]),
    ),
    rejected_rows: lines(
      [...tables.rejected_rows.values()].map((row) => [row.id, row.fileId, row.key, row.line, row.column, row.text]),
    ),
    ingest_objects: lines(
      [...tables.ingest_objects.values()].map((row) => [
        ...[row.objectId, row.dataset, row.key, row.etag, row.lastModifiedMs, row.status, row.rowsKept, row.rowsSum],
        ...[row.firstMs, row.lastMs, row.batchId],
      ]),
    ),
  };
}

function playRow(row: Play): readonly unknown[] {
  return [...playValues(row), row.matchKey, row.objectId, row.line, row.batchId];
}

function userRow(row: User): readonly unknown[] {
  return [...userValues(row), row.objectId, row.line];
}

/** Numbers come as numbers or as text, by their size. */
function comparable(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : (value ?? null);
}
