import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FileEvent } from '../core/file-event.ts';
import type { LoadContext } from './load-context.ts';

/** Beyond this a log file is left to COPY alone; below it one may be held in memory. */
export const READABLE_LOG_BYTES = 16 * 1024 * 1024;
const UNPACKED_BYTES = 4 * READABLE_LOG_BYTES;
const unpack = promisify(gunzip);

export type LogText =
  | { readonly kind: 'text'; readonly text: string }
  /** Corrupt: `.gz`, and not to be unpacked. */
  | { readonly kind: 'gone' | 'too_large' | 'corrupt' };

/** Reads a log file as it is now, unpacked. Bytes that are no UTF-8 become U+FFFD. */
export async function readLogFile(context: LoadContext, file: FileEvent): Promise<LogText> {
  if (file.size > READABLE_LOG_BYTES) return { kind: 'too_large' };
  const { bucket, key } = file;
  const stored = await context.store.get({ bucket, key, signal: context.signal });
  if (stored === null) return { kind: 'gone' };
  if (context.batch.lane !== 'logs_gzip') return { kind: 'text', text: decode(stored.bytes) };
  try {
    return { kind: 'text', text: decode(await unpack(stored.bytes, { maxOutputLength: UNPACKED_BYTES })) };
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { kind: isTooLarge ? 'too_large' : 'corrupt' };
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
