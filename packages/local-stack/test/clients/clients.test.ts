import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { TestContext } from 'vitest';
import { useStack } from '../../../../test/support/stack.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';

const stack = useStack();
const run = promisify(execFile);

/** Where `.ci/clients` has installed the Python packages; s3fs needs another botocore than the others. */
const python = process.env['SPARKIFY_TEST_PYTHON'] ?? 'python3';
const pythonWithS3fs = process.env['SPARKIFY_TEST_S3FS_PYTHON'] ?? 'python3';

/** Of the machine's settings, none that is about AWS. */
function clientEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|SPARKIFY_|RCLONE_)/.test(name));
  return {
    ...Object.fromEntries(own),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...more,
  };
}

async function client(
  command: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run(command, args, { env: clientEnvironment(more), timeout: 100_000 });
  return stdout;
}

async function skipWithout(
  context: TestContext,
  name: string,
  command: string,
  args: readonly string[],
): Promise<void> {
  const isThere = await client(command, args).then(
    () => true,
    () => false,
  );
  context.skip(!isThere, `${name} is not installed; .ci/clients installs it`);
}

const endpoint = (): string => stack.environment['AWS_ENDPOINT_URL_S3'] ?? '';

async function placeWithout(): Promise<string> {
  return (await stack.place({ notifiedPrefixes: [] })).bucket;
}

test('boto3 lists odd keys, deletes, uploads in parts, reads ranges and copies', async (context) => {
  await skipWithout(context, 'boto3', python, ['-c', 'import boto3']);
  const said = await client(python, [join(import.meta.dirname, 'with_boto3.py'), endpoint(), await placeWithout()]);
  expect(JSON.parse(said)).toEqual({
    listed: ['log_data/cr\rx', 'log_data/esc\u001bx', 'log_data/folder/', 'log_data/nl\nx', 'log_data/ü +%&<'],
    deleted: ['log_data/nl\nx', 'log_data/ü +%&<'],
    size: 6_000_000,
    range: '89',
    copied: 0,
    missing: 'NoSuchKey',
  });
});

test('s3fs (dlt, pandas) writes, finds, moves and removes', async (context) => {
  await skipWithout(context, 's3fs', pythonWithS3fs, ['-c', 'import s3fs']);
  const bucket = await placeWithout();
  const said = await client(pythonWithS3fs, [join(import.meta.dirname, 'with_s3fs.py'), endpoint(), bucket]);
  const folder = `${bucket}/log_data/s3fs`;
  expect(JSON.parse(said)).toEqual({
    listed: [`${folder}/a.json`, `${folder}/deep/large`, `${folder}/empty`],
    globbed: [`${folder}/a.json`],
    size: 6_000_000,
    read: '{}\n',
    moved: [false, true],
    left: [],
  });
});

/** A folder with a small file, one in a folder below, and one that is uploaded in parts. */
function someFiles(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'a.json'), '{}\n');
  writeFileSync(join(folder, 'sub/b c+d.json'), '{}\n');
  writeFileSync(join(folder, 'large'), Buffer.alloc(10_000_000));
  return folder;
}

test('AWS CLI version 1 syncs, lists, moves and removes', async (context) => {
  await skipWithout(context, 'AWS CLI version 1', python, ['-m', 'awscli', '--version']);
  const target = `s3://${await placeWithout()}/log_data/cli`;
  const aws = async (...args: string[]) =>
    await client(python, ['-m', 'awscli', '--endpoint-url', endpoint(), 's3', ...args]);
  await aws('sync', someFiles(), target, '--no-progress');
  const listed = (await aws('ls', target, '--recursive')).trim().split('\n');
  expect(listed.map((line) => line.replace(/^\S+ \S+ +/, ''))).toEqual([
    '3 log_data/cli/a.json',
    '10000000 log_data/cli/large',
    '3 log_data/cli/sub/b c+d.json',
  ]);
  await aws('mv', `${target}/a.json`, `${target}/c.json`);
  expect(await aws('cp', `${target}/c.json`, '-')).toBe('{}\n');
  await aws('rm', target, '--recursive');
  await expect(aws('ls', target, '--recursive')).rejects.toMatchObject({ code: 1, stderr: '' });
});

test('rclone copies, checks, moves and purges', async (context) => {
  await skipWithout(context, 'rclone', 'rclone', ['version']);
  const target = `local:${await placeWithout()}/log_data/rclone`;
  const remote = { TYPE: 's3', PROVIDER: 'Other', ENDPOINT: endpoint(), ENV_AUTH: 'true', REGION: 'us-east-1' };
  const settings = Object.fromEntries(
    Object.entries(remote).map(([name, value]) => [`RCLONE_CONFIG_LOCAL_${name}`, value]),
  );
  const rclone = async (...args: string[]) =>
    await client('rclone', ['--config', '/dev/null', '--retries', '1', ...args], settings);
  const folder = someFiles();
  await rclone('copy', folder, target);
  await rclone('check', folder, target);
  const listed = await rclone('lsf', '-R', '--files-only', target);
  expect(listed.trim().split('\n').toSorted()).toEqual(['a.json', 'large', 'sub/b c+d.json']);
  await rclone('moveto', `${target}/a.json`, `${target}/c.json`);
  expect(await rclone('cat', `${target}/c.json`)).toBe('{}\n');
  await rclone('purge', target);
  expect(await rclone('lsf', '-R', target)).toBe('');
});
