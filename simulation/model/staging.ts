import { IngestError } from '../../src/core/errors.ts';
import type { StagedRow } from './temporary.ts';

type ColumnType = (text: string) => boolean;

const varchar =
  (bytes: number): ColumnType =>
  (text) =>
    Buffer.byteLength(text) <= bytes && !text.includes('\0') && text.isWellFormed();
const whole =
  (bits: bigint): ColumnType =>
  (text) =>
    /^-?[0-9]+$/.test(text) && BigInt.asIntN(Number(bits), BigInt(text)) === BigInt(text);

const CHAR_1 = varchar(1);
const CHAR_32 = varchar(32);
const [SMALLINT, INTEGER, BIGINT] = [whole(16n), whole(32n), whole(64n)];
/** COPY cuts off what is behind the fifth decimal, so that no part may have more. */
const DECIMAL_10_5: ColumnType = (text) => /^-?[0-9]{1,5}[.][0-9]{5}$/.test(text);
const DOUBLE: ColumnType = (text) => /^-?[0-9]+(?:[.][0-9]+)?$/.test(text);
/** `epochmillisecs`. */
const TIMESTAMP: ColumnType = (text) => /^[0-9]{1,15}$/.test(text);

const REJECTS: Readonly<Record<string, ColumnType>> = {
  rejected_id: CHAR_32,
  column_name: varchar(127),
  reason: varchar(1024),
  row_text: varchar(65_535),
};

/** `10_create_staging_events.sql` and `10_create_staging_songs.sql`. */
const STAGING = {
  staging_events: {
    columns: {
      ...{ kind: CHAR_1, file_number: INTEGER, line_number: BIGINT, is_play: SMALLINT, songplay_id: CHAR_32 },
      ...{ start_time: TIMESTAMP, user_id: BIGINT, session_id: BIGINT, item_in_session: INTEGER },
      ...{ level: varchar(16), first_name: varchar(256), last_name: varchar(256), gender: varchar(16) },
      ...{ location: varchar(512), user_agent: varchar(2048), song_title: varchar(1024), artist_name: varchar(1024) },
      ...{ song_length: DECIMAL_10_5, match_key: CHAR_32, play_hash: CHAR_32, user_hash: CHAR_32, ...REJECTS },
    },
    required: ['kind', 'file_number', 'line_number'],
  },
  staging_songs: {
    columns: {
      ...{ kind: CHAR_1, file_number: INTEGER, line_number: BIGINT, row_number: INTEGER, etag: varchar(80) },
      ...{ last_modified: TIMESTAMP, sequencer: varchar(64), song_id: varchar(64), title: varchar(1024) },
      ...{ artist_id: varchar(64), artist_name: varchar(1024), artist_location: varchar(1024) },
      ...{ artist_latitude: DOUBLE, artist_longitude: DOUBLE, year: INTEGER, duration: DECIMAL_10_5 },
      ...{ match_key: CHAR_32, ...REJECTS },
    },
    required: ['kind', 'file_number'],
  },
} as const;

/**
 * A line of a part as a row of staging.
 *
 * @throws IngestError `copy_bad_data` when a column cannot hold its value; Error when no loader may write such a line at all.
 */
export function stagedRow(table: keyof typeof STAGING, line: string): StagedRow {
  const { required } = STAGING[table];
  const columns: Readonly<Record<string, ColumnType>> = STAGING[table].columns;
  const row: Record<string, string> = {};
  for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
    const fits = columns[name];
    if (fits === undefined || typeof value !== 'string')
      throw new Error(`a part has ${name}: ${JSON.stringify(value)}`);
    if (!fits(value)) throw new IngestError('copy_bad_data', `COPY refuses ${name} ${value.slice(0, 100)}.`);
    row[name] = value;
  }
  const lacking = required.find((name) => row[name] === undefined);
  if (lacking !== undefined) throw new IngestError('copy_bad_data', `COPY refuses a row without ${lacking}.`);
  return row;
}
