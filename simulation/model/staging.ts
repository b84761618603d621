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

const FILES: Readonly<Record<string, ColumnType>> = {
  ...{ kind: CHAR_1, file_number: INTEGER, file_id: CHAR_32, object_id: CHAR_32, bucket: varchar(63) },
  ...{ object_key: varchar(1024), etag: varchar(80), version_id: varchar(1024), sequencer: varchar(64) },
  ...{ size: BIGINT, event_time: TIMESTAMP, last_modified: TIMESTAMP, status: varchar(16), error_code: varchar(40) },
  rows_rejected: BIGINT,
};

/** `stage/10_create_staging.sql` of both datasets. */
const STAGING = {
  logs: {
    ...{ ...FILES, line_number: BIGINT, row_number: BIGINT, is_play: SMALLINT, songplay_id: CHAR_32 },
    ...{ start_time: TIMESTAMP, user_id: BIGINT, session_id: BIGINT, item_in_session: INTEGER },
    ...{ level: varchar(16), first_name: varchar(256), last_name: varchar(256), gender: varchar(16) },
    ...{ location: varchar(512), user_agent: varchar(2048), song_title: varchar(1024), artist_name: varchar(1024) },
    ...{ song_length: DECIMAL_10_5, match_key: CHAR_32, play_hash: CHAR_32, user_hash: CHAR_32, ...REJECTS },
  },
  songs: {
    ...{ ...FILES, line_number: BIGINT, row_number: INTEGER, song_id: varchar(64), title: varchar(1024) },
    ...{ artist_id: varchar(64), artist_name: varchar(1024), artist_location: varchar(1024) },
    ...{ artist_latitude: DOUBLE, artist_longitude: DOUBLE, year: INTEGER, duration: DECIMAL_10_5 },
    ...{ match_key: CHAR_32, ...REJECTS },
  },
} as const;

/**
 * A line of a part as a row of staging.
 *
 * @throws IngestError `copy_bad_data` when a column cannot hold its value; Error when no loader may write such a line at all.
 */
export function stagedRow(dataset: keyof typeof STAGING, line: string): StagedRow {
  const columns: Readonly<Record<string, ColumnType>> = STAGING[dataset];
  const row: Record<string, string> = {};
  for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
    const fits = columns[name];
    if (fits === undefined || typeof value !== 'string')
      throw new Error(`a part has ${name}: ${JSON.stringify(value)}`);
    if (!fits(value)) throw new IngestError('copy_bad_data', `COPY refuses ${name} ${value.slice(0, 100)}.`);
    row[name] = value;
  }
  const lacking = ['kind', 'file_number'].find((name) => row[name] === undefined);
  if (lacking !== undefined) throw new IngestError('copy_bad_data', `COPY refuses a row without ${lacking}.`);
  return row;
}
