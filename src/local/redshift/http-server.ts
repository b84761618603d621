import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { DataApi } from './data-api/data-api.ts';
import { routeDataApi, targetPrefix } from './data-api/route-data-api.ts';
import { LocalStackError } from './engine/local-stack-error.ts';
import type { ClusterControl } from './management/route-management.ts';
import { routeManagement } from './management/route-management.ts';

/** A batch of 40 statements of 100 KB, escaped, fits well; more is refused before it fills the memory. */
const bodyLimitBytes = 16_000_000;

type Options = {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly api: DataApi;
  readonly control: ClusterControl;
  readonly log: (line: string) => void;
};

/**
 * One server for both protocols: the header `X-Amz-Target` tells the Data API from the management API.
 * Signatures are not checked: any credentials do.
 *
 * @throws LocalStackError when the port is in use.
 */
export async function startHttpServer(options: Options): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log(
        `redshift: a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  // A long poll may be quiet for 30 seconds, and the SDK keeps connections for reuse.
  server.keepAliveTimeout = 65_000;
  await listen(server, options);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, options: Options): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new LocalStackError(
              `Port ${options.port} is in use, so the embedded Redshift cannot start. ` +
                'Stop what listens there, or choose another port with --redshift-port.',
            )
          : error,
      );
    });
    server.listen(options.port, options.host, resolve);
  });
}

async function answer(options: Options, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('x-amzn-requestid', randomUUID());
  if (request.method === 'GET' && request.url === '/health') {
    return send(
      response,
      200,
      'application/json',
      JSON.stringify({ status: 'ok', cluster: options.control.cluster.status }),
    );
  }
  if (request.method !== 'POST') {
    return send(
      response,
      405,
      'text/plain',
      'This is the embedded Redshift: POST for the Data API and the management API, GET /health.\n',
    );
  }
  const body = await readText(request);
  if (body === null) return send(response, 413, 'text/plain', `The body is larger than ${bodyLimitBytes} bytes.\n`);
  const target = request.headers['x-amz-target'];
  if (
    typeof target !== 'string' &&
    (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  ) {
    const reply = routeManagement(options.control, body);
    return send(response, reply.status, 'text/xml', reply.body);
  }
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const reply = await routeDataApi(options.api, {
    target:
      typeof target === 'string' && target.startsWith(targetPrefix)
        ? target
        : String(target ?? 'A call without X-Amz-Target'),
    body,
    signal: hungUp.signal,
  });
  if (reply.failure !== null) {
    const { failure } = reply;
    options.log(
      `redshift: ${target ?? ''} failed: ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}`,
    );
  }
  send(response, reply.status, 'application/x-amz-json-1.1', reply.body);
}

/** `null` when the body is too large. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyLimitBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
