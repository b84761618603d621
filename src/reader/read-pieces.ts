import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { UnreadableContent } from './unreadable-content.ts';
import { inflate } from './inflate.ts';
import { isArray, seemsToBe } from './seems-to-be.ts';
import type { Piece } from './split-objects.ts';
import { ObjectSplitter } from './split-objects.ts';

/** Enough to recognise a format, also behind some blank lines. */
const HEAD_BYTES = 1024;

/** JSON packs to a twentieth of its size, zeros to a thousandth. */
const UNPACKED = { plus: 64 * 1024 * 1024, times: 200 };

/** What a file of `bytes` bytes may unpack to. */
export function maxUnpackedBytes(bytes: number): number {
  return UNPACKED.plus + UNPACKED.times * bytes;
}

/** Of all files that are read: a chunk of each in one turn, and the part that each may fill, would keep a health check waiting. */
const turns = pLimit(1);

/** What a stretch of the unpacked file contains. `pieces`: to be gone through once, before the next stretch. */
export type Stretch = { readonly pieces: Iterable<Piece>; readonly bytes: number };

/**
 * Reads a file of JSON objects: unpacks it, splits it, and gives other work its turn after every chunk of any file. Holds a chunk and
 * an object in memory, whatever the size of the file.
 *
 * @param body the bytes as S3 has them.
 * @param limits.maxBytes of the unpacked file.
 * @returns what each chunk contains, in the order of the file.
 * @throws UnreadableContent when the file cannot be read or contains no object at all; what was given before does not count then.
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
      // The objects of an array that is written over several lines would look like rows.
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
