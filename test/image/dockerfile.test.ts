import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { containerDefinitions } from '../../infra/plan/consumer/container-definitions.ts';
import { dockerIgnore } from './docker-ignore.ts';
import { parseDockerfile } from '../support/parse-dockerfile.ts';

const project = (path: string) => new URL(`../../${path}`, import.meta.url);
const stages = parseDockerfile(readFileSync(project('Dockerfile'), 'utf8'));
const last = stages.at(-1);
const ignored = dockerIgnore(readFileSync(project('.dockerignore'), 'utf8'));
const packageJson = JSON.parse(readFileSync(project('package.json'), 'utf8')) as Record<string, string>;

/** The only instruction of that name in the last stage. */
function only(name: string) {
  const found = last?.instructions.filter((instruction) => instruction.name === name) ?? [];
  expect(found, `${name} in the last stage`).toHaveLength(1);
  return { text: '', list: null, flags: {}, ...found[0] };
}

test('every stage begins with the Node that the project is tested with, pinned to its bytes', () => {
  const lock = JSON.parse(readFileSync(project('package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const version = lock.packages['node_modules/node']?.version ?? '';
  for (const { base } of stages) {
    expect(base).toMatch(new RegExp(`^node:${version.replaceAll('.', '\\.')}-[a-z]+-slim@sha256:[0-9a-f]{64}$`));
  }
});

test('what the image holds comes from stages that ran on the building machine, so that no platform is emulated', () => {
  expect(last?.platform).toBeNull();
  expect(last?.instructions.filter(({ name }) => name === 'RUN')).toEqual([]);
  for (const stage of stages.slice(0, -1)) expect(stage.platform).toBe('$BUILDPLATFORM');
});

test('packages for one platform only are none of its dependencies', () => {
  const lock = JSON.parse(readFileSync(project('package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; os?: unknown; cpu?: unknown; hasInstallScript?: boolean }>;
  };
  const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  expect(production.length).toBeGreaterThan(20);
  for (const [path, { os, cpu, hasInstallScript }] of production) {
    expect({ path, os, cpu, hasInstallScript }).toEqual({ path });
  }
});

test('packages come from a stage that installs production dependencies by the lock file, without their scripts', () => {
  const from = last?.instructions.find(({ text }) => text.includes('node_modules'))?.flags['from'];
  const installs = stages.find(({ name }) => name === from)?.instructions.filter(({ name }) => name === 'RUN') ?? [];
  expect(installs).toHaveLength(1);
  expect(installs[0]?.text).toMatch(/^npm ci --omit=dev --ignore-scripts\b/);
});

test('the program runs as a user that is not root and may not write its own files', () => {
  expect(only('USER').text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  for (const { name, flags } of last?.instructions ?? []) {
    if (name === 'COPY') expect(Object.keys(flags)).not.toContain('chown');
  }
  expect(last?.instructions.map(({ name }) => name)).not.toContain('VOLUME');
});

test('no shell and no npm stands between a signal and the program', () => {
  expect(only('ENTRYPOINT').list).toEqual([
    'node',
    '--max-semi-space-size=2',
    '--enable-source-maps',
    '/app/dist/cli/main.js',
  ]);
  expect(only('CMD').list).toEqual(['consume', '--http', '0.0.0.0:8080']);
  // SIGTERM is what stops a container; another signal would have to be one that the program knows.
  expect(last?.instructions.map(({ name }) => name)).not.toContain('STOPSIGNAL');
});

test('health is asked of the port that is served, by a program that the image has', () => {
  const { text, list } = only('HEALTHCHECK');
  expect(list?.[0]).toBe('node');
  const port = only('EXPOSE').text;
  expect(text).toContain(`http://127.0.0.1:${port}/healthz`);
  expect(only('CMD').list?.at(-1)).toBe(`0.0.0.0:${port}`);
});

test('a task of the stack runs the image as the image means to be run', () => {
  const parts = { image: 'any', environment: {}, drainSeconds: 25, logGroup: 'any', region: 'eu-west-1' };
  const containers = containerDefinitions(parts) as readonly {
    name: string;
    command: readonly string[];
    entryPoint?: unknown;
    healthCheck?: { command: readonly string[] };
  }[];
  const consumer = containers.find(({ name }) => name === 'consumer');
  const [verb, option, address] = only('CMD').list ?? [];
  expect(containers.map(({ entryPoint }) => entryPoint)).toEqual(containers.map(() => undefined));
  // The same port; within the task only, where the image alone cannot know who may ask.
  expect(consumer?.command).toEqual([verb, option, address?.replace('0.0.0.0', '127.0.0.1')]);
  expect(consumer?.healthCheck?.command).toEqual(['CMD', ...(only('HEALTHCHECK').list ?? [])]);
});

test('its labels say what package.json says', () => {
  const labels = Object.fromEntries(
    [...only('LABEL').text.matchAll(/(\S+?)="([^"]*)"/g)].map(([, name = '', value]) => [name, value]),
  );
  expect(labels).toEqual({
    'org.opencontainers.image.title': packageJson['name'],
    'org.opencontainers.image.description': packageJson['description'],
    'org.opencontainers.image.version': packageJson['version'],
    'org.opencontainers.image.licenses': packageJson['license'],
  });
});

test('secrets, local data and what is not copied never reach the builder', () => {
  for (const path of ['.env', '.git/config', '.sparkify/local.env', 'node_modules/x/index.js', 'dist/cli/main.js']) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: true });
  }
  expect(ignored('sql/demo/table_counts.sql')).toBe(true);
  for (const path of ['package-lock.json', 'src/cli/main.ts', 'sql/schema/001_bookkeeping.sql']) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: false });
  }
});

test('an instruction that the reader of these rules does not know is an error, not a rule that passes', () => {
  expect(() => parseDockerfile('FROM a\nONBUILD RUN x')).toThrow('not understood');
  expect(parseDockerfile('ARG A=b\nFROM ${A} AS c\nRUN --mount=type=cache,target=/x npm \\\n  ci # d')).toEqual([
    {
      base: 'b',
      name: 'c',
      platform: null,
      instructions: [{ name: 'RUN', flags: { mount: 'type=cache,target=/x' }, text: 'npm ci # d', list: null }],
    },
  ]);
});
