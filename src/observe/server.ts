import { createServer } from 'node:http';
import { foreignHost } from './foreign-host.ts';
import { isAlive, readiness } from './readiness.ts';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConsumerSnapshot } from '../core/intake/consumer-snapshot.ts';

export type StatusServer = {
  /** `http://host:port`, with the actual port. */
  readonly url: string;
  stop(): Promise<void>;
};

type Served = {
  readonly snapshot: () => ConsumerSnapshot;
  /** In Prometheus's text format. */
  readonly metrics: (snapshot: ConsumerSnapshot) => Promise<string>;
  readonly nowMs: () => number;
};

/** Prometheus's text format (prometheus.io, "Exposition formats"). */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** More connections are closed at once. Each one keeps at most one answer, which has a hundred kilobytes. */
const MAX_CONNECTIONS = 100;
/** A connection on which nothing is sent or read for this time is closed. */
const SILENT_MS = 10_000;

/**
 * Serves what the consumer is doing: `/healthz` (200 while it lives), `/readyz` (200 while it consumes, otherwise 503
 * with the reason), `/metrics` (for Prometheus), `/` (the state as JSON). An answer is made of what is in memory.
 *
 * @throws Error when the port is taken.
 */
export async function startStatusServer(
  input: Served & { readonly host: string; readonly port: number; readonly silentMs?: number },
): Promise<StatusServer> {
  const { silentMs = SILENT_MS } = input;
  const server = createServer({ requestTimeout: silentMs, headersTimeout: silentMs }, (request, response) => {
    void answer(request, response, input);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = silentMs;
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  input: Served & { readonly host: string },
): Promise<void> {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const foreign = foreignHost(request.headers.host, input.host);
  if (foreign !== null) {
    send(response, 421, { error: foreign });
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    send(response, 405, { error: `expected GET or HEAD, found ${request.method ?? ''}` });
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
    case '/metrics':
      await sendMetrics(response, input);
      return;
    case '/':
      send(response, 200, { ...ready, ...snapshot });
      return;
    default:
      send(response, 404, { error: 'expected /, /healthz, /readyz or /metrics' });
  }
}

async function sendMetrics(response: ServerResponse, { metrics, snapshot }: Served): Promise<void> {
  try {
    const text = await metrics(snapshot());
    response.writeHead(200, { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' });
    response.end(text);
  } catch (error) {
    send(response, 500, { error: `the metrics cannot be written: ${String(error)}` });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
