import { GetBucketLocationCommand, GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Surroundings } from '../core/ports.ts';
import type { AwsClients } from './clients.ts';
import { fromSdkError, sqsError } from './ingest-error.ts';

/** AWS behind the `Surroundings` port. Its calls need permissions of the person who asks, and none of the service's role. */
export function createSurroundings(clients: AwsClients): Surroundings {
  const attempt = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw fromSdkError(error, doing);
    }
  };
  return {
    accessKeyId: async () =>
      await attempt('Looking for credentials', async () => (await clients.s3.config.credentials()).accessKeyId),
    bucketRegion: async (bucket, signal) =>
      await attempt(`GetBucketLocation of ${bucket}`, async () => {
        const command = new GetBucketLocationCommand({ Bucket: bucket });
        const { LocationConstraint = '' } = await clients.s3.send(command, { abortSignal: signal });
        return regionOf(LocationConstraint);
      }),
    notifications: async (bucket, signal) =>
      await attempt(`GetBucketNotificationConfiguration of ${bucket}`, async () => {
        const command = new GetBucketNotificationConfigurationCommand({ Bucket: bucket });
        const found = await clients.s3.send(command, { abortSignal: signal });
        const queues = (found.QueueConfigurations ?? []).map(({ Events = [], Filter, Id = '', QueueArn = '' }) => {
          const rule = (name: string): string | null =>
            Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? null;
          return { id: Id, queueArn: QueueArn, events: Events, prefix: rule('prefix'), suffix: rule('suffix') };
        });
        return { queues, isEventBridgeOn: found.EventBridgeConfiguration !== undefined };
      }),
    queue: async (queueUrl, signal) => {
      try {
        const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
        const { Attributes = {} } = await clients.sqs.send(command, { abortSignal: signal });
        return {
          arn: Attributes['QueueArn'] ?? '',
          retentionSeconds: Number(Attributes['MessageRetentionPeriod'] ?? 0),
          policy: Attributes['Policy'] ?? null,
          redrive: redriveOf(Attributes['RedrivePolicy']),
        };
      } catch (error) {
        throw sqsError(error, { queueUrl, operation: 'GetQueueAttributes' });
      }
    },
    clusterRoles: async (cluster, signal) =>
      await attempt(`DescribeClusters of ${cluster}`, async () => {
        const { DescribeClustersCommand } = await import('@aws-sdk/client-redshift');
        const redshift = await clients.redshift();
        const command = new DescribeClustersCommand({ ClusterIdentifier: cluster });
        const { Clusters = [] } = await redshift.send(command, { abortSignal: signal });
        return (Clusters[0]?.IamRoles ?? []).flatMap(({ IamRoleArn }) =>
          IamRoleArn === undefined ? [] : [IamRoleArn],
        );
      }),
  };
}

/** Amazon S3 API Reference, GetBucketLocation: no constraint is us-east-1, and EU is eu-west-1. */
function regionOf(constraint: string): string {
  if (constraint === '') return 'us-east-1';
  return constraint === 'EU' ? 'eu-west-1' : constraint;
}

function redriveOf(policy: string | undefined): { deadLetterArn: string; maxReceiveCount: number } | null {
  if (policy === undefined || policy === '') return null;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as Readonly<Record<string, unknown>>;
  return { deadLetterArn: String(deadLetterTargetArn), maxReceiveCount: Number(maxReceiveCount) };
}
