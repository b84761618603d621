import { Queue } from '@pulumi/aws/sqs/queue.js';
import { RedriveAllowPolicy } from '@pulumi/aws/sqs/redriveAllowPolicy.js';
import { jsonStringify } from '@pulumi/pulumi';
import type { Output } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import { accountOf } from '../aws/partition.ts';

const DAY_SECONDS = 86_400;
/** The longest wait of a receive, so that an idle consumer asks rarely (SQS docs, "Long polling"). */
const LONG_POLL_SECONDS = 20;
/** The longest that SQS offers. The age of a message that SQS moves counts from its first arrival (SQS docs, "Dead-letter queues"). */
const DEAD_LETTER_RETENTION_DAYS = 14;
/** Many, because a consumer releases messages at every stop; the service itself moves unreadable ones at once. */
const MAX_RECEIVE_COUNT = 100;

/** The queues, before a policy allows sending to them. */
export type Queues = {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  /** The account of the stack: read from an ARN, so that a plan does not ask AWS. */
  readonly account: Output<string>;
};

/**
 * The queue and its dead-letter queue. Messages are encrypted by SQS with a key of its own, with which S3 and
 * EventBridge can send. No other queue may use the dead-letter queue.
 */
export function createQueues({ settings, names, provider }: Context): Queues {
  const { visibilitySeconds, retentionDays } = settings.queue;
  const options = { provider, protect: settings.protect };
  const deadLetterQueue = new Queue(
    'dead-letter-queue',
    {
      name: names.deadLetterQueue,
      messageRetentionSeconds: DEAD_LETTER_RETENTION_DAYS * DAY_SECONDS,
      sqsManagedSseEnabled: true,
    },
    options,
  );
  const queue = new Queue(
    'queue',
    {
      name: names.queue,
      // The service asks for the same lease with every receive; this one is for people who look with other tools.
      visibilityTimeoutSeconds: visibilitySeconds,
      messageRetentionSeconds: retentionDays * DAY_SECONDS,
      receiveWaitTimeSeconds: LONG_POLL_SECONDS,
      sqsManagedSseEnabled: true,
      redrivePolicy: jsonStringify({ deadLetterTargetArn: deadLetterQueue.arn, maxReceiveCount: MAX_RECEIVE_COUNT }),
    },
    options,
  );
  new RedriveAllowPolicy(
    'redrive-allow',
    {
      queueUrl: deadLetterQueue.url,
      redriveAllowPolicy: jsonStringify({ redrivePermission: 'byQueue', sourceQueueArns: [queue.arn] }),
    },
    { provider },
  );
  return { queue, deadLetterQueue, account: queue.arn.apply(accountOf) };
}
