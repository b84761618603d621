import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dockerIgnore } from './docker-ignore.ts';
import { parseDockerfile } from '../support/parse-dockerfile.ts';
import { productionPackages } from './production-packages.ts';

const project = (path: string) => new URL(`../../${path}`, import.meta.url);
const stages = parseDockerfile(readFileSync(project('Dockerfile'), 'utf8'));
const ignored = dockerIgnore(readFileSync(project('.dockerignore'), 'utf8'));
const packageJson = JSON.parse(readFileSync(project('package.json'), 'utf8')) as Record<string, string>;

test('every stage begins with the Node that the project is tested with, pinned to its bytes', () => {
  const lock = JSON.parse(readFileSync(project('package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const version = lock.packages['node_modules/node']?.version ?? '';
  for (const { base } of stages) {
    expect(base).toMatch(new RegExp(`^node:${version.replaceAll('.', '\\.')}-[a-z]+-slim@sha256:[0-9a-f]{64}$`));
  }
});

test('it depends on packages that fit every platform and run no install scripts', () => {
  const production = productionPackages(fileURLToPath(project('')));
  expect(production.size).toBeGreaterThan(20);
  for (const [path, { os, cpu, hasInstallScript }] of production) {
    expect({ path, os, cpu, hasInstallScript }).toEqual({ path });
  }
});

test('its labels say what package.json says', () => {
  const text = stages.at(-1)?.instructions.find(({ name }) => name === 'LABEL')?.text ?? '';
  const labels = Object.fromEntries(
    [...text.matchAll(/(\S+?)="([^"]*)"/g)].map(([, name = '', value]) => [name, value]),
  );
  expect(labels).toEqual({
    'org.opencontainers.image.title': packageJson['name'],
    'org.opencontainers.image.description': packageJson['description'],
    'org.opencontainers.image.licenses': packageJson['license'],
  });
});

test('secrets, local data and files that the Dockerfile does not copy never reach the builder', () => {
  for (const path of ['.env', '.git/config', '.sparkify/local.env', 'node_modules/x/index.js', 'dist/cli/main.js']) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: true });
  }
  for (const path of ['sql/demo/table_counts.sql', 'src/demo/story.ts', 'packages/local-stack/index.js']) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: true });
  }
  for (const path of ['package-lock.json', 'src/cli/main.ts', 'sql/schema/001_bookkeeping.sql']) {
    expect({ path, ignored: ignored(path) }).toEqual({ path, ignored: false });
  }
});

test('an unknown instruction of the Dockerfile is an error', () => {
  expect(() => parseDockerfile('FROM a\nONBUILD RUN x')).toThrow('not understood');
  expect(parseDockerfile('ARG A=b\nFROM ${A} AS c\nRUN --mount=type=cache,target=/x npm \\\n  ci # d')).toEqual([
    {
      base: 'b',
      name: 'c',
      instructions: [{ name: 'RUN', flags: { mount: 'type=cache,target=/x' }, text: 'npm ci # d', list: null }],
    },
  ]);
});
