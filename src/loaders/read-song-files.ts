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
 * nothing; `version` is null where S3 did not even say which one it is. `gone`: there is no such object any more.
 */
export type SongFile =
  | { readonly kind: 'read'; readonly version: ObjectVersion; readonly rows: () => AsyncIterable<SongRow> }
  | { readonly kind: 'set_aside'; readonly version: ObjectVersion | null; readonly problem: Problem }
  | { readonly kind: 'gone' };

/** For the ledger. `lineNumber` null: it is not about a place in the file. */
type Problem = { readonly code: string; readonly reason: string; readonly lineNumber: number | null };

/**
 * Reads song objects with bounded concurrency and bounded memory, in the order in which they arrive. A version is checked
 * as a whole before the first of its rows is handed out; the rows have to be taken before the next file is asked for.
 */
export async function* readSongFiles<S>(
  sources: Iterable<S>,
  input: { fileOf: (source: S) => FileEvent; store: ObjectStore; signal: AbortSignal },
): AsyncGenerator<{ readonly source: S; readonly song: SongFile }, void> {
  const { fileOf, store, signal } = input;
  const read = async (source: S, ahead: Ahead) => await readSong(fileOf(source), { store, ...ahead });
  for await (const { source, result } of readAhead(sources, read, signal)) {
    yield { source, song: await songFile(fileOf(source), result) };
  }
}

type SongRead = WholeObject | Extract<SongFile, { kind: 'set_aside' | 'gone' }>;

async function readSong({ bucket, key }: FileEvent, input: { store: ObjectStore } & Ahead): Promise<SongRead> {
  const { store, ...ahead } = input;
  try {
    return (await readWhole(store, { bucket, key, maxBytes: SONG_FILE_MAX_BYTES, ...ahead })) ?? { kind: 'gone' };
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'object_unreadable') throw error;
    // Archived, say: this object's own trouble, which must not hold up the others.
    const problem = { code: 'object_unreadable', reason: error.message, lineNumber: null };
    return { kind: 'set_aside', version: null, problem };
  }
}

async function songFile(file: FileEvent, read: SongRead): Promise<SongFile> {
  if ('kind' in read) return read;
  const { bytes, ...version } = read;
  if (bytes === null) return { kind: 'set_aside', version, problem: inFile(tooLarge(version.size)) };
  const text = songText(bytes);
  const problem = typeof text === 'string' ? await firstProblem(text) : text;
  if (problem !== null) return { kind: 'set_aside', version, problem: inFile(problem) };
  return { kind: 'read', version, rows: () => inTurns(songRows(file, version, String(text))) };
}

async function firstProblem(text: string): Promise<SongProblem | null> {
  for await (const problem of inTurns(checkSongs(text))) if (problem !== null) return problem;
  return null;
}

function inFile({ code, columnNumber, lineNumber, reason }: SongProblem): Problem {
  return { code, reason: `${reason} (line ${lineNumber}, column ${columnNumber})`, lineNumber };
}
