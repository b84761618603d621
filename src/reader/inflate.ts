import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileProblem } from './file-problem.ts';

/** RFC 1952, "Member header and trailer". */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * The bytes of a file, unpacked when its first two bytes are those of gzip, whatever its name. An archive may have several
 * members, and none.
 *
 * @param maxBytes of what comes out; a small archive may unpack to any size.
 * @throws FileProblem `gzip_invalid`, `inflated_too_large`; and whatever `body` throws.
 */
export async function* inflate(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array, void> {
  const [head, whole] = await peek(body, GZIP_MAGIC.length);
  if (!GZIP_MAGIC.equals(head)) {
    yield* whole;
    return;
  }
  const source = Readable.from(whole, { objectMode: false });
  const unpacked = createGunzip();
  // An error of the source is not passed on by `pipe`.
  source.on('error', (error) => unpacked.destroy(error));
  source.pipe(unpacked);
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        const reason = `unpacks to more than ${maxBytes} bytes, the limit for one file: split it into smaller files`;
        throw new FileProblem('inflated_too_large', reason);
      }
      yield chunk;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const reason = 'begins like a gzip file and is corrupt or truncated: upload it again';
    throw new FileProblem('gzip_invalid', reason, { cause: error });
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

/** The first bytes of a stream (fewer if it has fewer), and the stream as if nothing had been read. */
async function peek(
  body: AsyncIterable<Uint8Array>,
  count: number,
): Promise<[head: Buffer, whole: AsyncIterable<Uint8Array>]> {
  const iterator = body[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let isEnded = false;
  for (let held = 0; held < count && !isEnded;) {
    const next = await iterator.next();
    isEnded = next.done === true;
    if (next.done !== true) {
      read.push(next.value);
      held += next.value.byteLength;
    }
  }
  async function* whole(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* read;
      if (!isEnded) yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  }
  return [Buffer.concat(read).subarray(0, count), whole()];
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_|^ERR_.*ZLIB/.test(String(error.code));
}
