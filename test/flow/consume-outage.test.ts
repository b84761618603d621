import { PauseClusterCommand, RedshiftClient, ResumeClusterCommand } from '@aws-sdk/client-redshift';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { SparkifyProcess } from '../support/sparkify-process.ts';
import { aLog } from './support/play-files.ts';
import { Story } from './support/story.ts';

const stack = useStack();

/** A second receive moves a message to the dead-letter queue, so the test sees every wasted receive at once. */
const ONE_RECEIVE_ONLY = '1';

it('a long warehouse outage moves no message to the dead-letter queue', async () => {
  const story = await Story.begin(stack);
  await allowReceives(story, ONE_RECEIVE_ONLY);
  // Leases of ten seconds, renewed every five: the outage outlasts several, as an hour does those of two minutes.
  const consumer = story.start(['consume'], {
    SPARKIFY_VISIBILITY_SECONDS: '10',
    SPARKIFY_DRAIN_SECONDS: '5',
    SPARKIFY_LOG_LEVEL: 'debug',
  });
  await consumer.waitFor('the start', (process) => eventsOf(process, 'consumer.started')[0]);
  const cluster = await pauseCluster();

  await story.put(aLog('log_data/held.json', 1));
  await consumer.waitFor('a pause', (process) => eventsOf(process, 'intake.paused')[0]);
  // The poll in progress takes one more message; after that there are no receives.
  await story.put(aLog('log_data/held-too.json', 2));
  await consumer.waitFor('the last poll', (process) => eventsOf(process, 'message.received')[1]);
  await story.put(aLog('log_data/waiting.json', 3));
  await consumer.waitFor('three renewals', (process) => eventsOf(process, 'lease.renewed')[2], 60_000);
  // Two messages are held under their leases, the third was never received.
  expect(await stack.queueCounts(story.place.queueUrl)).toMatchObject({ visible: 1, inFlight: 2 });

  await cluster.resume();
  await waitUntil(async () => (await story.messagesLeft()) === 0, { what: 'an empty queue', timeoutMs: 90_000 });
  consumer.kill('SIGTERM');
  expect(await consumer.end).toMatchObject({ code: 0 });
  expect(await story.star.files()).toEqual({
    'log_data/held.json': 'loaded',
    'log_data/held-too.json': 'loaded',
    'log_data/waiting.json': 'loaded',
  });
  expect(eventsOf(consumer, 'intake.resumed')).toHaveLength(1);
  expect(await story.deadLetters()).toEqual([]);
});

it('the redrive policy of that test moves a message that is received a second time', async () => {
  const story = await Story.begin(stack);
  await allowReceives(story, ONE_RECEIVE_ONLY);
  await stack.sqs.send(new SendMessageCommand({ QueueUrl: story.place.queueUrl, MessageBody: 'received twice' }));
  const receive = new ReceiveMessageCommand({ QueueUrl: story.place.queueUrl, VisibilityTimeout: 0 });
  await stack.sqs.send(receive);
  expect(await story.deadLetters()).toEqual([]);
  await stack.sqs.send(receive);
  expect((await story.deadLetters()).map(({ Body }) => Body)).toEqual(['received twice']);
});

async function allowReceives(story: Story, maxReceiveCount: string): Promise<void> {
  const { queueUrl: QueueUrl } = story.place;
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] });
  const { Attributes } = await stack.sqs.send(asked);
  const policy = JSON.parse(Attributes?.['RedrivePolicy'] ?? '') as object;
  const RedrivePolicy = JSON.stringify({ ...policy, maxReceiveCount });
  await stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
}

async function pauseCluster(): Promise<{ resume(): Promise<void> }> {
  const ClusterIdentifier = stack.environment['SPARKIFY_CLUSTER_IDENTIFIER'];
  const management = new RedshiftClient({});
  let isPaused = true;
  const resume = async (): Promise<void> => {
    if (isPaused) await management.send(new ResumeClusterCommand({ ClusterIdentifier }));
    isPaused = false;
  };
  onTestFinished(async () => {
    await resume();
    management.destroy();
  });
  await management.send(new PauseClusterCommand({ ClusterIdentifier }));
  return { resume };
}

function eventsOf(process: SparkifyProcess, event: string): readonly unknown[] {
  return process.logLines().filter((line) => line['event'] === event);
}
