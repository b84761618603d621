import { readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { folderWriter } from '../../src/generate/folder-writer.ts';
import { bucketWriter, writeGenerated } from '../../src/generate/write-generated.ts';
import type { WriteFile } from '../../src/generate/write-generated.ts';
import { SparkifyProcess } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack({ only: ['s3', 'sqs'] });
const LOG = 'log_data/2018/11/2018-11-02-events.json';

function start(args: readonly string[]): SparkifyProcess {
  const started = new SparkifyProcess({ args, environment: {}, workingDirectory: temporaryFolder() });
  onTestFinished(async () => await started.dispose());
  return started;
}

/** Three songs and a log of one day. */
async function generate(write: WriteFile): Promise<void> {
  const options = { seed: 1, users: 5, songs: 3, days: 1, events: 50, files: null, matchShare: 0.5 };
  const place = { firstDayMs: Date.UTC(2018, 10, 2), logPrefix: 'log_data/', songPrefix: 'song_data/' };
  const { signal } = new AbortController();
  await writeGenerated({ options: { ...options, ...place }, write, signal, onProgress: () => undefined });
}

/** All files below a folder, temporary ones too. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a log of a real day stays as it is in a folder, and is named', async () => {
  const folder = join(temporaryFolder(), 'new', 'data');
  await generate(folderWriter(folder));
  writeFileSync(join(folder, LOG), 'real');
  rmSync(join(folder, 'song_data'), { recursive: true });
  await expect(generate(folderWriter(folder))).rejects.toMatchObject({
    code: 'object_exists',
    message: `${join(folder, LOG)} already exists and was not overwritten; choose an empty folder, or other days (--first-day) with another --seed.`,
  });
  expect(readFileSync(join(folder, LOG), 'utf8')).toBe('real');
  expect(filesIn(folder)).toHaveLength(4);
});

test('a log of a real day stays as it is in a bucket, and is named', async () => {
  const { bucket } = await stack.place({ notifiedPrefixes: [] });
  const at = { Bucket: bucket, Key: LOG };
  await stack.s3.send(new PutObjectCommand({ ...at, Body: 'real' }));
  await expect(generate(bucketWriter(createS3ObjectStore(stack.s3), bucket))).rejects.toMatchObject({
    code: 'object_exists',
    message: expect.stringMatching(
      new RegExp(`s3://${bucket}/${LOG} .*the object already exists and was not overwritten: .*--first-day`),
    ) as unknown,
  });
  const stored = await stack.s3.send(new GetObjectCommand(at));
  expect(await stored.Body?.transformToString()).toBe('real');
});

test('a link below the folder is not followed', async () => {
  const [folder, outside] = [temporaryFolder(), temporaryFolder()];
  symlinkSync(outside, join(folder, 'song_data'));
  await expect(generate(folderWriter(folder))).rejects.toThrow(`${join(folder, 'song_data')} is not a folder`);
  expect(filesIn(outside)).toEqual([]);
});

test('a folder that cannot be made is one sentence, also where the file system denies its own folders', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const to of ['/proc/sparkify/data', join(folder, 'file')]) {
    const end = await start(['generate', '--to', to]).end;
    expect(end).toMatchObject({ code: 1, stdout: '' });
    expect(end.stderr).toMatch(/cannot be written \(.*\); choose another folder\. \[config_invalid\]\n$/);
  }
  const local = await start(['local', '--data-dir', '/proc/sparkify/data', '--port', '0']).end;
  expect(local.code).toBe(1);
  expect(local.stderr).toMatch(/The data directory \/proc\/sparkify\/data cannot be created .*--data-dir/);
});

test('SIGTERM ends it after the files in flight, and all are whole', async () => {
  const folder = temporaryFolder();
  const started = start(['generate', '--to', folder, '--songs', '1000000', '--events', '10']);
  await waitUntil(() => filesIn(folder).length > 0, { what: 'the first file' });
  started.kill('SIGTERM');
  expect((await started.end).code).toBe(130);
  for (const name of filesIn(folder)) expect(name).toMatch(/\.json$/);
});
