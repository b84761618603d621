import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const OUTPUTS = {
  region: 'eu-west-1',
  bucket: 'music',
  queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/files',
  clusterIdentifier: 'sparkify-dev',
  database: 'sparkify',
  copyRoleArn: 'arn:aws:iam::123456789012:role/copy',
  leftToDo: [],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparkify-outputs-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a command in a folder with one file `stack.json`, without settings of its own but those given. */
async function sparkify(
  args: readonly string[],
  input: { readonly file: string | null; readonly env?: Readonly<Record<string, string>> },
): Promise<{ code: number; err: string }> {
  await rm(join(folder, 'stack.json'), { force: true });
  if (input.file !== null) await writeFile(join(folder, 'stack.json'), input.file);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...input.env };
  return await new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env }, (error, _out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), err });
    });
  });
}

const HOW = 'write it with "npx pulumi stack output --json > stack.json"';

describe('--stack-outputs', () => {
  it.each([
    ['is not there', null, /stack\.json: it cannot be read \(ENOENT.*write it with/],
    ['is not JSON', 'bucket: music', /stack\.json: it is not JSON; write it with/],
    ['is a list', '[]', /stack\.json: it is not a JSON object/],
    [
      'is of another project',
      '{"url": "https://example.com"}',
      /it has no output "bucket", so it is not from a stack of this project/,
    ],
    [
      'hides what it should say',
      JSON.stringify({ ...OUTPUTS, database: '[secret]' }),
      /its "database" is hidden; write the file with --show-secrets/,
    ],
    [
      'says something of another shape',
      JSON.stringify({ ...OUTPUTS, queueUrl: {} }),
      /its "queueUrl" is neither text nor number/,
    ],
  ])('a file that %s ends in one sentence and exit code 2', async (_what, file, sentence) => {
    const { code, err } = await sparkify(['migrate', '--stack-outputs', 'stack.json'], { file });
    expect(err).toMatch(sentence);
    expect(err).toContain(HOW);
    expect(code).toBe(2);
  });

  it('gives a command the settings of the stack, checked as any others', async () => {
    const file = JSON.stringify({ ...OUTPUTS, workgroupName: 'adhoc' });
    const { code, err } = await sparkify(['migrate', '--stack-outputs', 'stack.json'], { file });
    expect(err).toContain('is "sparkify-dev" and SPARKIFY_WORKGROUP_NAME is "adhoc"; set only one of the two');
    expect(code).toBe(2);
  });

  it('gives way to what the environment says', async () => {
    const { code, err } = await sparkify(['migrate', '--stack-outputs', 'stack.json'], {
      file: JSON.stringify(OUTPUTS),
      env: { AWS_REGION: 'Ireland', SPARKIFY_SCHEMA: 'Mine' },
    });
    expect(err).toContain('AWS_REGION: is "Ireland"');
    expect(err).toContain('SPARKIFY_SCHEMA: is "Mine"');
    expect(err).not.toContain('SPARKIFY_DATABASE');
    expect(code).toBe(2);
  });

  it('and --local exclude each other', async () => {
    const { code, err } = await sparkify(['migrate', '--local', '--stack-outputs', 'stack.json'], { file: '{}' });
    expect(err).toMatch(/'--stack-outputs <file>' cannot be used with option '--local'/);
    expect(code).toBe(2);
  });
});
