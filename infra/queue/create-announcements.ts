import { EventRule } from '@pulumi/aws/cloudwatch/eventRule.js';
import { EventTarget } from '@pulumi/aws/cloudwatch/eventTarget.js';
import { BucketNotification } from '@pulumi/aws/s3/bucketNotification.js';
import { QueuePolicy } from '@pulumi/aws/sqs/queuePolicy.js';
import { all } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import type { Data } from '../data/create-data.ts';
import { announcementPattern } from './announcement-pattern.ts';
import { deadLetterQueuePolicy, queuePolicy } from './queue-policy.ts';
import type { Queues } from './create-queues.ts';

/**
 * Announces new files on the queue, and deleted files with `onDelete` remove: through the bucket's notifications where the
 * stack owns them, otherwise through a rule of EventBridge, which leaves other notifications of an existing bucket alone.
 */
export function createAnnouncements(context: Context, data: Data, queues: Queues): void {
  const { bucket } = context.settings.data;
  if (bucket.kind === 'existing' && bucket.events === 'eventbridge') throughEventBridge(context, bucket.name, queues);
  else fromBucket(context, data, queues);
}

/** S3 refuses a notification to a queue that does not let it in yet: the policy goes first. */
function fromBucket({ settings, provider }: Context, data: Data, queues: Queues): void {
  const { queue, deadLetterQueue, account } = queues;
  const policy = all([queue.arn, data.bucketArn, account]).apply(([queueArn, bucketArn, own]) =>
    JSON.stringify(queuePolicy(queueArn, { kind: 's3', bucketArn, account: own })),
  );
  const open = new QueuePolicy('queue-policy', { queueUrl: queue.url, policy }, { provider });
  const closed = deadLetterQueue.arn.apply((arn) => JSON.stringify(deadLetterQueuePolicy(arn, null)));
  new QueuePolicy('dead-letter-queue-policy', { queueUrl: deadLetterQueue.url, policy: closed }, { provider });
  const { logPrefix, onDelete, songPrefix } = settings.data;
  // What a lifecycle rule expires has event types of its own (S3 docs, "Configuring S3 Lifecycle event notifications").
  const events = ['s3:ObjectCreated:*', ...(onDelete === 'remove' ? ['s3:ObjectRemoved:*'] : [])];
  const announced = [
    ['logs', logPrefix],
    ['songs', songPrefix],
  ] as const;
  new BucketNotification(
    'bucket-notification',
    {
      bucket: data.bucketName,
      queues: announced.map(([id, filterPrefix]) => ({
        id,
        queueArn: queue.arn,
        events,
        filterPrefix,
      })),
    },
    { provider, dependsOn: [open] },
  );
}

function throughEventBridge({ settings, names, provider }: Context, bucket: string, queues: Queues): void {
  const { queue, deadLetterQueue } = queues;
  const eventPattern = JSON.stringify(announcementPattern(bucket, settings.data));
  const which = settings.data.onDelete === 'remove' ? 'New and deleted' : 'New';
  const description = `${which} logs and songs in ${bucket}, for the queue of sparkify-ingest`;
  const rule = new EventRule('event-rule', { name: names.eventRule, description, eventPattern }, { provider });
  const policy = all([queue.arn, rule.arn]).apply(([queueArn, ruleArn]) =>
    JSON.stringify(queuePolicy(queueArn, { kind: 'eventbridge', ruleArn })),
  );
  const open = new QueuePolicy('queue-policy', { queueUrl: queue.url, policy }, { provider });
  const undelivered = all([deadLetterQueue.arn, rule.arn]).apply(([arn, ruleArn]) =>
    JSON.stringify(deadLetterQueuePolicy(arn, ruleArn)),
  );
  const openToo = new QueuePolicy(
    'dead-letter-queue-policy',
    { queueUrl: deadLetterQueue.url, policy: undelivered },
    { provider },
  );
  new EventTarget(
    'event-target',
    { rule: rule.name, targetId: 'queue', arn: queue.arn, deadLetterConfig: { arn: deadLetterQueue.arn } },
    { provider, dependsOn: [open, openToo] },
  );
}
