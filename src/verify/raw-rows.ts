import type { FileEvent } from '../core/file-event.ts';
import type { JsonObject } from '../core/json-object.ts';
import { cutToBytes, objectId } from '../core/loading/ledger.ts';
import { tokenText, UNSTORABLE } from '../core/token-text.ts';
import { createKeyFinder } from '../datasets/find-keys.ts';
import type { LogKey } from '../datasets/logs/fields.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { PartRow } from '../loaders/part-writer.ts';

/**
 * Turns the objects of a dataset into rows of a raw table: the text of each key's value, as in the file. SQL decides whether a value
 * fits its column (`sql/verify/reload`).
 */
export type RawRows = {
  readonly table: 'raw_events' | 'raw_songs';
  readonly row: (object: JsonObject, file: FileEvent) => PartRow;
};

/** The keys of an event that the model uses; in lower case they are columns of `raw_events`. */
const USED_LOG_KEYS = [
  'artist',
  'firstName',
  'gender',
  'itemInSession',
  'lastName',
  'length',
  'level',
  'location',
  'page',
  'sessionId',
  'song',
  'ts',
  'userAgent',
  'userId',
] as const satisfies readonly LogKey[];

/** The keys of a song; columns of `raw_songs`. */
const SONG_KEYS = [
  'song_id',
  'title',
  'artist_id',
  'artist_name',
  'artist_location',
  'artist_latitude',
  'artist_longitude',
  'year',
  'duration',
];

/**
 * Longer texts are cut. The limit is above the width of every column of the star, so that a cut text is still too long; and it keeps
 * every row below the 4 MB limit of COPY, whatever JSON escapes.
 */
const TEXT_BYTES = 16 * 1024;

/** @param keyNames the keys of the log files; `undefined`: the usual keys. */
export function rawEvents(keyNames?: LogKeyNames): RawRows {
  const texts = textsOf(USED_LOG_KEYS.map((key) => ({ key: keyNames?.[key] ?? key, column: key.toLowerCase() })));
  return {
    table: 'raw_events',
    row: (object, file) => ({
      object_id: objectId(file),
      ordinal: String(object.ordinal),
      line_number: String(object.lineNumber),
      ...texts(object),
    }),
  };
}

const songTexts = textsOf(SONG_KEYS.map((key) => ({ key, column: key })));

export const RAW_SONGS: RawRows = {
  table: 'raw_songs',
  row: (object, file) => ({
    object_id: objectId(file),
    ordinal: String(object.ordinal),
    line_number: String(object.lineNumber),
    ...songTexts(object),
  }),
};

/** `unstorable`: the columns whose texts no VARCHAR can hold, each between blanks; `null` when there are none. */
function textsOf(
  columns: readonly { readonly key: string; readonly column: string }[],
): (object: JsonObject) => PartRow {
  const findKeys = createKeyFinder(columns.map(({ key }) => key));
  return (object) => {
    const found = findKeys(object);
    const row: Record<string, string | null> = { unstorable: null };
    for (const [at, { column }] of columns.entries()) {
      const token = object.tokens[found[at] ?? -1];
      const text = token === undefined ? null : tokenText(token);
      if (text === UNSTORABLE) row['unstorable'] = `${row['unstorable'] ?? ' '}${column} `;
      else row[column] = text === null ? null : cutToBytes(text, TEXT_BYTES);
    }
    return row;
  };
}
