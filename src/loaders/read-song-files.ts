import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, ObjectVersion } from '../core/ports.ts';
import type { SongProblem, SongRow } from '../core/song-rows.ts';
import { SONG_FILE_MAX_BYTES, checkSongs, songRows, songText, tooLarge } from '../core/song-rows.ts';
import { inTurns } from './in-turns.ts';
import type { Ahead } from './read-ahead.ts';
import { readAhead } from './read-ahead.ts';
import type { WholeObject } from './read-whole.ts';
import { readWhole } from './read-whole.ts';

/**
 * What became of a song object. `read`: its rows, made one at a time. `set_aside`: this version is not loaded and changes
 * nothing; `version` is null where S3 did not even say which one it is, `refusal` where it is the content that cannot be
 * loaded. `gone`: there is no such object any more.
 */
export type SongFile =
  | { readonly kind: 'read'; readonly version: ObjectVersion; readonly rows: () => AsyncIterable<SongRow> }
  | {
      readonly kind: 'set_aside';
      readonly version: ObjectVersion | null;
      readonly refusal: IngestError | null;
      readonly problem: Problem;
    }
  | { readonly kind: 'gone' };

/** For the ledger. `lineNumber` null: it is not about a place in the file. */
type Problem = { readonly code: string; readonly reason: string; readonly lineNumber: number | null };

/**
 * Reads song objects with bounded concurrency and bounded memory, in the order in which they arrive. A version is checked
 * as a whole before the first of its rows is handed out; the rows have to be taken before the next file is asked for.
 *
 * @param input.setsAside which errors are the object's own trouble and must not hold up the others: that it is archived,
 *   when nothing else is said. All other errors are thrown.
 */
export async function* readSongFiles<S>(
  sources: Iterable<S>,
  input: {
    fileOf: (source: S) => FileEvent;
    store: ObjectStore;
    setsAside?: (error: IngestError) => boolean;
    signal: AbortSignal;
  },
): AsyncGenerator<{ readonly source: S; readonly song: SongFile }, void> {
  const { fileOf, setsAside = ({ code }) => code === 'object_unreadable', store, signal } = input;
  const read = async (source: S, ahead: Ahead) => await readSong(fileOf(source), { store, setsAside, ...ahead });
  for await (const { source, result } of readAhead(sources, read, signal)) {
    yield { source, song: await songFile(fileOf(source), result) };
  }
}

type SongRead = WholeObject | Extract<SongFile, { kind: 'set_aside' | 'gone' }>;

type SongReading = { store: ObjectStore; setsAside: (error: IngestError) => boolean } & Ahead;

async function readSong({ bucket, key }: FileEvent, input: SongReading): Promise<SongRead> {
  const { setsAside, store, ...ahead } = input;
  try {
    return (await readWhole(store, { bucket, key, maxBytes: SONG_FILE_MAX_BYTES, ...ahead })) ?? { kind: 'gone' };
  } catch (error) {
    if (!(error instanceof IngestError) || !setsAside(error)) throw error;
    const problem = { code: error.code, reason: error.message, lineNumber: null };
    return { kind: 'set_aside', version: null, refusal: error, problem };
  }
}

async function songFile(file: FileEvent, read: SongRead): Promise<SongFile> {
  if ('kind' in read) return read;
  const { bytes, ...version } = read;
  if (bytes === null) return setAside(version, tooLarge(version.size));
  const text = songText(bytes);
  if (typeof text !== 'string') return setAside(version, text);
  const problem = await firstProblem(text);
  if (problem !== null) return setAside(version, problem);
  return { kind: 'read', version, rows: () => inTurns(songRows(file, version, text)) };
}

async function firstProblem(text: string): Promise<SongProblem | null> {
  for await (const problem of inTurns(checkSongs(text))) if (problem !== null) return problem;
  return null;
}

/** What was read and cannot be loaded. */
function setAside(version: ObjectVersion, { code, columnNumber, lineNumber, reason }: SongProblem): SongFile {
  const problem = { code, reason: `${reason} (line ${lineNumber}, column ${columnNumber})`, lineNumber };
  return { kind: 'set_aside', version, refusal: null, problem };
}
