import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FileEvent } from '../core/file-event.ts';
import type { LoadContext } from './load-context.ts';
import type { Ahead } from './read-ahead.ts';
import { readAhead } from './read-ahead.ts';
import type { WholeObject } from './read-whole.ts';
import { readWhole } from './read-whole.ts';

/** Beyond this a log file is left to COPY alone; below it one may be held in memory. */
export const READABLE_LOG_BYTES = 16 * 1024 * 1024;
const UNPACKED_BYTES = 2 * READABLE_LOG_BYTES;
const unpack = promisify(gunzip);

export type LogText =
  | { readonly kind: 'text'; readonly text: string }
  /** Corrupt: `.gz`, and not to be unpacked. */
  | { readonly kind: 'gone' | 'too_large' | 'corrupt' };

/**
 * Reads log files as they are now, unpacked, in the order in which they arrive. What is packed may be large when it is
 * unpacked, so one is unpacked at a time. Bytes that are no UTF-8 become U+FFFD.
 */
export async function* readLogFiles<S>(
  context: LoadContext,
  sources: Iterable<S>,
  fileOf: (source: S) => FileEvent,
): AsyncGenerator<{ readonly source: S; readonly log: LogText }, void> {
  const { batch, signal, store } = context;
  const read = async (source: S, ahead: Ahead) => {
    const { bucket, key } = fileOf(source);
    return await readWhole(store, { bucket, key, maxBytes: READABLE_LOG_BYTES, ...ahead });
  };
  for await (const { source, result } of readAhead(sources, read, signal)) {
    yield { source, log: await logText(result, batch.lane === 'logs_gzip') };
  }
}

async function logText(object: WholeObject | null, isGzip: boolean): Promise<LogText> {
  if (object === null) return { kind: 'gone' };
  if (object.bytes === null) return { kind: 'too_large' };
  if (!isGzip) return { kind: 'text', text: decode(object.bytes) };
  try {
    return { kind: 'text', text: decode(await unpack(object.bytes, { maxOutputLength: UNPACKED_BYTES })) };
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { kind: isTooLarge ? 'too_large' : 'corrupt' };
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
