import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnreadableContent } from './unreadable-content.ts';

/** RFC 1952, "Member header and trailer". */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** The chunk size of unpacked files; each chunk costs a turn of the event loop. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The bytes of a file, unpacked if its first two bytes are those of gzip, whatever its name. An archive may have any number of
 * members.
 *
 * @param maxBytes limit of the unpacked size; a small archive may unpack to any size.
 * @throws UnreadableContent `gzip_invalid`, `inflated_too_large`; and whatever `body` throws.
 */
export async function* inflate(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array, void> {
  const [head, whole] = await peek(body, GZIP_MAGIC.length);
  if (!GZIP_MAGIC.equals(head)) {
    yield* whole;
    return;
  }
  let [sourceBytes, filledBytes] = [0, 0];
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of whole) {
      let end = chunk.byteLength;
      while (end > 0 && chunk[end - 1] === 0) end -= 1;
      if (end > 0) filledBytes = sourceBytes + end;
      sourceBytes += chunk.byteLength;
      yield chunk;
    }
  }
  const source = Readable.from(counted(), { objectMode: false });
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  // `pipe` does not pass on errors of the source.
  source.on('error', (error) => unpacked.destroy(error));
  source.pipe(unpacked);
  let bytes = 0;
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        const reason = `unpacks to more than ${maxBytes} bytes, the limit for one file: split it into smaller files`;
        throw new UnreadableContent('inflated_too_large', reason);
      }
      yield chunk;
    }
    // After a zero byte Node silently ignores further members.
    if (!source.readableEnded) await once(source.resume(), 'end');
    if (filledBytes > unpacked.bytesWritten) throw corrupt();
  } catch (error) {
    throw isZlibError(error) ? corrupt(error) : error;
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

/** The first bytes of a stream (fewer if it is shorter), and the whole stream. */
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

function corrupt(cause?: unknown): UnreadableContent {
  const reason = 'is a corrupt or truncated gzip file: upload it again';
  return new UnreadableContent('gzip_invalid', reason, { cause });
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^Z_|^ERR_.*ZLIB/.test(String(error.code));
}
