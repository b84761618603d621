import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ConsumerSnapshot } from '../../src/core/consumer-snapshot.ts';
import { SparkifyProcess } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { operationOf } from './support/effect.ts';
import { FaultProxy, obey } from './support/fault-proxy.ts';

/** The program as it is, and the program with bounds of a twentieth. */
const SHORT_BOUNDS = { NODE_OPTIONS: `--import=${new URL('support/short-bounds.ts', import.meta.url).href}` };

const stack = useStack();
const programs: SparkifyProcess[] = [];
const connections = new Set<Socket>();
let silent: Server;
let settings: Readonly<Record<string, string>>;

beforeAll(async () => {
  // Accepts, reads, and says nothing.
  silent = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const { environment } = await stack.place();
  settings = {
    ...environment,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url,
    SPARKIFY_QUEUE_URL: `${url}/000000000000/silent`,
  };
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.dispose();
});
afterAll(() => {
  silent.close();
  for (const socket of connections) socket.destroy();
});

function start(args: readonly string[], environment: Readonly<Record<string, string>>): SparkifyProcess {
  const program = new SparkifyProcess({ args, environment });
  programs.push(program);
  return program;
}

it.each([
  ['consume', 'S3|SQS|the Data API'],
  ['backfill', 'S3|the Data API'],
  ['verify', 'S3'],
  ['migrate', 'the Data API'],
  ['analyze', 'the Data API'],
  ['generate --to s3', 'S3'],
  ['dead-letters', 'SQS'],
])('%s ends with a sentence when nobody answers', async (command, services) => {
  const end = await start(command.split(' '), { ...settings, ...SHORT_BOUNDS }).end;
  expect(end, end.stderr).toMatchObject({ code: 1, signal: null });
  const sentence = `sparkify: .*(?:${services}) at 127\\.0\\.0\\.1:\\d+ gave no answer to \\w+ within`;
  expect(end.stderr).toMatch(new RegExp(sentence));
});

it.each(['generate --to s3', 'dead-letters', 'consume', 'backfill', 'migrate'])(
  '%s that waits for an answer ends when it is asked to',
  async (command) => {
    const program = start(command.split(' '), settings);
    await waitUntil(() => connections.size > 0, { what: 'a call' });
    program.kill('SIGTERM');
    const end = await program.end;
    expect(end, end.stderr).toMatchObject({ code: command === 'consume' ? 0 : 130, signal: null });
    await waitUntil(() => connections.size === 0, { what: 'the end of all calls' });
  },
);

it('a queue that falls silent pauses a consumer with the reason and makes it unready, until it answers again', async () => {
  const place = await stack.place();
  const migrated = await start(['migrate'], place.environment).end;
  expect(migrated, migrated.stderr).toMatchObject({ code: 0 });
  const proxy = await FaultProxy.start(place.environment);
  const port = await freePort();
  const program = start(['consume', '--http', `127.0.0.1:${port}`], { ...proxy.environment, ...SHORT_BOUNDS });
  const ready = async () => await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
  await waitUntil(async () => (await ready())?.status === 200, { what: 'a consumer that is ready' });

  proxy.decide(async (effect, forward, incoming) =>
    operationOf(incoming) === 'ReceiveMessage' ? 'never' : await obey(effect, forward),
  );
  const sentence = /SQS at 127\.0\.0\.1:\d+ gave no answer to ReceiveMessage within 2\.5 s/;
  await waitUntil(async () => (await ready())?.status === 503, { what: 'a consumer that is not ready' });
  const line = await program.waitFor('the pause', ({ logLines }) =>
    logLines.call(program).find(({ event }) => event === 'intake.paused'),
  );
  expect(line).toMatchObject({ level: 'warn', reason: 'queue: endpoint_unreachable' });
  expect(line['sentence']).toMatch(sentence);
  expect(await (await ready())?.text()).toMatch(sentence);

  proxy.decide(obey);
  await waitUntil(async () => (await ready())?.status === 200, { what: 'a consumer that is ready again' });
  const snapshot = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as ConsumerSnapshot;
  expect(snapshot).toMatchObject({ state: 'consuming', pauses: [] });
  program.kill('SIGTERM');
  expect(await program.end).toMatchObject({ code: 0, signal: null });
  await proxy.stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
