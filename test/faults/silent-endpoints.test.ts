import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { ConsumerSnapshot } from '../../src/core/intake/consumer-snapshot.ts';
import { freePort } from '../support/free-port.ts';
import { SparkifyProcess } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { operationOf } from '../support/effect.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';

/** The program as it is, and the program with bounds of a twentieth. */
const SHORT_BOUNDS = { NODE_OPTIONS: `--import=${new URL('support/short-bounds.ts', import.meta.url).href}` };

const stack = useStack();

/** Endpoints that accept, read and say nothing, and the settings of a program that is to call them. */
async function silence() {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { environment } = await stack.place();
  const settings = {
    ...environment,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url,
    SPARKIFY_QUEUE_URL: `${url}/000000000000/silent`,
  };
  return { connections, settings };
}

function start(args: readonly string[], environment: Readonly<Record<string, string>>): SparkifyProcess {
  const program = new SparkifyProcess({ args, environment });
  onTestFinished(async () => await program.dispose());
  return program;
}

/** All at once: most of their time they wait. */
async function each(commands: readonly string[], act: (command: string) => Promise<void>): Promise<void> {
  await Promise.all(commands.map(act));
}

it('every command ends with a sentence that names the service that did not answer', async () => {
  const { settings } = await silence();
  await each(
    ['consume', 'backfill', 'verify', 'migrate', 'analyze', 'generate --to s3', 'dead-letters'],
    async (command) => {
      const end = await start(command.split(' '), { ...settings, ...SHORT_BOUNDS }).end;
      expect(end, `${command}: ${end.stderr}`).toMatchObject({ code: 1, signal: null });
      expect(end.stderr, command).toMatch(
        /sparkify: .*(?:S3|SQS|the Data API) at 127\.0\.0\.1:\d+ did not answer \w+ within/,
      );
    },
  );
});

it('every command that waits for an answer ends at SIGTERM', async () => {
  await each(['generate --to s3', 'dead-letters', 'consume', 'backfill', 'migrate', 'analyze'], async (command) => {
    const { connections, settings } = await silence();
    const program = start(command.split(' '), settings);
    await waitUntil(() => connections.size > 0, { what: `a call of ${command}`, timeoutMs: 50_000 });
    program.kill('SIGTERM');
    const end = await program.end;
    expect(end, `${command}: ${end.stderr}`).toMatchObject({ code: command === 'consume' ? 0 : 130, signal: null });
  });
});

it('a silent queue pauses a consumer with the reason and makes it unready, until the queue answers again', async () => {
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
  const sentence = /SQS at 127\.0\.0\.1:\d+ did not answer ReceiveMessage within 2\.5 s/;
  await waitUntil(async () => (await ready())?.status === 503, { what: 'a consumer that is not ready' });
  const line = await program.waitFor('the pause', (one) =>
    one.logLines().find(({ event }) => event === 'intake.paused'),
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
