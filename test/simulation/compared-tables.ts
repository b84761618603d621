import { starOf } from '../../simulation/model/full-reload.ts';
import type { Tables } from '../../simulation/model/tables.ts';
import type { Loading } from '../support/loading.ts';

/** Tables as sorted lines, one per row: a JSON array of its values. */
type Lines = Readonly<Record<string, readonly string[]>>;

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

/** The same columns in the same order as `starOf` and `simulatedTables` write them. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  songplays: [
    ...['songplay_id', ms('start_time'), 'user_id', 'level', 'song_id', 'artist_id', 'session_id', 'location'],
    ...['user_agent', 'item_in_session', 'song_title', 'artist_name', '(song_length * 100000)::bigint'],
  ],
  users: [
    ...['user_id', 'first_name', 'last_name', 'gender', 'level', ms('last_event_at')],
    ...['last_session_id', 'last_item_in_session'],
  ],
  songs: ['song_id', 'title', 'artist_id', 'year', '(duration * 100000)::bigint'],
  artists: ['artist_id', 'name', 'location', 'latitude', 'longitude'],
  time: [ms('start_time'), 'hour', 'day', 'week', 'month', 'year', 'weekday'],
  song_sources: [
    ...['source_id', 'row_number', 'object_key', 'etag', ms('last_modified'), 'sequencer', 'song_id', 'title'],
    ...['artist_id', 'artist_name', 'year', '(duration * 100000)::bigint', 'match_key'],
  ],
  play_keys: ['key_prefix', ms('first_day'), ms('last_day')],
  ingest_files: [
    ...['file_id', 'object_id', 'object_key', 'etag', ms('event_time'), ms('last_modified'), 'dataset', 'status'],
    ...['batch_id', 'attempts', 'error_code'],
  ],
  ingest_batches: [
    ...['batch_id', 'rows_staged', 'rows_rejected', 'rows_inserted', 'rows_updated', 'rows_repaired', 'rested_ms'],
  ],
  rejected_rows: ['rejected_id', 'object_key', 'line_number', 'column_name', 'row_text'],
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
  const star = Object.fromEntries(
    Object.entries(starOf(tables)).map(([table, rows]) => [
      table,
      lines(rows.map((row) => JSON.parse(row) as unknown[])),
    ]),
  );
  return {
    ...star,
    song_sources: lines(
      [...tables.song_sources.values()].map((row) => [
        ...[row.sourceId, row.row, row.key, row.etag, row.lastModifiedMs, row.sequencer, row.songId, row.title],
        ...[row.artistId, row.artistName, row.year, row.duration, row.matchKey],
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
        ...[row.batchId, row.staged, row.rejected, row.inserted, row.updated, row.repaired, row.restedMs],
      ]),
    ),
    rejected_rows: lines(
      [...tables.rejected_rows.values()].map((row) => [row.id, row.key, row.line, row.column, row.text]),
    ),
  };
}

/** Numbers come as numbers or as text, by their size. */
function comparable(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : (value ?? null);
}
