import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { logLine } from '../support/log-lines.ts';
import { SparkifyProcess, runSparkify } from '../support/sparkify-process.ts';
import { useStack, waitUntil } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';
import { buildImage } from './built-image.ts';
import type { BuiltImage } from './built-image.ts';

const stack = useStack();
let image: BuiltImage;
let place: TestPlace;

beforeAll(async () => {
  image = await buildImage();
  place = await stack.place();
}, 240_000);
afterAll(() => image.remove());

/** A container of the image: its program with these arguments, its user, its environment and no other. */
function container(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return {
    args,
    program: image.program,
    workingDirectory: image.app,
    environment: { ...place.environment, ...image.environment, ...environment },
  };
}

async function put(key: string, body: string): Promise<void> {
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: body }));
}

async function loadedKeys(): Promise<string[]> {
  const { rows } = await stack.pool.query<{ key: string }>(
    `select object_key as key from "${place.schema}".ingest_files where status = 'loaded' order by 1`,
  );
  return rows.map(({ key }) => key);
}

test('migrates, consumes, tells its health and drains on SIGTERM, in a folder where nobody may write', async () => {
  const files = () => globSync('**/*', { cwd: image.app }).toSorted();
  const before = files();
  expect(before.length).toBeGreaterThan(1000);
  const migrated = await runSparkify(container(['migrate']));
  expect(migrated.code, migrated.stderr).toBe(0);

  const port = String(await freePort());
  const onPort = (word: string) => word.replaceAll('8080', port);
  const health = async () =>
    await runSparkify({
      ...container([]),
      program: { ...image.healthCheck, command: image.healthCheck.command.map(onPort) },
    });
  expect((await health()).code).toBe(1);

  const consumer = new SparkifyProcess(container(image.command.map(onPort), { SPARKIFY_LINGER_MS: '50' }));
  try {
    await waitUntil(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200, { what: 'readiness' });
    expect((await health()).code).toBe(0);

    await put('log_data/a.json', logLine({ sessionId: 1, ts: Date.UTC(2018, 10, 1) }));
    await waitUntil(async () => (await loadedKeys()).length === 1, { what: 'the first file' });

    const keys = Array.from({ length: 20 }, (_, index) => `log_data/b${String(index).padStart(2, '0')}.json`);
    for (const [index, key] of keys.entries()) {
      await put(key, logLine({ sessionId: 2 + index, ts: Date.UTC(2018, 10, 2) }));
    }
    consumer.kill('SIGTERM');
    const end = await consumer.end;
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr).toContain('"consumer.stopped"');

    // Each file is either loaded and its message gone, or not loaded and its message with the queue again.
    const loaded = await loadedKeys();
    const { visible, inFlight } = await stack.queueCounts(place.queueUrl);
    expect({ inFlight, files: loaded.length + visible }).toEqual({ inFlight: 0, files: 1 + keys.length });
  } finally {
    await consumer.dispose();
  }
  const rest = await runSparkify(container(['consume', '--until-idle']));
  expect(rest.code, rest.stderr).toBe(0);
  expect(await loadedKeys()).toHaveLength(21);
  await stack.expectNothingLeft(place);
  expect(files()).toEqual(before);
});

test('the folder really cannot be written to by the image’s user', async () => {
  const script = `require('node:fs').writeFileSync(${JSON.stringify(join(image.app, 'dist/left-behind'))}, '')`;
  const [node = ''] = image.program.command;
  const end = await runSparkify({
    ...container(['-e', script]),
    program: { ...image.program, command: [node] },
  });
  expect(end.stderr).toMatch(/EACCES|EROFS/);
});

test('a stack of calls in the debug log names the lines of the source, not of what was built', async () => {
  const unreachable = { AWS_ENDPOINT_URL_REDSHIFT_DATA: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
  const end = await runSparkify(container(['migrate'], { ...unreachable, SPARKIFY_LOG_LEVEL: 'debug' }));
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/at .*src\/aws\/[a-z-]+\.ts:\d+/);
});

test.for(['demo', 'local'])('sparkify %s says in one sentence that it runs in a checkout', async (verb) => {
  const end = await runSparkify(container([verb]));
  expect({ code: end.code, stdout: end.stdout }).toEqual({ code: 1, stdout: '' });
  expect(end.stderr).toMatch(
    new RegExp(`^sparkify: "sparkify ${verb}" needs the embedded stack, .*or run it in a checkout .*\n$`),
  );
});

test('all that its modules import is there, but for the two verbs of a checkout', () => {
  const lost = globSync('dist/**/*.js', { cwd: image.app }).flatMap((file) => {
    const source = readFileSync(join(image.app, file), 'utf8');
    const specifiers = [...source.matchAll(/(?:\bfrom |\bimport\(|^import )['"]([^'"]+)['"]/gm)].map(
      ([, name = '']) => name,
    );
    return specifiers.filter((name) => !isThere(name, file)).map((name) => `${file}: ${name}`);
  });
  expect(lost.toSorted()).toEqual([
    'dist/cli/commands/demo.js: ../../demo/run-demo.js',
    'dist/cli/commands/local.js: local-stack',
  ]);
});

function isThere(name: string, importer: string): boolean {
  if (name.startsWith('node:')) return true;
  if (name.startsWith('.')) return existsSync(resolve(image.app, dirname(importer), name));
  const packageName = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
  return existsSync(join(image.app, 'node_modules', ...packageName));
}

test('it carries the program and its SQL, and nothing of the embedded stack', () => {
  const files = globSync('**/*', { cwd: image.app, exclude: (name) => name === 'node_modules' }).filter((file) =>
    /\.[a-z]+$/.test(file),
  );
  expect(files.length).toBeGreaterThan(200);
  const strange = files.filter((file) => !/^(dist\/.*\.js(\.map)?|sql\/.*\.sql|package\.json)$/.test(file));
  expect(strange).toEqual([]);
  expect(files.filter((file) => /\b(demo|local|packages)\b/.test(dirname(file)))).toEqual([]);
});

// Whoever adds a package here adds it to every consumer that runs: to its size, its start and its list of advisories.
const PACKAGES = `
  @aws-sdk/checksums @aws-sdk/client-redshift @aws-sdk/client-redshift-data @aws-sdk/client-s3 @aws-sdk/client-sqs
  @aws-sdk/client-sts @aws-sdk/core @aws-sdk/credential-provider-env @aws-sdk/credential-provider-http
  @aws-sdk/credential-provider-ini @aws-sdk/credential-provider-login @aws-sdk/credential-provider-node
  @aws-sdk/credential-provider-process @aws-sdk/credential-provider-sso @aws-sdk/credential-provider-web-identity
  @aws-sdk/middleware-sdk-s3 @aws-sdk/middleware-sdk-sqs @aws-sdk/nested-clients @aws-sdk/signature-v4-multi-region
  @aws-sdk/token-providers @aws-sdk/types @aws-sdk/xml-builder @aws/lambda-invoke-store @colors/colors
  @opentelemetry/api @pinojs/redact @smithy/core @smithy/credential-provider-imds @smithy/fetch-http-handler
  @smithy/node-http-handler @smithy/signature-v4 @smithy/types ansi-regex atomic-sleep bintrees bowser cli-progress
  cli-table3 commander emoji-regex is-fullwidth-code-point on-exit-leak-free p-limit pino pino-abstract-transport
  pino-std-serializers process-warning prom-client quick-format-unescaped real-require safe-stable-stringify sonic-boom
  split2 string-width strip-ansi tdigest thread-stream tslib yocto-queue zod
`;

test('it carries these packages and no others: none of the embedded stack, none for development', () => {
  const manifests = globSync('**/node_modules/{*,@*/*}/package.json', { cwd: image.app });
  const names = manifests.map((file) => dirname(file).replace(/^.*node_modules\//, ''));
  expect(names.toSorted()).toEqual(PACKAGES.trim().split(/\s+/));
  expect(existsSync(join(image.app, 'node_modules/.bin/sparkify'))).toBe(false);
});
