import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { DataApi } from './data-api/data-api.ts';
import { ApiError } from './data-api/api-error.ts';
import { foreignHost } from './http-host.ts';
import { routeDataApi } from './route-data-api.ts';
import { LocalStackError } from './errors/local-stack-error.ts';
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
  readonly logFile?: string;
};

/**
 * One server for both protocols: the header `X-Amz-Target` tells the Data API from the management API.
 * Signatures are not checked: any credentials work.
 *
 * @throws LocalStackError when the port is in use.
 */
export async function startHttpServer(options: Options): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const hungUp = new AbortController();
    response.once('close', () => hungUp.abort());
    answer(options, request, hungUp.signal)
      .catch((error: unknown): Reply => {
        options.log(`redshift: a request failed: ${describeFailure(error)}`);
        return { status: 500, type: 'text/plain', body: `${failed(options)}\n` };
      })
      .then(({ status, type, body }) => {
        response.writeHead(status, {
          'content-type': type,
          'content-length': Buffer.byteLength(body),
          'x-amzn-requestid': randomUUID(),
        });
        response.end(body);
      })
      .catch(() => response.destroy());
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
                'Stop the program that uses it, or choose another port for the Data API.',
            )
          : error,
      );
    });
    server.listen(options.port, options.host, resolve);
  });
}

type Reply = { readonly status: number; readonly type: string; readonly body: string };

async function answer(options: Options, request: IncomingMessage, signal: AbortSignal): Promise<Reply> {
  const foreign = foreignHost(request.headers.host, options.host);
  if (foreign !== null) return { status: 403, type: 'text/plain', body: `${foreign}\n` };
  if (request.method === 'GET' && request.url === '/health') {
    const body = JSON.stringify({ status: 'ok', cluster: options.control.cluster.status });
    return { status: 200, type: 'application/json', body };
  }
  if (request.method !== 'POST') {
    const body = 'This is the embedded Redshift: POST for the Data API and the management API, GET /health.\n';
    return { status: 405, type: 'text/plain', body };
  }
  const body = await readText(request);
  if (body === null) {
    const refusal = new ApiError('ValidationException', `The body is larger than ${bodyLimitBytes} bytes.`);
    return { status: refusal.status, type: 'application/x-amz-json-1.1', body: refusal.body() };
  }
  const target = request.headers['x-amz-target'];
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (typeof target !== 'string' && isForm) return { ...routeManagement(options.control, body), type: 'text/xml' };
  const operation = typeof target === 'string' ? target : 'A call without X-Amz-Target';
  const reply = await routeDataApi(options.api, { target: operation, body, signal, failed: failed(options) });
  if (reply.failure !== null) options.log(`redshift: ${operation} failed: ${describeFailure(reply.failure)}`);
  return { status: reply.status, type: 'application/x-amz-json-1.1', body: reply.body };
}

function failed({ logFile }: Options): string {
  return `The embedded Redshift failed. ${logFile === undefined ? 'Its log' : `Its log, ${logFile},`} has the details.`;
}

function describeFailure(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : JSON.stringify(failure);
}

/** `null` when the body is too large; it is read to its end then, too, because the client reads no answer before. */
async function readText(request: IncomingMessage): Promise<string | null> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyLimitBytes) chunks = [];
    else chunks.push(chunk as Buffer);
  }
  return bytes > bodyLimitBytes ? null : Buffer.concat(chunks).toString('utf8');
}
