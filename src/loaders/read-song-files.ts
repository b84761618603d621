import pLimit from 'p-limit';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, StoredObject } from '../core/ports.ts';
import type { SongRows } from '../core/song-rows.ts';
import { SONG_FILE_MAX_BYTES, songRows, tooLarge } from '../core/song-rows.ts';
import { fewAtOnce } from './few-at-once.ts';

/** Reads under way at once: S3 answers a small object in 10–30 ms, so this is over a thousand objects a second. */
const READS_AT_ONCE = 32;
/** Results wait for their turn, so that the order of the files is kept; so many at most. */
const READ_AHEAD = { maxCount: 256, maxBytes: SONG_FILE_MAX_BYTES };

/** A song object as read. `null` rows: the object is gone. */
export type ReadSongFile<F> = {
  readonly source: F;
  readonly song: (SongRows & { readonly lastModifiedMs: number }) | null;
};

/** Reads song objects with bounded concurrency and bounded memory, in the order given. */
export async function* readSongFiles<F>(
  sources: readonly F[],
  input: { fileOf: (source: F) => FileEvent; store: ObjectStore; signal: AbortSignal },
): AsyncIterable<ReadSongFile<F>> {
  const limit = pLimit(READS_AT_ONCE);
  const sizeOf = (source: F) => input.fileOf(source).size;
  for (const slice of fewAtOnce(sources, { ...READ_AHEAD, sizeOf })) {
    yield* await Promise.all(
      slice.map((source) => limit(async () => ({ source, song: await readSong(input.fileOf(source), input) }))),
    );
  }
}

async function readSong(
  file: FileEvent,
  { store, signal }: { store: ObjectStore; signal: AbortSignal },
): Promise<ReadSongFile<unknown>['song']> {
  if (file.size > SONG_FILE_MAX_BYTES) return unread(file, { code: 'too_large', ...tooLarge(file.size) });
  try {
    const stored = await store.get({ bucket: file.bucket, key: file.key, signal });
    return stored === null ? null : { ...songRows(file, stored), lastModifiedMs: stored.lastModifiedMs };
  } catch (error) {
    if (!(error instanceof IngestError) || error.code !== 'object_unreadable') throw error;
    // Archived, say: this object's own trouble, which must not hold up the others.
    return unread(file, { code: 'object_unreadable', reason: error.message, lineNumber: 1, columnNumber: 1 });
  }
}

/** Not read; its tombstone ends the older version all the same. */
function unread(file: FileEvent, problem: NonNullable<SongRows['problem']>): ReadSongFile<unknown>['song'] {
  const empty: StoredObject = { bytes: new Uint8Array(), etag: file.etag, lastModifiedMs: file.eventTimeMs };
  return {
    rows: songRows(file, empty).rows,
    problem,
    lastModifiedMs: file.eventTimeMs,
  };
}
