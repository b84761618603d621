import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { VERBS } from '../../src/cli/verbs.ts';
import { runSparkify } from '../support/sparkify-process.ts';

const elsewhere = mkdtempSync(join(tmpdir(), 'sparkify-usage-'));
afterAll(() => rmSync(elsewhere, { recursive: true }));

async function sparkify(args: string[], environment: Record<string, string> = {}) {
  return await runSparkify({ args, environment, workingDirectory: elsewhere });
}

describe('help', () => {
  test('lists every verb by its use, with what it does, and ends with 0', async () => {
    const { code, stdout } = await sparkify(['--help']);
    expect(code).toBe(0);
    const groups = stdout.split(/\n\n/).filter((part) => VERBS.some(({ group }) => part.startsWith(group)));
    expect(groups.map((part) => [...part.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name))).toEqual(
      [...Map.groupBy(VERBS, ({ group }) => group).values()].map((verbs) => verbs.map(({ name }) => name)),
    );
    for (const { name, summary } of VERBS) expect(stdout).toMatch(new RegExp(`  ${name} +${summary.slice(0, 20)}`));
  });

  test.each(VERBS.map(({ name }) => name))('of %s shows examples that begin with the command', async (name) => {
    const { code, stdout } = await sparkify([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\n  sparkify ${name}`));
    if (name === 'local' || name === 'demo') return;
    for (const option of ['--json', '--local', '--env-file']) expect(stdout).toContain(option);
  });
});

test('the version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect((await runSparkify({ args: ['--version'], environment: {} })).stdout.trim()).toBe(version);
});

test.each(['20.19.5', '22.17.1'])('Node.js %s gets one sentence that says what to install', (version) => {
  const pretend = `Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`;
  const args = ['--import', `data:text/javascript,${pretend}`, 'bin/sparkify.js', '--help'];
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(
    new RegExp(
      `^sparkify: needs Node.js 22\\.18 or later, found ${version.replaceAll('.', '\\.')}\\. Install .*\\.\n$`,
    ),
  );
});

describe('wrong usage ends with 2 and a sentence', () => {
  test.each([
    [['consme'], "unknown command 'consme'", 'Did you mean consume?'],
    [['generate'], "required option '--to <target>' not specified", 'sparkify generate --help'],
    [['generate', '--to', 'x', '--events', 'many'], '--events many: expected a whole number', ''],
    [['generate', '--to', 'x', '--match-share', '2'], '--match-share 2: expected a number from 0 to 1', ''],
    [['generate', '--to', 'x', '--first-day', '2018-02-30'], '--first-day 2018-02-30: expected a day', ''],
    [['generate', '--to', ''], '--to: expected a folder, s3://bucket or s3, found nothing', ''],
    [['generate', '--to', 's3://b/c/d'], 'expected s3://bucket without a path', ''],
    [['consume', '--http', '8080'], '--http 8080: expected host:port', ''],
    [['consume', '--until-idel'], "unknown option '--until-idel'", 'Did you mean --until-idle?'],
    [['backfill', '--since', 'yesterday'], '--since yesterday: expected a day', ''],
    [['backfill', '--enqueue', '--dry-run'], "option '--enqueue' cannot be used with option '--dry-run'", ''],
    [['local', '--only', 'redshft'], '--only redshft: expected s3, sqs, redshift', ''],
    [['analyze', '--html', 'x.html', '--json'], "option '--html <file>' cannot be used with option '--json'", ''],
    [['analyze', '--since', 'monday'], '--since monday: expected a day', ''],
    [['history', '--since', '2018-02-30T12:00'], '--since 2018-02-30T12:00: expected a day', ''],
    [['reload', '--day', '2018-02-30'], '--day 2018-02-30: expected a day', ''],
    [['verify', '--since', '2019-01-02', '--until', '2019-01-02'], 'expected an end after the start', ''],
    [['backfill', '--keys-from', '/nowhere'], '--keys-from /nowhere: expected a file; it cannot be read (ENOENT', ''],
    [['dead-letters', 'redrive', '--reason', ''], '--reason: expected a reason, 1 to 1024 bytes; found 0', ''],
    [['reload', '--keys-from', '/'], '--keys-from /: expected a file; found a directory', ''],
    [['analyze', '--local'], '--local: .sparkify/local.env does not exist; first start the embedded stack', ''],
  ])('%j', async (args, sentence, advice) => {
    const { code, stdout, stderr } = await sparkify(args);
    expect(code).toBe(2);
    if (args.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } });
    else expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr).toContain(advice);
    expect(stderr).not.toMatch(/\n +at /);
  });

  test.each([
    [['analyze', '--json', '--local'], { code: 'config_invalid', message: /local\.env does not exist/ }],
    [['analyze', '--json', '--quesiton', 'x'], { code: 'usage', message: /unknown option '--quesiton'/ }],
    [['backfill', '--since', 'yesterday', '--json'], { code: 'usage', message: /--since yesterday: expected a day/ }],
    [['consume', '--json'], { code: 'config_invalid', message: /SPARKIFY_BUCKET: is not set/ }],
  ])('%j prints the error as JSON, too', async (args, { code, message }) => {
    const end = await sparkify(args);
    expect(end.code).toBe(2);
    expect(JSON.parse(end.stdout)).toEqual({ error: { code, message: expect.stringMatching(message) as string } });
    expect(end.stderr).toMatch(/^sparkify: /);
  });

  test('an environment file that is not there', async () => {
    const { code, stderr } = await sparkify(['analyze', '--env-file=/nowhere/x.env']);
    // Node itself looks for --env-file among the arguments and answers first when it was not started with "--".
    expect([2, 9]).toContain(code);
    expect(stderr).toContain('/nowhere/x.env');
  });
});

test('wrong settings are all named at once, with what is expected', async () => {
  const { code, stderr } = await sparkify(['consume'], {
    AWS_REGION: 'mars',
    SPARKIFY_QUEUE: 'q',
    SPARKIFY_BUCKET: 'No Bucket',
    SPARKIFY_LINGER_MS: 'two',
  });
  expect(code).toBe(2);
  expect(stderr).toContain('settings are wrong:');
  for (const line of [
    'AWS_REGION: is "mars"; expected the region',
    'SPARKIFY_QUEUE: unknown setting; did you mean SPARKIFY_QUEUE_URL?',
    'SPARKIFY_BUCKET: is "No Bucket"; expected a bucket name',
    'SPARKIFY_LINGER_MS: is "two"; expected milliseconds',
    'SPARKIFY_COPY_ROLE_ARN: is not set',
    'SPARKIFY_DATABASE: is not set',
  ]) {
    expect(stderr).toContain(line);
  }
});

test('an endpoint that refuses connections is one sentence and exit code 1', async () => {
  const nobody = 'http://127.0.0.1:9';
  const { code, stdout, stderr } = await sparkify(['analyze', '--json'], {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ENDPOINT_URL_REDSHIFT_DATA: nobody,
    SPARKIFY_CLUSTER_IDENTIFIER: 'sparkify',
    SPARKIFY_DATABASE: 'sparkify',
  });
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'endpoint_unreachable' } });
  expect(stderr).toContain('[endpoint_unreachable]');
  expect(stderr).toContain('127.0.0.1:9');
});
