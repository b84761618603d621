import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { JsonObject } from '../core/json-object.ts';
import type { ObjectStore, ObjectVersion, OpenObject } from '../core/ports.ts';
import { READ_LIMITS } from '../loaders/load-context.ts';
import type { PartRow, Parts, PartWriter } from '../loaders/part-writer.ts';
import { partLine, PartList } from '../loaders/part-writer.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import { maxUnpackedBytes, readPieces } from '../reader/read-pieces.ts';
import type { Piece } from '../reader/split-objects.ts';
import { UnreadableContent } from '../reader/unreadable-content.ts';
import type { RawRows } from './raw-rows.ts';
import { isRefusal } from './unread-objects.ts';
import type { UnreadObjects } from './unread-objects.ts';

type Reading = {
  readonly rows: RawRows;
  readonly parts: Parts;
  readonly store: ObjectStore;
  /** Takes the objects that cannot be read. */
  readonly unread: UnreadObjects;
  /** Called after each object, readable or not. */
  readonly onRead: (file: FileEvent) => void;
  readonly signal: AbortSignal;
};

/** An object whose raw rows are in the parts, in the version that S3 delivered. */
export type ReadObject = { readonly file: FileEvent; readonly version: Version };

type Version = Pick<ObjectVersion, 'etag' | 'lastModifiedMs'>;

/**
 * Reads objects of the bucket and writes their raw rows to parts. Objects that cannot be read are added to `unread`.
 *
 * @returns the objects that were read, and the URIs of the parts.
 * @throws IngestError when the error is not about one object, or when all objects are refused.
 */
export async function readObjects(
  files: readonly FileEvent[],
  reading: Reading,
): Promise<{ readonly read: readonly ReadObject[]; readonly partUris: readonly string[] }> {
  const { parts, signal, unread } = reading;
  const list = new PartList(parts);
  const read: ReadObject[] = [];
  await someAtOnce(files, { atOnce: READ_LIMITS.readsAtOnce, signal }, async (file, stopping) => {
    const written = await readObject(file, { ...reading, signal: stopping });
    reading.onRead(file);
    if (written === null) return;
    read.push({ file, version: written.version });
    await list.keep(written.writer);
  });
  unread.throwWhenAllAreRefused();
  return { read, partUris: await list.end() };
}

/** @returns the version and the writer of its rows; `null` when the object cannot be read. */
async function readObject(
  file: FileEvent,
  reading: Reading,
): Promise<{ readonly version: Version; readonly writer: PartWriter } | null> {
  const { parts, store, signal, unread } = reading;
  let object: OpenObject | null = null;
  try {
    object = await store.open({ bucket: file.bucket, key: file.key, signal });
    if (object === null) {
      unread.noteGone(file);
      return null;
    }
    const writer = await writeRows(object, file, reading);
    unread.noteRead();
    const { etag, lastModifiedMs } = object;
    return { version: { etag, lastModifiedMs }, writer };
  } catch (error) {
    if (error instanceof UnreadableContent) unread.noteBroken(file, error.message);
    else if (error instanceof IngestError && isRefusal(error) && !parts.failedWith(error))
      unread.noteRefused(file, error);
    else throw error;
    return null;
  } finally {
    object?.close();
  }
}

async function writeRows(object: OpenObject, file: FileEvent, { parts, rows }: Reading): Promise<PartWriter> {
  const writer = parts.writer();
  for await (const { pieces } of readPieces(object.body, { maxBytes: maxUnpackedBytes(object.size) })) {
    await writer.add(linesOf(pieces, (object) => rows.row(object, file)));
  }
  return writer;
}

function* linesOf(pieces: Iterable<Piece>, rowOf: (object: JsonObject) => PartRow): Iterable<string> {
  for (const piece of pieces) if (piece.kind === 'object') yield partLine(rowOf(piece));
}
