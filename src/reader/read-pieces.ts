import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { UnreadableContent } from './unreadable-content.ts';
import { inflate } from './inflate.ts';
import { isArray, seemsToBe } from './seems-to-be.ts';
import type { Piece } from './split-objects.ts';
import { ObjectSplitter } from './split-objects.ts';

/** Enough to recognise a format after some blank lines. */
const HEAD_BYTES = 1024;

/** JSON packs to a twentieth of its size, zeros to a thousandth. */
const UNPACKED = { plus: 64 * 1024 * 1024, times: 200 };

/** Maximum unpacked size of a file of `bytes` bytes. */
export function maxUnpackedBytes(bytes: number): number {
  return UNPACKED.plus + UNPACKED.times * bytes;
}

/** One chunk of any file per turn of the event loop, so that a health check does not wait for chunks of all files. */
const turns = pLimit(1);

/** A stretch of the unpacked file. `pieces` can be iterated once, before the next stretch. */
export type Stretch = { readonly pieces: Iterable<Piece>; readonly bytes: number };

/**
 * Reads a file of JSON objects: unpacks and splits it, and yields to the event loop after every chunk of any file. Holds one chunk and
 * one object in memory, whatever the size of the file.
 *
 * @param body the bytes of the object in S3.
 * @param limits.maxBytes limit of the unpacked size.
 * @returns the pieces of each chunk, in the order of the file.
 * @throws UnreadableContent when the file cannot be read or contains no object; then earlier pieces do not count.
 */
export async function* readPieces(
  body: AsyncIterable<Uint8Array>,
  limits: { readonly maxBytes: number },
): AsyncGenerator<Stretch, void> {
  const splitter = new ObjectSplitter();
  let head = Buffer.alloc(0);
  for await (const chunk of inflate(body, limits.maxBytes)) {
    if (head.byteLength < HEAD_BYTES) {
      head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.byteLength)]);
      // The objects of an array with one element per line would look like rows.
      if (isArray(head)) throw noObjects(head);
    }
    yield { pieces: splitter.push(chunk), bytes: chunk.byteLength };
    await turns(async () => {
      await nextTurn();
    });
  }
  yield { pieces: splitter.end(), bytes: 0 };
  const { objects, pieces } = splitter.found;
  if (objects === 0 && pieces > 0) throw noObjects(head);
}

function noObjects(head: Uint8Array): UnreadableContent {
  return new UnreadableContent('not_json_objects', seemsToBe(head));
}
