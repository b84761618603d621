import { eventMessage, testMessage } from './event-record.ts';
import type { RequestIdentity } from './event-record.ts';
import type { OpenStores } from './fauxqs-stores.ts';
import type { SqsQueue } from './fauxqs-types.ts';
import {
  asksFor,
  parseNotificationConfiguration,
  renderNotificationConfiguration,
} from './notification-configuration.ts';
import type { QueueConfiguration } from './notification-configuration.ts';
import { notificationStore } from './notification-store.ts';
import { invalidArgument, S3Refusal } from './s3-refusal.ts';
import { seededRandom } from './seeded-random.ts';

/** What S3 may do to notifications, on purpose and more often. The same seed repeats it exactly. */
export type Unpleasantness = {
  readonly seed: number;
  /** Share of notifications that are sent a second time, 0–1. */
  readonly duplicates?: number;
  /** Delay before a notification becomes visible in its queue. */
  readonly delayMs?: number;
  /** Delays each notification by a random part of `delayMs` (200 ms when not given), so that they overtake each other. */
  readonly reorder?: boolean;
};

/** A change of one object, while the request that makes it is being served. */
type Change = {
  readonly eventName: string;
  readonly bucket: string;
  readonly key: string;
  readonly content: { readonly size: number; readonly etag: string } | null;
};

export type BucketNotifications = {
  /** PutBucketNotificationConfiguration: replaces all, and sends `s3:TestEvent` to each queue named. */
  put(bucket: string, body: string, request: RequestIdentity, options: { validate: boolean }): void;
  /** GetBucketNotificationConfiguration: the XML document. */
  get(bucket: string): string;
  forget(bucket: string): void;
  /** Sends what the bucket's configuration asks for; call it inside the transaction that makes the change. */
  announce(change: Change, request: RequestIdentity): void;
};

export function bucketNotifications(
  stores: OpenStores,
  options: { unpleasantness: Unpleasantness | null; nowMs: () => number },
): BucketNotifications {
  const store = notificationStore(stores.database);
  const send = sender(stores, options.unpleasantness, options.nowMs);
  const queueOf = (configuration: QueueConfiguration): SqsQueue | undefined =>
    stores.sqsStore.getQueueByArn(configuration.queueArn);

  return {
    put(bucket, body, request, { validate }) {
      mustExist(stores, bucket);
      const configurations = body.trim() === '' ? [] : parseNotificationConfiguration(body);
      if (validate) refuseUnknownQueues(configurations, queueOf);
      stores.transaction(() => {
        store.put(bucket, configurations);
        const queues = new Set(configurations.map(queueOf));
        for (const queue of queues) {
          queue?.enqueue(stores.createMessage(testMessage(bucket, options.nowMs(), request)));
        }
      });
    },
    get(bucket) {
      mustExist(stores, bucket);
      return renderNotificationConfiguration(store.get(bucket));
    },
    forget: (bucket) => store.put(bucket, []),
    announce(change, request) {
      const asking = store.get(change.bucket).filter((each) => asksFor(each, change.eventName, change.key));
      if (asking.length === 0) return;
      const timeMs = options.nowMs();
      const sequencer = store.nextSequencer(timeMs);
      for (const configuration of asking) {
        // S3 sends nothing to a queue that was deleted after it was configured, and reports no error.
        const queue = queueOf(configuration);
        if (queue !== undefined) send(queue, eventMessage({ ...change, sequencer, timeMs, request }, configuration.id));
      }
    },
  };
}

function sender(
  stores: OpenStores,
  unpleasantness: Unpleasantness | null,
  nowMs: () => number,
): (queue: SqsQueue, body: string) => void {
  const { seed, duplicates = 0, delayMs = 0, reorder = false } = unpleasantness ?? { seed: 0 };
  const random = seededRandom(seed);
  return (queue, body) => {
    const copies = duplicates > 0 && random() < duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const message = stores.createMessage(body);
      const delay = reorder ? Math.ceil(random() * (delayMs === 0 ? 200 : delayMs)) : delayMs;
      queue.enqueue(delay === 0 ? message : { ...message, delayUntil: nowMs() + delay });
    }
  };
}

function mustExist(stores: OpenStores, bucket: string): void {
  if (stores.s3Store.hasBucket(bucket)) return;
  throw new S3Refusal('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket });
}

function refuseUnknownQueues(
  configurations: readonly QueueConfiguration[],
  queueOf: (configuration: QueueConfiguration) => SqsQueue | undefined,
): void {
  const refused = configurations.flatMap((configuration) => {
    const queue = queueOf(configuration);
    if (queue === undefined) return [{ arn: configuration.queueArn, why: 'The destination queue does not exist' }];
    if (queue.isFifo())
      return [{ arn: configuration.queueArn, why: 'FIFO SQS queues are not supported as destinations' }];
    return [];
  });
  if (refused.length === 0) return;
  const elements = refused.flatMap(({ arn, why }, index) => [
    [`ArgumentName${index + 1}`, arn],
    [`ArgumentValue${index + 1}`, why],
  ]);
  throw invalidArgument(
    'Unable to validate the following destination configurations',
    Object.fromEntries(elements) as Record<string, string>,
  );
}
