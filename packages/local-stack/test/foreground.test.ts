import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { LOCAL_CREDENTIALS } from '../src/provision.ts';
import { startLocalStack } from '../src/start-local-stack.ts';
import type { LocalStackOptions } from '../src/stack-options.ts';
import { spawnStack } from '../../../test/support/stack-process.ts';
import type { StackProcess } from '../../../test/support/stack-process.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';

const storage: LocalStackOptions = { port: 0, only: ['s3', 'sqs'] };

function foreground(folder: string): StackProcess {
  const stack = spawnStack({ ...storage, dataDir: join(folder, 'data'), envFile: join(folder, 'local.env') });
  onTestFinished(() => {
    stack.child.kill('SIGKILL');
  });
  return stack;
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s stops the stack, removes local.env and keeps the data',
  async (signal) => {
    const folder = temporaryFolder();
    const stack = foreground(folder);
    const environment = await stack.ready();
    expect(statSync(join(folder, 'local.env')).mode & 0o777).toBe(0o600);
    const endpoint = environment['AWS_ENDPOINT_URL_S3'] ?? '';
    expect((await fetch(`${endpoint}/sparkify-data`)).status).toBe(200);
    expect(await stack.end(signal)).toBe(0);
    expect(readdirSync(folder)).toEqual(['data']);
    await expect(fetch(endpoint)).rejects.toThrow();
    const again = foreground(folder);
    await again.ready();
    expect(await again.end('SIGTERM')).toBe(0);
  },
);

test('it says where everything is and what to type', async () => {
  const folder = temporaryFolder();
  const stack = foreground(folder);
  const environment = await stack.ready();
  await stack.end('SIGTERM');
  expect(stack.output()).toMatch(/^Starting …\n/);
  expect(stack.output()).toContain(`set -a; . ${join(folder, 'local.env')}; set +a\n`);
  expect(stack.output()).toContain('  aws s3 cp events.json s3://sparkify-data/log_data/events.json\n');
  // What boto3 and both versions of the AWS CLI read.
  expect(environment).toMatchObject({ AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' });
  expect(stack.output()).not.toContain('psql');
});

test('the bucket announces what the stack is started with, and a configuration of someone else stays', async () => {
  const dataDir = temporaryFolder();
  const announced = async (notifiedPrefixes: readonly string[], then: (s3: S3Client) => Promise<unknown>) => {
    const stack = await startLocalStack({ ...storage, dataDir, notifiedPrefixes });
    const s3 = new S3Client({
      endpoint: stack.environment['AWS_ENDPOINT_URL_S3'] ?? '',
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
      forcePathStyle: true,
    });
    const configuration = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'sparkify-data' }));
    await then(s3);
    s3.destroy();
    await stack.stop();
    return configuration.QueueConfigurations?.map(({ Filter }) => Filter?.Key?.FilterRules?.[0]?.Value);
  };
  const nothing = async (): Promise<void> => await Promise.resolve();
  expect(await announced(['log_data/', 'song_data/'], nothing)).toEqual(['log_data/', 'song_data/']);
  const foreign = {
    Id: 'mine',
    QueueArn: 'arn:aws:sqs:us-east-1:000000000000:sparkify-ingest',
    Events: ['s3:ObjectCreated:*' as const],
    Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'mine/' }] } },
  };
  const configure = new PutBucketNotificationConfigurationCommand({
    Bucket: 'sparkify-data',
    NotificationConfiguration: { QueueConfigurations: [foreign] },
  });
  expect(await announced(['events/', 'song_data/'], async (s3) => await s3.send(configure))).toEqual([
    'events/',
    'song_data/',
  ]);
  expect(await announced(['log_data/', 'song_data/'], nothing)).toEqual(['mine/']);
});

test('a second stack beside the first keeps its settings in its own data directory', async () => {
  const folder = temporaryFolder();
  const first = foreground(folder);
  const environment = await first.ready();
  const dataDir = join(folder, 'second');
  const second = spawnStack({ ...storage, dataDir, envFile: join(folder, 'local.env') });
  onTestFinished(() => {
    second.child.kill('SIGKILL');
  });
  await waitUntil(() => second.output().includes('Ctrl-C'), { what: 'the second stack' });
  expect(second.output()).toContain(`--env-file ${join(dataDir, 'local.env')}`);
  expect(await second.end('SIGTERM')).toBe(0);
  expect(await first.ready()).toEqual(environment);
  expect(existsSync(join(dataDir, 'local.env'))).toBe(false);
  await first.end('SIGKILL');
  const third = foreground(folder);
  await waitUntil(() => third.output().includes('Ctrl-C'), { what: 'the stack after a kill' });
  expect(third.output()).toContain(`Settings are in ${join(folder, 'local.env')}`);
});

test('a second instance on the same directory fails and names the process that uses it; a killed process frees it', async () => {
  const folder = temporaryFolder();
  const stack = foreground(folder);
  await stack.ready();
  const second = startLocalStack({ ...storage, dataDir: join(folder, 'data') });
  await expect(second).rejects.toThrow(
    new RegExp(`in use by another embedded stack \\(process ${stack.child.pid ?? 0}\\).*--data-dir`),
  );
  await stack.end('SIGKILL');
  const third = await startLocalStack({ ...storage, dataDir: join(folder, 'data') });
  await third.stop();
});

test('one process cannot open a directory twice either', async () => {
  const dataDir = temporaryFolder();
  const first = await startLocalStack({ ...storage, dataDir });
  await expect(startLocalStack({ ...storage, dataDir })).rejects.toThrow(/in use by another embedded stack/);
  await first.stop();
  await (await startLocalStack({ ...storage, dataDir })).stop();
});

test('a port in use is named with the option that chooses another, and nothing is left open', async () => {
  const dataDir = temporaryFolder();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  await expect(startLocalStack({ ...storage, dataDir, port })).rejects.toThrow(
    `Port ${port} (S3 and SQS) is in use by another program. Stop that program, or choose another port with --port.`,
  );
  await (await startLocalStack({ ...storage, dataDir })).stop();
});

test('an address that this machine does not have is named', async () => {
  const failure = startLocalStack({ ...storage, dataDir: temporaryFolder(), port: 14566, host: '192.0.2.1' });
  await expect(failure).rejects.toThrow(/192\.0\.2\.1 is not an address of this machine.*--host/);
});

test('listening on every address, it names one that can be reached', async () => {
  const stack = await startLocalStack({ ...storage, dataDir: temporaryFolder(), host: '0.0.0.0' });
  const endpoint = stack.environment['AWS_ENDPOINT_URL_S3'] ?? '';
  expect(new URL(endpoint).hostname).toBe('127.0.0.1');
  expect((await fetch(`${endpoint}/sparkify-data`)).status).toBe(200);
  await stack.stop();
});

test('a directory of another layout or with something else in it is refused and left as it is', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'layout'), '99\n');
  await expect(startLocalStack({ ...storage, dataDir })).rejects.toThrow(/has layout 99; this version reads layout 1/);
  expect(readdirSync(dataDir)).toEqual(['layout']);
  const foreign = join(dataDir, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'thesis.txt'), 'precious');
  await expect(startLocalStack({ ...storage, dataDir: foreign })).rejects.toThrow(
    /is not empty and was not made by the embedded stack/,
  );
  expect(readdirSync(foreign)).toEqual(['thesis.txt']);
  expect(readFileSync(join(foreign, 'thesis.txt'), 'utf8')).toBe('precious');
  await expect(startLocalStack({ ...storage, dataDir: join(foreign, 'thesis.txt') })).rejects.toThrow(
    /cannot be created/,
  );
});

test('a damaged file of objects is refused and left as it is', async () => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, 'layout'), '1\n');
  writeFileSync(join(dataDir, 'fauxqs.db'), 'damaged '.repeat(1000));
  await expect(startLocalStack({ ...storage, dataDir })).rejects.toThrow(/fauxqs\.db cannot be read .*--data-dir/);
  expect(readFileSync(join(dataDir, 'fauxqs.db'), 'utf8')).toBe('damaged '.repeat(1000));
});

test('parts that are left out are not in the environment, and the real credentials stay in force beside them', async () => {
  const dataDir = temporaryFolder();
  const both = await startLocalStack({ ...storage, dataDir });
  expect(Object.keys(both.environment).sort()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL_S3',
    'AWS_ENDPOINT_URL_SQS',
    'AWS_ENDPOINT_URL_STS',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'SPARKIFY_BUCKET',
    'SPARKIFY_QUEUE_URL',
  ]);
  expect(both.psqlUrl).toBeNull();
  await both.stop();
  const queueOnly = await startLocalStack({ ...storage, dataDir, only: ['sqs'] });
  expect(Object.keys(queueOnly.environment).sort()).toEqual([
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL_SQS',
    'AWS_ENDPOINT_URL_STS',
    'AWS_REGION',
    'SPARKIFY_QUEUE_URL',
  ]);
  await queueOnly.stop();
  expect(existsSync(join(dataDir, 'lock.pid'))).toBe(false);
});
