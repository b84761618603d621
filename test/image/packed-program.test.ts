import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSparkify } from '../support/sparkify-process.ts';
import { PROJECT } from './built-image.ts';

type PackedFile = { readonly path: string; readonly mode: number };
let folder: string;
let files: readonly PackedFile[];

/** A checkout with things in it that must not be packed, packed by npm as a release would be. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparkify-packed-'));
  const checkout = join(folder, 'checkout');
  for (const name of ['bin', 'src', 'sql', 'docs', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(PROJECT, name), join(checkout, name), { recursive: true });
  }
  for (const name of ['README.md', 'LICENSE', 'CHANGELOG.md', 'Dockerfile', 'vitest.config.ts']) {
    cpSync(join(PROJECT, name), join(checkout, name));
  }
  write('.sparkify/local.env', 'AWS_SECRET_ACCESS_KEY=secret\n');
  write('.env', 'AWS_SECRET_ACCESS_KEY=secret\n');
  write('stack.json', '{}\n');
  write('dist/of-yesterday.js', '');
  installCompiler(checkout);
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The build's own lines come first.
  const [packed] = JSON.parse(printed.slice(printed.search(/^\[$/m))) as [{ filename: string; files: PackedFile[] }];
  ({ files } = packed);
  install(packed.filename);
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  const file = join(folder, 'checkout', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** What the build needs of the packages, in a folder of its own: `npm pack` writes into `node_modules/.bin`. */
function installCompiler(checkout: string): void {
  mkdirSync(join(checkout, 'node_modules/.bin'), { recursive: true });
  for (const name of ['typescript', '@types']) {
    symlinkSync(join(PROJECT, 'node_modules', name), join(checkout, 'node_modules', name));
  }
  symlinkSync('../typescript/bin/tsc', join(checkout, 'node_modules/.bin/tsc'));
}

/** As npm lays an installed package out; its dependencies are this checkout's. */
function install(tarball: string): void {
  const modules = join(folder, 'installed/node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', modules]);
  execFileSync('mv', [join(modules, 'package'), join(modules, 'sparkify-ingest')]);
  symlinkSync('../sparkify-ingest/bin/sparkify.js', join(modules, '.bin/sparkify'));
  linkDependencies(modules);
}

function linkDependencies(modules: string): void {
  const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(PROJECT, 'node_modules', name), join(modules, name));
  }
}

async function installed(...args: readonly string[]) {
  return await runSparkify({
    args,
    program: { command: [join(folder, 'installed/node_modules/.bin/sparkify')] },
    environment: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` },
    workingDirectory: join(folder, 'installed'),
  });
}

test('npm pack takes the built program, its SQL and what a reader needs, and nothing else', () => {
  const listed = (pattern: string) => globSync(pattern, { cwd: join(folder, 'checkout') });
  const source = listed('src/**/*.ts').map((path) => path.slice('src/'.length, -'.ts'.length));
  const rest = [
    ...listed('sql/**/*.sql'),
    ...['bin/sparkify.js', 'docs/config.reference.env', 'package.json', 'README.md', 'LICENSE'],
  ];
  const paths = files.map(({ path }) => path);
  const built = paths.filter((path) => path.startsWith('dist/'));
  expect(paths.filter((path) => !built.includes(path)).toSorted()).toEqual(rest.toSorted());
  // Of the source, what the program can reach; each module with the map back to its source.
  const modules = built.filter((path) => path.endsWith('.js')).map((path) => path.slice('dist/'.length, -'.js'.length));
  expect(modules.filter((name) => !source.includes(name))).toEqual([]);
  expect(modules).toEqual(expect.arrayContaining(source.filter((name) => name.startsWith('cli/'))));
  expect(built).toHaveLength(2 * modules.length);
  expect(files.find(({ path }) => path === 'bin/sparkify.js')?.mode).toBe(0o755);
});

test('the packed program runs what was built, below node_modules where Node strips no types', async () => {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  expect(await installed('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
  const generated = await installed('generate', '--to', 'data', '--songs', '10', '--users', '3', '--days', '1');
  expect(generated.code, generated.stderr).toBe(0);
  expect(globSync('data/**/*.json', { cwd: join(folder, 'installed') }).length).toBeGreaterThan(5);
});

test('the packed program does not offer the embedded stack, and says where it is to be had', async () => {
  const { stdout } = await installed('--help');
  expect(stdout).toContain('generate');
  expect(stdout).not.toMatch(/^ +(sparkify )?(demo|local) /m);
  const end = await installed('demo');
  expect({ code: end.code, stderr: end.stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Cannot find package 'local-stack'.*install the tarballs of local-stack/) as string,
  });
});

test('a checkout runs its source, whatever was built there before', async () => {
  write('dist/cli/main.js', 'throw new Error("built long ago");\n');
  linkDependencies(join(folder, 'checkout/node_modules'));
  const end = await runSparkify({
    args: ['--version'],
    program: { command: [process.execPath, join(folder, 'checkout/bin/sparkify.js')] },
    environment: {},
  });
  expect(end.code, end.stderr).toBe(0);
});
