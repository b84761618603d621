import type { FileEvent } from './file-event.ts';
import { cutToBytes, objectId, paddedSequencer, storableKey } from './ledger.ts';
import type { ObjectVersion } from './ports.ts';
import type { JsonObject, JsonProblem } from './split-json.ts';
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
  /** From 1; 0 is the tombstone of a version that was read and holds no song. */
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

/** Why nothing of a version of a song object is loaded, and where it was seen. */
export type SongProblem = JsonProblem & { readonly code: SongProblemCode };

type SongProblemCode = 'json_invalid' | 'utf8_invalid' | 'text_invalid' | 'too_large';

/** A file of song metadata that is larger than a few of COPY's largest objects (4 MB) is something else. */
export const SONG_FILE_MAX_BYTES = 16 * 1024 * 1024;
/** Far more songs than fit so many bytes; what is smaller than a song must not fill the memory either. */
const SONGS_PER_FILE = 100_000;

/** The widest VARCHAR. Every column of the star is far narrower, so what is cut here is rejected there as too long. */
const STAGING_BYTES = 65_535;

/** The text of a song file, or what is wrong with its bytes. */
export function songText(bytes: Uint8Array): string | SongProblem {
  return decodeUtf8(bytes) ?? { code: 'utf8_invalid', ...invalidUtf8(bytes) };
}

/**
 * Looks at a song file object by object, without keeping any: what is wrong with each, `null` where nothing is. A file
 * with a problem counts as not read; behind the first problem nothing is looked at.
 */
export function* checkSongs(text: string): Generator<SongProblem | null, void> {
  let songs = 0;
  for (const object of splitJson(text)) {
    songs += 1;
    yield object.kind === 'broken' ? { code: object.code, ...object.problem } : problemOf(object, songs);
  }
}

function problemOf({ lineNumber, text }: JsonObject, songs: number): SongProblem | null {
  const problem = (code: SongProblemCode, reason: string) => ({ code, reason, lineNumber, columnNumber: 1 });
  if (songs > SONGS_PER_FILE) return problem('too_large', `holds more than ${SONGS_PER_FILE} objects`);
  const values = songValues(text);
  if (values === null) return problem('json_invalid', 'is nested too deeply');
  const bad = SONG_COLUMNS.find((column) => !isStorable(values[column] ?? ''));
  if (bad === undefined) return null;
  const reason = `"${bad}" holds a NUL character or half of a surrogate pair, which the warehouse cannot store`;
  return problem('text_invalid', reason);
}

/**
 * The rows of a song file that was checked, one at a time, each stamped with where and when it comes from: by S3, but for
 * the notification's sequencer. Values stay the text they were. A file without a song has one row, the tombstone: this
 * version was read, and names no song any more.
 */
export function* songRows(
  file: Pick<FileEvent, 'bucket' | 'key' | 'sequencer'>,
  version: Pick<ObjectVersion, 'etag' | 'lastModifiedMs'>,
  text: string,
): Generator<SongRow, void> {
  const stamp = {
    source_id: objectId(file),
    bucket: file.bucket,
    object_key: storableKey(file.key),
    etag: version.etag,
    last_modified_ms: version.lastModifiedMs,
    sequencer: paddedSequencer(file.sequencer),
  };
  let rows = 0;
  for (const object of splitJson(text)) {
    if (object.kind === 'broken') break;
    rows += 1;
    const row_text = cutToBytes(object.text, STAGING_BYTES);
    yield { ...stamp, row_number: rows, ...songValues(object.text), line_number: object.lineNumber, row_text };
  }
  if (rows === 0) yield { ...stamp, row_number: 0, line_number: null, row_text: null };
}

/** What is wrong with a song file of so many bytes, none of which is read. */
export function tooLarge(size: number): SongProblem {
  const reason = `is ${size} bytes long; a song file has at most ${SONG_FILE_MAX_BYTES}`;
  return { code: 'too_large', reason, lineNumber: 1, columnNumber: 1 };
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
