import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { FileTrouble } from '../core/object-trouble.ts';
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
 * nothing; `version` is null where S3 did not even say which one it is, `error` where it is the content that cannot be
 * loaded. `gone`: there is no such object any more.
 */
export type SongFile =
  | { readonly kind: 'read'; readonly version: ObjectVersion; readonly rows: () => AsyncIterable<SongRow> }
  | {
      readonly kind: 'set_aside';
      readonly version: ObjectVersion | null;
      readonly error: IngestError | null;
      readonly trouble: FileTrouble;
    }
  | { readonly kind: 'gone' };

/** What the reader is to do about objects that S3 does not deliver. */
export type ReadTroubles = {
  /** Asked once for an object, before the first try. */
  about(file: FileEvent): {
    /** S3 delivered it. */
    onRead(): void;
    /**
     * @returns with what the object is set aside; `null` when it is to be tried again, now.
     * @throws IngestError when the error is not about this object: the reading ends.
     */
    onError(error: IngestError, signal: AbortSignal): Promise<FileTrouble | null>;
  };
};

/**
 * Reads song objects with bounded concurrency and bounded memory, in the order in which they arrive. A version is checked
 * as a whole before the first of its rows is handed out; the rows have to be taken before the next file is asked for.
 */
export async function* readSongFiles<S>(
  sources: Iterable<S>,
  input: { fileOf: (source: S) => FileEvent; store: ObjectStore; troubles: ReadTroubles; signal: AbortSignal },
): AsyncGenerator<{ readonly source: S; readonly song: SongFile }, void> {
  const { fileOf, signal, store, troubles } = input;
  const read = async (source: S, ahead: Ahead) => await readSong(fileOf(source), { store, troubles, ...ahead });
  for await (const { source, result } of readAhead(sources, read, signal)) {
    yield { source, song: await songFile(fileOf(source), result) };
  }
}

type SongRead = WholeObject | Extract<SongFile, { kind: 'set_aside' | 'gone' }>;

async function readSong(
  file: FileEvent,
  { store, troubles, ...ahead }: { store: ObjectStore; troubles: ReadTroubles } & Ahead,
): Promise<SongRead> {
  const { bucket, key } = file;
  const tries = troubles.about(file);
  for (;;) {
    try {
      const object = await readWhole(store, { bucket, key, maxBytes: SONG_FILE_MAX_BYTES, ...ahead });
      if (object === null) return { kind: 'gone' };
      tries.onRead();
      return object;
    } catch (error) {
      if (!(error instanceof IngestError) || ahead.signal.aborted) throw error;
      const trouble = await tries.onError(error, ahead.signal);
      if (trouble !== null) return { kind: 'set_aside', version: null, error, trouble };
    }
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
  const trouble = { code, reason: `${reason} (line ${lineNumber}, column ${columnNumber})`, lineNumber };
  return { kind: 'set_aside', version, error: null, trouble };
}
