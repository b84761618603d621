import { createConnection } from 'node:net';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StatusServer } from '../../src/observe/server.ts';
import { startStatusServer } from '../../src/observe/server.ts';
import { IDLE } from '../support/idle-snapshot.ts';

let server: StatusServer;
let metrics: () => Promise<string>;
const TEXT = '# HELP sparkify_held_files Files that the consumer holds.\n';

beforeAll(async () => {
  metrics = async () => await Promise.resolve(TEXT);
  const served = { snapshot: () => IDLE, metrics: async () => await metrics(), nowMs: () => 0 };
  server = await startStatusServer({ host: '127.0.0.1', port: 0, ...served });
});

afterAll(async () => {
  await server.stop();
});

type Answer = { readonly status: number | undefined; readonly type: string | undefined; readonly body: string };

async function ask(path: string, options: { method?: string; host?: string } = {}): Promise<Answer> {
  const { host, method = 'GET' } = options;
  return await new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const type = response.headers['content-type'];
        resolve({ status: response.statusCode, type, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.on('error', reject).end();
  });
}

test('/metrics is in the text format of Prometheus', async () => {
  expect(await ask('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: TEXT });
  expect(await ask('/metrics', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('metrics that cannot be written are a sentence, and the server goes on', async () => {
  metrics = async () => await Promise.reject(new Error('out of order'));
  expect(await ask('/metrics')).toMatchObject({ status: 500, body: expect.stringContaining('out of order') as string });
  metrics = async () => await Promise.resolve(TEXT);
  expect((await ask('/metrics')).status).toBe(200);
});

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is refused with a sentence', async (method) => {
  const expected = `expected GET or HEAD, found ${method}`;
  expect(await ask('/metrics', { method })).toMatchObject({
    status: 405,
    body: expect.stringContaining(expected) as string,
  });
});

test('a server on a loopback address answers to names of this machine only', async () => {
  for (const host of ['localhost:1', '127.0.0.1', '[::1]:8080', 'x.localhost']) {
    expect((await ask('/metrics', { host })).status, host).toBe(200);
  }
  for (const host of ['rebound.example', '10.0.0.1', '127.0.0.1.example']) {
    const refused = await ask('/healthz', { host });
    expect(refused, host).toMatchObject({
      status: 421,
      body: expect.stringContaining(`found \\"${host}\\"`) as string,
    });
  }
});

test('a port that is taken is an error, and the first server goes on', async () => {
  const port = Number(new URL(server.url).port);
  const served = { snapshot: () => IDLE, metrics, nowMs: () => 0 };
  await expect(startStatusServer({ host: '127.0.0.1', port, ...served })).rejects.toThrow('EADDRINUSE');
  expect((await ask('/healthz')).status).toBe(200);
});

test('connections that send nothing are bounded in number, and the others are answered when they go', async () => {
  const { hostname, port } = new URL(server.url);
  const open = Array.from({ length: 120 }, () => createConnection({ host: hostname, port: Number(port) }));
  let closed = 0;
  for (const socket of open) socket.on('error', () => undefined).on('close', () => (closed += 1));
  await expect.poll(() => closed).toBe(20);
  await expect(ask('/metrics')).rejects.toThrow();
  for (const socket of open) socket.destroy();
  await expect.poll(async () => (await ask('/metrics').catch(() => null))?.status).toBe(200);
});

test('a connection on which nothing moves is closed', async () => {
  const served = { snapshot: () => IDLE, metrics, nowMs: () => 0 };
  const impatient = await startStatusServer({ host: '127.0.0.1', port: 0, silentMs: 50, ...served });
  const { hostname, port } = new URL(impatient.url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  const closed = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
  socket.write('GET /metrics HTTP/1.1\r\nHost: loc');
  await closed;
  await impatient.stop();
});
