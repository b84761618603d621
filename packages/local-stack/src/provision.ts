import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { MAX_RECEIVE_COUNT } from './stack-options.ts';

/** Names of what a service needs in S3 and SQS. */
export type Place = {
  readonly bucket: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly notifiedPrefixes: readonly string[];
};

export type Endpoint = { readonly url: string; readonly region: string };

/** The stack does not check credentials, but the SDK signs every request with some. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

export async function createBucket(endpoint: Endpoint, bucket: string): Promise<void> {
  const s3 = s3Client(endpoint);
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    s3.destroy();
  }
}

/**
 * Creates the queue and its dead-letter queue, or brings existing ones in line: redrive, and the policy that lets the
 * bucket send (S3 docs, "Granting permissions to publish event notification messages").
 */
export async function createQueues(
  endpoint: Endpoint,
  place: Place,
): Promise<{ queueUrl: string; deadLetterQueueUrl: string }> {
  const sqs = sqsClient(endpoint);
  try {
    const deadLetterQueueUrl = await createQueue(sqs, place.deadLetterQueue);
    const queueUrl = await createQueue(sqs, place.queue);
    const [deadLetterTargetArn, queueArn] = [await arnOf(sqs, deadLetterQueueUrl), await arnOf(sqs, queueUrl)];
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueUrl,
        Attributes: {
          RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVE_COUNT }),
          Policy: JSON.stringify(policy(queueArn, place.bucket)),
        },
      }),
    );
    return { queueUrl, deadLetterQueueUrl };
  } finally {
    sqs.destroy();
  }
}

/** Ids of the configurations that the stack itself wrote begin with this. */
const OWN_ID = 'sparkify-';

/**
 * Makes the bucket notify the queue of new and of deleted objects below the prefixes, unless someone else has configured it already.
 * The consumer decides what a deletion means (`SPARKIFY_ON_DELETE`); the stack does not know its setting.
 */
export async function notifyQueue(endpoint: Endpoint, place: Place): Promise<void> {
  const s3 = s3Client(endpoint);
  try {
    const current = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: place.bucket }));
    const wanted = place.notifiedPrefixes.map((prefix) => ({
      Id: `${OWN_ID}${prefix.replaceAll(/[^a-z0-9]+/gi, '-').replace(/-$/, '')}`,
      QueueArn: `arn:aws:sqs:${endpoint.region}:000000000000:${place.queue}`,
      Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const,
      Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: prefix }] } },
    }));
    const ids = (current.QueueConfigurations ?? []).map(({ Id = '' }) => Id);
    const isOwn = ids.every((id) => id.startsWith(OWN_ID));
    // Every change of the configuration sends a test event.
    if (
      !isOwn ||
      ids.toSorted().join() ===
        wanted
          .map(({ Id }) => Id)
          .toSorted()
          .join()
    )
      return;
    const QueueConfigurations = wanted.map((each) => ({ ...each, Events: [...each.Events] }));
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: place.bucket,
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
  } finally {
    s3.destroy();
  }
}

function s3Client({ url, region }: Endpoint): S3Client {
  return new S3Client({ endpoint: url, region, credentials: LOCAL_CREDENTIALS, forcePathStyle: true });
}

function sqsClient({ url, region }: Endpoint): SQSClient {
  return new SQSClient({ endpoint: url, region, credentials: LOCAL_CREDENTIALS });
}

async function createQueue(sqs: SQSClient, name: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  if (QueueUrl === undefined) throw new Error(`SQS created the queue ${name} without saying its URL.`);
  return QueueUrl;
}

async function arnOf(sqs: SQSClient, queueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.['QueueArn'] ?? '';
}

function policy(queueArn: string, bucket: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: {
          ArnLike: { 'aws:SourceArn': `arn:aws:s3:*:*:${bucket}` },
          StringEquals: { 'aws:SourceAccount': '000000000000' },
        },
      },
    ],
  };
}
