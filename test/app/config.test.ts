import { readFileSync, mkdtempSync, writeFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEnvironmentFile, processEnvironment, readConfig } from '../../src/app/config.ts';
import { SETTINGS, SETTING_NAMES } from '../../src/app/settings.ts';
import { defaultText } from '../../src/settings/kinds.ts';
import { SettingsError } from '../../src/settings/read-values.ts';
import type { Environment, Section } from '../../src/app/config.ts';

const COMPLETE = {
  AWS_REGION: 'eu-west-1',
  SPARKIFY_BUCKET: 'sparkify-data',
  SPARKIFY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/sparkify-ingest',
  SPARKIFY_CLUSTER_IDENTIFIER: 'sparkify',
  SPARKIFY_DATABASE: 'analytics',
  SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::123456789012:role/sparkify-copy',
};
const ALL: readonly Section[] = ['bucket', 'queue', 'warehouse', 'copy', 'batching'];

function problemsOf(environment: Environment, needs: readonly Section[] = ALL): Record<string, string> {
  try {
    readConfig(environment, needs);
  } catch (error) {
    if (error instanceof SettingsError) {
      return Object.fromEntries(error.problems.map((problem) => [problem.name, problem.sentence]));
    }
    throw error;
  }
  return {};
}

describe('readConfig', () => {
  test('a complete environment gives typed values and the documented defaults', () => {
    const config = readConfig(COMPLETE, ['bucket', 'queue', 'warehouse', 'copy', 'batching']);
    expect(config.bucket).toEqual({
      name: 'sparkify-data',
      logPrefix: 'log_data/',
      logJsonPaths: null,
      songPrefix: 'song_data/',
      workPrefix: 'sparkify-work/',
      onDelete: 'keep',
    });
    expect(config.batching).toEqual({
      lingerMs: 2000,
      batchMaxFiles: 5000,
      batchMaxBytes: 128 * 1024 ** 2,
      batchMaxAgeMs: 30_000,
      loadIntervalMs: 0,
      loadRest: 1,
      loadRestMaxMs: 60_000,
      maxHeldFiles: 20_000,
      drainSeconds: 90,
    });
    expect(config.warehouse).toMatchObject({ schema: 'sparkify', clusterIdentifier: 'sparkify', workgroupName: null });
    expect(config.consumerName).toMatch(/-\d+$/);
  });

  test('readers are groups and roles, and nothing else', () => {
    const readers = (text: string) =>
      readConfig({ ...COMPLETE, SPARKIFY_READERS: text }, ['warehouse']).warehouse.readers;
    expect(readers('group:analysts,role:dash-boards')).toEqual([
      { kind: 'group', name: 'analysts' },
      { kind: 'role', name: 'dash-boards' },
    ]);
    expect(readers('')).toEqual([]);
    for (const wrong of ['analysts', 'group:', 'user:me', 'group:a;b', 'group:a, role:b', 'group:"a"']) {
      expect(problemsOf({ ...COMPLETE, SPARKIFY_READERS: wrong })).toMatchObject({
        SPARKIFY_READERS: expect.stringContaining('group:analysts,role:dashboards') as string,
      });
    }
  });

  test('every problem is reported at once, with the value seen and what is expected', () => {
    const problems = problemsOf({
      ...COMPLETE,
      AWS_REGION: undefined,
      SPARKIFY_BUCKET: 's3://Sparkify',
      SPARKIFY_LINGER_MS: '2s',
      SPARKIFY_SCHEMA: 'drop table',
      SPARKIFY_BATCH_MAX_FILES: '0',
    });
    expect(Object.keys(problems).sort()).toEqual([
      'AWS_REGION',
      'SPARKIFY_BATCH_MAX_FILES',
      'SPARKIFY_BUCKET',
      'SPARKIFY_LINGER_MS',
      'SPARKIFY_SCHEMA',
    ]);
    expect(problems['SPARKIFY_BUCKET']).toContain('is "s3://Sparkify"; expected a bucket name');
    expect(problems['SPARKIFY_LINGER_MS']).toContain('"2s"');
    expect(problems['SPARKIFY_BATCH_MAX_FILES']).toContain('from 1 to 50000');
    expect(problems['AWS_REGION']).toContain('is not set');
  });

  test('a command asks only for the settings it uses', () => {
    const { AWS_REGION, SPARKIFY_CLUSTER_IDENTIFIER, SPARKIFY_DATABASE } = COMPLETE;
    const environment = { AWS_REGION, SPARKIFY_CLUSTER_IDENTIFIER, SPARKIFY_DATABASE };
    expect(problemsOf(environment, ['warehouse'])).toEqual({});
    expect(Object.keys(problemsOf(environment, ['warehouse', 'queue']))).toEqual(['SPARKIFY_QUEUE_URL']);
  });

  test('an empty variable counts as not set', () => {
    expect(readConfig({ ...COMPLETE, SPARKIFY_LINGER_MS: '' }, ['batching']).batching.lingerMs).toBe(2000);
    expect(problemsOf({ ...COMPLETE, SPARKIFY_BUCKET: '' })['SPARKIFY_BUCKET']).toContain('is not set');
  });

  test('a mistyped name is refused and the nearest setting is proposed', () => {
    const problems = problemsOf({
      ...COMPLETE,
      SPARKIFY_LINGER: '5',
      SPARKIFY_MAX_FILES: '5',
      SPARKIFY_XYZZY_QUUX: '1',
    });
    expect(problems['SPARKIFY_LINGER']).toBe('unknown setting; did you mean SPARKIFY_LINGER_MS?');
    expect(problems['SPARKIFY_MAX_FILES']).toContain('did you mean');
    expect(problems['SPARKIFY_XYZZY_QUUX']).toBe('unknown setting; remove it');
  });

  test('names of the embedded stack pass unread', () => {
    expect(problemsOf({ ...COMPLETE, SPARKIFY_LOCAL_PSQL_URL: 'postgres://x' })).toEqual({});
  });

  test('a secret and a password in a URL never stand in a message', () => {
    const problems = problemsOf({
      ...COMPLETE,
      SPARKIFY_SECRET_ARN: 'hunter2',
      SPARKIFY_QUEUE_URL: 'https://me:hunter3@host/queue',
    });
    const text = JSON.stringify(problems);
    expect(text).not.toContain('hunter');
    expect(problems['SPARKIFY_SECRET_ARN']).toContain('(masked)');
    expect(problems['SPARKIFY_QUEUE_URL']).toContain('me:***@host');
  });

  test.each([
    ['SPARKIFY_LOG_PREFIX', { SPARKIFY_SONG_PREFIX: 'log_data/songs/' }, 'overlaps with SPARKIFY_SONG_PREFIX'],
    ['SPARKIFY_SONG_PREFIX', { SPARKIFY_WORK_PREFIX: 'song_data/work/' }, 'overlaps with SPARKIFY_WORK_PREFIX'],
    ['SPARKIFY_LOG_PREFIX', { SPARKIFY_LOG_PREFIX: 'log_data' }, 'ends with "/"'],
    ['SPARKIFY_VISIBILITY_SECONDS', { SPARKIFY_DRAIN_SECONDS: '120' }, 'must be greater than SPARKIFY_DRAIN_SECONDS'],
    ['SPARKIFY_BATCH_MAX_AGE_MS', { SPARKIFY_BATCH_MAX_AGE_MS: '1999' }, 'must not be less than SPARKIFY_LINGER_MS'],
    ['SPARKIFY_MAX_HELD_FILES', { SPARKIFY_MAX_HELD_FILES: '4999' }, 'must not be less than SPARKIFY_BATCH_MAX_FILES'],
    ['SPARKIFY_CLUSTER_IDENTIFIER', { SPARKIFY_WORKGROUP_NAME: 'wg1' }, 'set only one of the two'],
    ['SPARKIFY_CLUSTER_IDENTIFIER', { SPARKIFY_CLUSTER_IDENTIFIER: '' }, 'set one of the two'],
    [
      'SPARKIFY_DB_USER',
      { SPARKIFY_DB_USER: 'me', SPARKIFY_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x' },
      'cannot be combined with SPARKIFY_SECRET_ARN',
    ],
    [
      'SPARKIFY_DB_USER',
      { SPARKIFY_CLUSTER_IDENTIFIER: '', SPARKIFY_WORKGROUP_NAME: 'wg1', SPARKIFY_DB_USER: 'me' },
      'cannot be combined with SPARKIFY_WORKGROUP_NAME',
    ],
  ])('settings that contradict one another are refused: %s %j', (name, change, sentence) => {
    const problems = problemsOf({ ...COMPLETE, ...change });
    expect(problems[name]).toContain(sentence);
    expect(Object.keys(problems)).toHaveLength(1);
  });
});

describe('a wrong value is one problem and is not compared with other settings', () => {
  test.each([
    ['SPARKIFY_DRAIN_SECONDS', { SPARKIFY_DRAIN_SECONDS: 'soon', SPARKIFY_VISIBILITY_SECONDS: '60' }],
    ['SPARKIFY_VISIBILITY_SECONDS', { SPARKIFY_VISIBILITY_SECONDS: '5' }],
    ['SPARKIFY_CLUSTER_IDENTIFIER', { SPARKIFY_CLUSTER_IDENTIFIER: 'Sparkify' }],
    ['SPARKIFY_WORKGROUP_NAME', { SPARKIFY_CLUSTER_IDENTIFIER: '', SPARKIFY_WORKGROUP_NAME: '?!' }],
    ['SPARKIFY_BUCKET', { SPARKIFY_BUCKET: '?!' }],
  ] as const)('%s %j', (name, change) => {
    const { expected } = SETTINGS[name];
    expect(problemsOf({ ...COMPLETE, ...change })).toEqual({
      [name]: expect.stringContaining(`; expected ${expected}`) as string,
    });
  });
});

describe('loadEnvironmentFile', () => {
  test('adds what is not set and leaves what is', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sparkify-config-'));
    const file = join(directory, 'settings.env');
    writeFileSync(file, '# comment\nSPARKIFY_TEST_A="from file"\nSPARKIFY_TEST_B=from file\n');
    process.env['SPARKIFY_TEST_B'] = 'from environment';
    try {
      loadEnvironmentFile(file);
      expect(processEnvironment()['SPARKIFY_TEST_A']).toBe('from file');
      expect(processEnvironment()['SPARKIFY_TEST_B']).toBe('from environment');
    } finally {
      delete process.env['SPARKIFY_TEST_A'];
      delete process.env['SPARKIFY_TEST_B'];
      rmSync(directory, { recursive: true });
    }
  });

  test('keys from the file are not overruled by a profile of the shell', () => {
    const directory = mkdtempSync(join(tmpdir(), 'sparkify-config-'));
    const file = join(directory, 'local.env');
    writeFileSync(file, 'AWS_ACCESS_KEY_ID=local\nAWS_SECRET_ACCESS_KEY=local\n');
    const names = ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) Reflect.deleteProperty(process.env, name);
    process.env['AWS_PROFILE'] = 'production';
    try {
      loadEnvironmentFile(file);
      expect(names.map((name) => process.env[name])).toEqual([undefined, undefined, 'local', 'local']);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      rmSync(directory, { recursive: true });
    }
  });

  test('a file that is not there is a sentence, not a stack', () => {
    expect(() => loadEnvironmentFile('/nowhere/settings.env')).toThrow(
      /--env-file: \/nowhere\/settings.env cannot be read/,
    );
  });
});

describe('docs/config.reference.env', () => {
  const text = readFileSync(new URL('../../docs/config.reference.env', import.meta.url), 'utf8');
  const documented = new Map(
    [...text.matchAll(/^#?((?:SPARKIFY|AWS)_[A-Z_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );

  test('names every setting and nothing else', () => {
    expect([...documented.keys()].sort()).toEqual([...SETTING_NAMES].sort());
  });

  test('shows the default that is in force', () => {
    for (const name of SETTING_NAMES) expect([name, documented.get(name)]).toEqual([name, defaultText(SETTINGS[name])]);
  });

  test('explains each setting in a comment above it', () => {
    const blocks = text.split('\n\n');
    for (const name of SETTING_NAMES) {
      const block = blocks.find((candidate) => new RegExp(`^#?${name}=`, 'm').test(candidate));
      expect([name, /^# \S+/m.test(block ?? '')]).toEqual([name, true]);
    }
  });

  test('is accepted as it is once the required settings are filled in', () => {
    expect(problemsOf({ ...Object.fromEntries(documented), ...COMPLETE })).toEqual({});
  });
});
