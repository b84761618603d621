import type { FileEvent } from './file-event.ts';
import { cutToBytes, objectId, paddedSequencer, storableKey } from './ledger.ts';
import type { StoredObject } from './ports.ts';
import type { JsonProblem } from './split-json.ts';
import { splitJson } from './split-json.ts';
import { stagedTexts } from './staged-text.ts';

/** Columns of `staging_songs` that come from the song object itself; keys are compared without case. */
const SONG_COLUMNS = [
  'song_id',
  'title',
  'artist_id',
  'artist_name',
  'artist_location',
  'artist_latitude',
  'artist_longitude',
  'year',
  'duration',
] as const;

type SongColumn = (typeof SONG_COLUMNS)[number];

/** A row of a bundle: what one song of one object becomes. */
export type SongRow = {
  readonly source_id: string;
  /** From 1; 0 is the tombstone of an object without a usable song. */
  readonly row_number: number;
  readonly bucket: string;
  readonly object_key: string;
  readonly etag: string;
  readonly last_modified_ms: number;
  readonly sequencer: string;
  /** Of the song's first line in the file; `null` for a tombstone. */
  readonly line_number: number | null;
  readonly row_text: string | null;
} & Readonly<Partial<Record<SongColumn, string | null>>>;

/** The rows of a song object. Broken: one tombstone, because this version of the object names no song any more. */
export type SongRows = {
  readonly rows: readonly SongRow[];
  readonly problem: (JsonProblem & { readonly code: SongProblemCode }) | null;
};

type SongProblemCode = 'json_invalid' | 'utf8_invalid' | 'text_invalid' | 'too_large' | 'object_unreadable';

/** A file of song metadata that is larger than a few of COPY's largest objects (4 MB) is something else. */
export const SONG_FILE_MAX_BYTES = 16 * 1024 * 1024;
/** Far more songs than fit so many bytes; what is smaller than a song must not fill the memory either. */
const SONGS_PER_FILE = 100_000;

/** The widest VARCHAR. Every column of the star is far narrower, so what is cut here is rejected there as too long. */
const STAGING_BYTES = 65_535;

/** Reads a song object into rows stamped with where and when they come from. Values stay the text they were. */
export function songRows(file: FileEvent, stored: StoredObject): SongRows {
  const stamp = {
    source_id: objectId(file),
    bucket: file.bucket,
    object_key: storableKey(file.key),
    etag: stored.etag,
    last_modified_ms: stored.lastModifiedMs,
    sequencer: paddedSequencer(file.sequencer),
  };
  const tombstone: SongRow = { ...stamp, row_number: 0, line_number: null, row_text: null };
  const broken = (code: SongProblemCode, problem: JsonProblem): SongRows => ({
    rows: [tombstone],
    problem: { ...problem, code },
  });

  const size = stored.bytes.byteLength;
  if (size > SONG_FILE_MAX_BYTES) return broken('too_large', tooLarge(size));
  const text = decodeUtf8(stored.bytes);
  if (text === null) return broken('utf8_invalid', invalidUtf8(stored.bytes));
  const rows: SongRow[] = [];
  for (const object of splitJson(text)) {
    if (object.kind === 'broken') return broken('json_invalid', object.problem);
    if (rows.length >= SONGS_PER_FILE) return broken('too_large', tooMany(object.lineNumber));
    const values = songValues(object.text);
    if (values === null) {
      const { lineNumber } = object;
      return broken('json_invalid', { reason: 'is nested too deeply', lineNumber, columnNumber: 1 });
    }
    const bad = SONG_COLUMNS.find((column) => !isStorable(values[column] ?? ''));
    if (bad !== undefined) {
      const reason = `"${bad}" holds a NUL character or half of a surrogate pair, which the warehouse cannot store`;
      return broken('text_invalid', { reason, lineNumber: object.lineNumber, columnNumber: 1 });
    }
    const row_text = cutToBytes(object.text, STAGING_BYTES);
    rows.push({ ...stamp, row_number: rows.length + 1, ...values, line_number: object.lineNumber, row_text });
  }
  return { rows: rows.length === 0 ? [tombstone] : rows, problem: null };
}

function tooMany(lineNumber: number): JsonProblem {
  return { reason: `holds more than ${SONGS_PER_FILE} objects`, lineNumber, columnNumber: 1 };
}

/** What is wrong with a song file of so many bytes that is not even read. */
export function tooLarge(size: number): JsonProblem {
  const reason = `is ${size} bytes long; a song file has at most ${SONG_FILE_MAX_BYTES}`;
  return { reason, lineNumber: 1, columnNumber: 1 };
}

/** One value per column, as text; `null` where the key is null. `null` altogether: nested too deeply. */
function songValues(text: string): Partial<Record<SongColumn, string | null>> | null {
  const texts = stagedTexts(text);
  if (texts === null) return null;
  const values: Partial<Record<SongColumn, string | null>> = {};
  for (const [key, value] of texts) {
    const column = SONG_COLUMNS.find((name) => name === key.toLowerCase());
    // Where a key comes in two spellings the lower-case one is meant.
    if (column === undefined || (key !== column && values[column] !== undefined)) continue;
    values[column] = value === null ? null : cutToBytes(value, STAGING_BYTES);
  }
  return values;
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Where the first byte stands that belongs to no character. A line end is one byte in UTF-8, so lines can be told. */
function invalidUtf8(bytes: Uint8Array): JsonProblem {
  let [from, lineNumber] = [0, 1];
  for (;;) {
    const lineEnd = bytes.indexOf(0x0a, from);
    const line = bytes.subarray(from, lineEnd < 0 ? bytes.length : lineEnd);
    if (lineEnd < 0 || decodeUtf8(line) === null) {
      const columnNumber = new TextDecoder('utf-8', { ignoreBOM: true }).decode(line).indexOf('\uFFFD') + 1;
      return { reason: 'is no valid UTF-8', lineNumber, columnNumber };
    }
    from = lineEnd + 1;
    lineNumber += 1;
  }
}
