import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { JsonObject } from '../core/json-object.ts';
import type { ObjectStore, OpenObject } from '../core/ports.ts';
import { READ_LIMITS } from '../loaders/load-context.ts';
import type { PartRow, Parts, PartWriter } from '../loaders/part-writer.ts';
import { partLine, PartList } from '../loaders/part-writer.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import { maxUnpackedBytes, readPieces } from '../reader/read-pieces.ts';
import type { Piece } from '../reader/split-objects.ts';
import { UnreadableContent } from '../reader/unreadable-content.ts';
import type { RawRows, RawSource } from './raw-rows.ts';
import { isRefusal } from './unread-objects.ts';
import type { UnreadObjects } from './unread-objects.ts';

type Reading = {
  readonly rows: RawRows;
  readonly parts: Parts;
  readonly store: ObjectStore;
  /** Takes the objects that cannot be read. */
  readonly unread: UnreadObjects;
  readonly signal: AbortSignal;
};

/**
 * Reads objects of the bucket and writes their raw rows to parts. An object that cannot be read ends nothing: it is noted.
 *
 * @returns the URIs of the parts.
 * @throws IngestError when the error is not about one object, or when all objects are refused.
 */
export async function readObjects(files: readonly FileEvent[], reading: Reading): Promise<readonly string[]> {
  const { parts, signal, unread } = reading;
  const list = new PartList(parts);
  await someAtOnce(files, { atOnce: READ_LIMITS.readsAtOnce, signal }, async (file, stopping) => {
    const writer = await readObject(file, { ...reading, signal: stopping });
    if (writer !== null) await list.keep(writer);
  });
  unread.throwWhenAllAreRefused();
  return await list.end();
}

/** @returns who has the rows of the object; `null` when the object cannot be read. */
async function readObject(file: FileEvent, reading: Reading): Promise<PartWriter | null> {
  const { parts, store, signal, unread } = reading;
  let object: OpenObject | null = null;
  try {
    object = await store.open({ bucket: file.bucket, key: file.key, signal });
    if (object === null) {
      unread.noteGone(file);
      return null;
    }
    const writer = await writeRows(object, { file, version: object }, reading);
    unread.noteRead();
    return writer;
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

async function writeRows(object: OpenObject, source: RawSource, { parts, rows }: Reading): Promise<PartWriter> {
  const writer = parts.writer();
  const fileRow = rows.fileRow(source);
  if (fileRow !== null) await writer.add([partLine(fileRow)]);
  for await (const { pieces } of readPieces(object.body, { maxBytes: maxUnpackedBytes(object.size) })) {
    await writer.add(linesOf(pieces, (object) => rows.row(object, source)));
  }
  return writer;
}

function* linesOf(pieces: Iterable<Piece>, rowOf: (object: JsonObject) => PartRow): Iterable<string> {
  for (const piece of pieces) if (piece.kind === 'object') yield partLine(rowOf(piece));
}
