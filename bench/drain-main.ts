import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { readNotification } from '../src/core/intake/notification.ts';

/**
 * The `sqs-consumer` library as a process of its own, started by `drain.ts`: reads every object that a message
 * names, and deletes the messages of a receive with one call. As many receivers as the service has.
 */
const RECEIVERS = 4;
const s3 = new S3Client({ forcePathStyle: true });
const sqs = new SQSClient();

async function read(text: string): Promise<void> {
  const notification = readNotification(text, 0);
  // S3 also sends a test event.
  if (notification.kind !== 'events') return;
  for (const { bucket, key } of notification.files) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await Body?.transformToByteArray();
  }
}

for (let receiver = 0; receiver < RECEIVERS; receiver += 1) {
  const consumer = Consumer.create({
    queueUrl: process.env['SPARKIFY_QUEUE_URL'] ?? '',
    sqs,
    batchSize: 10,
    waitTimeSeconds: 2,
    handleMessageBatch: async (messages) => {
      await Promise.all(messages.map(async ({ Body }) => await read(Body ?? '')));
      return messages;
    },
  });
  const fail = (error: Error): never => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  };
  consumer.on('error', fail);
  consumer.on('processing_error', fail);
  consumer.start();
}
process.once('disconnect', () => process.exit());
