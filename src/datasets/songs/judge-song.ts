import type { JsonObject } from '../../core/json-object.ts';
import { isMisfit } from '../column-types.ts';
import { fieldReader } from '../field.ts';
import type { Rejected } from '../field.ts';
import { createKeyFinder } from '../find-keys.ts';
import { matchKey } from '../hashes.ts';
import { SONG_FIELDS } from './fields.ts';

/** What becomes of one song object. */
export type JudgedSong = { readonly kind: 'song'; readonly row: SongRow } | Rejected;

/** A row of song staging, every value as text; `null` is NULL. */
type SongRow = {
  readonly song_id: string;
  readonly title: string | null;
  readonly artist_id: string;
  readonly artist_name: string | null;
  readonly artist_location: string | null;
  /** A plain decimal number, as the longitude. */
  readonly artist_latitude: string | null;
  readonly artist_longitude: string | null;
  readonly year: string | null;
  /** Seconds with exactly five decimals. */
  readonly duration: string | null;
  readonly match_key: string | null;
};

const findKeys = createKeyFinder(SONG_FIELDS.map(({ key }) => key));
const READERS = SONG_FIELDS.map((field) => ({ column: field.column, read: fieldReader(field) }));
const NO_VALUES: Readonly<Record<string, string | null>> = Object.fromEntries(
  SONG_FIELDS.map(({ column }) => [column, null]),
);

/** Judges an object of a song file. The first field that does not fit is the reason of a rejection. */
export function judgeSong(object: JsonObject): JudgedSong {
  const found = findKeys(object);
  const values = { ...NO_VALUES };
  for (const [at, { column, read }] of READERS.entries()) {
    const value = read(object.tokens[found[at] ?? -1]);
    if (isMisfit(value)) return { kind: 'rejected', column, reason: value.reason };
    values[column] = value;
  }
  // The required ones are there, or the loop would have ended.
  const song = values as Omit<SongRow, 'match_key'>;
  return { kind: 'song', row: { ...song, match_key: matchKey(song.title, song.artist_name, song.duration) } };
}
