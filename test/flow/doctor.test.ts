import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import type { Finding } from '../../src/doctor/findings.ts';
import { useStack } from '../support/stack.ts';
import { aLog } from './support/play-files.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('the doctor finds the embedded stack in order, follows a marker to the ledger, and finds what was broken on purpose', async () => {
  const story = await Story.begin(stack);
  await story.put(aLog('log_data/one.json', 1));
  const examine = async (settings: Record<string, string> = {}, ...options: readonly string[]) => {
    const end = await story.run(['doctor', '--json', ...options], settings);
    const findings = JSON.parse(end.stdout) as readonly Finding[];
    return { code: end.code, bad: findings.filter(({ level }) => level !== 'ok'), findings };
  };
  expect(await examine()).toMatchObject({ code: 0, bad: [] });
  // It has neither received nor changed anything.
  expect(await story.messagesLeft()).toBe(1);

  const consumer = story.start(['consume']);
  await consumer.waitFor('the load', ({ text }) => text.includes('load.committed') || undefined);
  const { bad, code, findings } = await examine({}, '--send-marker', '--yes');
  expect({ bad, code }).toEqual({ bad: [], code: 0 });
  expect(findings.at(-1)?.sentence).toMatch(/^a consumer settled log_data\/sparkify-doctor-\w+\/ as ignored after/);
  consumer.kill('SIGTERM');
  await consumer.end;

  const { bucket } = story.place;
  const all = await stack.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  const QueueConfigurations = all.QueueConfigurations?.slice(0, 1);
  await stack.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
  const broken = await examine({
    AWS_REGION: 'eu-west-1',
    SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::000000000000:role/not-attached',
    SPARKIFY_SCHEMA: 'never_migrated',
  });
  expect(broken.code).toBe(1);
  expect(broken.bad.map(({ check, level }) => `${level} ${check}`)).toEqual([
    'failed bucket region',
    'failed notifications of song_data/',
    'failed tables',
    'failed COPY role',
  ]);
  const missing = await examine({ SPARKIFY_BUCKET: 'no-such-bucket' });
  expect(missing.bad.map(({ check }) => check)).toEqual([
    'bucket region',
    'notifications',
    'objects of log_data/',
    'objects of song_data/',
  ]);
});
