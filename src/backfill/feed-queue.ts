import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Clock, QueueFeed } from '../core/ports.ts';

/** The queue is fed only while fewer messages wait in it: the consumers decide how fast. */
const QUEUE_HOLDS = 2_000;
const LOOK_EVERY_MS = 1_000;
const MESSAGES_AT_ONCE = 200;

/**
 * Sends a notification for each file, as S3 does when an object is stored.
 *
 * @param input.onSent called with the number of messages.
 * @throws IngestError `aborted` when it was stopped before all were sent.
 */
export async function feedQueue(
  { clock, feed }: { readonly clock: Clock; readonly feed: QueueFeed },
  input: {
    readonly files: readonly FileEvent[];
    readonly signal: AbortSignal;
    readonly onSent: (sent: number) => void;
  },
): Promise<void> {
  const { files, onSent, signal } = input;
  for (let from = 0; from < files.length; from += MESSAGES_AT_ONCE) {
    while ((await feed.waiting(signal)) >= QUEUE_HOLDS && !signal.aborted) await clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) throw new IngestError('aborted', 'The backfill was stopped; run it again to send the rest.');
    const some = files.slice(from, from + MESSAGES_AT_ONCE);
    await feed.send(some.map(notificationOf), signal);
    onSent(some.length);
  }
}

/** A record as S3 sends it (Amazon S3 User Guide, "Event message structure"), without a sequencer: a listing has none. */
export function notificationOf({
  bucket,
  etag,
  eventTimeMs,
  key,
  size,
}: Pick<FileEvent, 'bucket' | 'etag' | 'eventTimeMs' | 'key' | 'size'>): string {
  const object = { key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'), size, eTag: etag };
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    eventTime: new Date(eventTimeMs).toISOString(),
    s3: { bucket: { name: bucket }, object },
  };
  return JSON.stringify({ Records: [record] });
}
