import { createServer } from 'node:http';
import { isAlive, readiness } from './readiness.ts';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConsumerSnapshot } from '../core/intake/consumer-snapshot.ts';

export type StatusServer = {
  /** `http://host:port`, with the actual port. */
  readonly url: string;
  stop(): Promise<void>;
};

/**
 * Serves what the consumer is doing: `/healthz` (200 while it lives), `/readyz` (200 while it consumes, otherwise 503
 * with the reason), `/` (all of it as JSON).
 *
 * @throws Error when the port is taken.
 */
export async function startStatusServer(input: {
  host: string;
  port: number;
  snapshot: () => ConsumerSnapshot;
  nowMs: () => number;
}): Promise<StatusServer> {
  const server = createServer((request, response) => {
    answer(request, response, input);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(input.port, input.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  input: { snapshot: () => ConsumerSnapshot; nowMs: () => number },
): void {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, { error: 'expected GET' });
    return;
  }
  const snapshot = input.snapshot();
  const ready = readiness(snapshot, input.nowMs());
  switch (path) {
    case '/healthz':
      send(response, isAlive(snapshot) ? 200 : 503, { state: snapshot.state });
      return;
    case '/readyz':
      send(response, ready.ready ? 200 : 503, { state: snapshot.state, ...ready });
      return;
    case '/':
      send(response, 200, { ...ready, ...snapshot });
      return;
    default:
      send(response, 404, { error: 'expected /, /healthz or /readyz' });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
