import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { effectOf, operationOf } from './effect.ts';
import type { Effect } from './effect.ts';

/**
 * What the caller gets: the server's answer; a broken connection (`lose`); nothing on a connection that stays open
 * (`never`); so many bytes of the body and then silence or a broken connection (`stop`, `cut`); the body byte by byte
 * (`trickle`); or an answer that no server gave (`instead`). An answer without a body stops or trickles in its head. With
 * an `answer` of its own a fate needs no server.
 */
export type Fate =
  | 'answer'
  | 'lose'
  | 'never'
  | { readonly kind: 'stop' | 'cut'; readonly afterBytes: number; readonly answer?: Answer }
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number; readonly answer?: Answer }
  | { readonly kind: 'instead'; readonly answer: Answer };

/**
 * Decides what becomes of a call. The proxy sends the call on when `forward` is called, then or later or never.
 *
 * @param incoming the received call, for fates that decide by method, key or target.
 * @param body what the call sent.
 */
export type Decide = (
  effect: Effect | null,
  forward: () => Promise<void>,
  incoming: IncomingMessage,
  body: Buffer,
) => Promise<Fate>;

export async function obey(_effect: Effect | null, forward: () => Promise<void>): Promise<'answer'> {
  await forward();
  return 'answer';
}

/** A call and its answer. */
export type ObservedCall = { readonly request: IncomingMessage; readonly body: Buffer; readonly answer: Answer };

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** Settings that name an endpoint or hold one in a URL. */
const ADDRESSES = [
  'AWS_ENDPOINT_URL_S3',
  'AWS_ENDPOINT_URL_SQS',
  'AWS_ENDPOINT_URL_REDSHIFT_DATA',
  'AWS_ENDPOINT_URL_REDSHIFT',
  'SPARKIFY_QUEUE_URL',
] as const;

/** A network between the program and S3, SQS and the Data API that does to each call what the test decides. */
export class FaultProxy {
  readonly environment: Readonly<Record<string, string>>;
  /** The address of each server for the program, and the real one. */
  readonly #origins = new Map<string, string>();
  readonly #servers: readonly { readonly server: Server; readonly port: number }[];
  readonly #receives = new Set<Promise<unknown>>();
  readonly #handles = new Set<string>();
  #decide: Decide = obey;
  /** Changes the body of a call to SQS or the Data API before the server gets it. */
  rewriteBody: (operation: string, body: string) => string = (_operation, body) => body;
  /** Told of every call that was answered. */
  observe: (call: ObservedCall) => void = () => undefined;

  private constructor(environment: Readonly<Record<string, string>>, origins: ReadonlyMap<string, Server>) {
    const seen: [string, string][] = [];
    this.#servers = [...origins].map(([origin, server]) => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      this.#origins.set(`http://127.0.0.1:${port}`, origin);
      seen.push([origin, `http://127.0.0.1:${port}`]);
      server.on('request', (incoming, outgoing) => {
        void this.#serve(origin, incoming).then(async ({ answer, fate }) => await deliver(answer, fate, outgoing));
      });
      return { server, port };
    });
    const proxied = ADDRESSES.flatMap((name) => {
      const value = environment[name];
      if (value === undefined) return [];
      return [[name, seen.reduce((text, [from, to]) => text.replace(from, to), value)]];
    });
    this.environment = { ...environment, ...(Object.fromEntries(proxied) as Record<string, string>) };
  }

  /** @param environment the settings of a program without the proxy; the proxy stands before the servers that they name. */
  static async start(environment: Readonly<Record<string, string>>): Promise<FaultProxy> {
    const origins = new Map<string, Server>();
    for (const name of ADDRESSES) {
      const address = environment[name];
      if (address === undefined) continue;
      const { origin } = new URL(address);
      if (!origins.has(origin)) origins.set(origin, await listen());
    }
    return new FaultProxy(environment, origins);
  }

  /** Decides about all calls that come from now on. */
  decide(decide: Decide): void {
    this.#decide = decide;
  }

  /** Receipt handles of the messages that were handed out since the last time, once no receive is under way any more. */
  async handedOut(): Promise<readonly string[]> {
    while (this.#receives.size > 0) await Promise.all(this.#receives);
    const handles = [...this.#handles];
    this.#handles.clear();
    return handles;
  }

  /** Connections are refused from now on. */
  async stop(): Promise<void> {
    for (const { server } of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** Listens again where it listened before `stop`. */
  async resume(): Promise<void> {
    for (const { port, server } of this.#servers) await listenOn(server, port);
  }

  async #serve(origin: string, incoming: IncomingMessage): Promise<{ answer: Answer | null; fate: Fate }> {
    try {
      const received = await buffer(incoming);
      const effect = effectOf(incoming, received);
      const body = this.#rewriteRequest(incoming, received);
      let answer: Answer | null = null;
      const forward = async (): Promise<void> => {
        const sent = send(origin, incoming, body);
        const isReceive = operationOf(incoming) === 'ReceiveMessage';
        if (isReceive) this.#receives.add(sent);
        try {
          answer = this.#noteAnswer(operationOf(incoming), await sent);
          this.observe({ request: incoming, body: received, answer });
        } finally {
          this.#receives.delete(sent);
        }
      };
      const fate = await this.#decide(effect, forward, incoming, received);
      return { answer, fate };
    } catch {
      // The program or the server ended in the middle: the other side sees a broken connection.
      return { answer: null, fate: 'lose' };
    }
  }

  /** Queue URLs hold the address of their server, which is not ours. */
  #rewriteRequest(incoming: IncomingMessage, body: Buffer): Buffer {
    const target = incoming.headers['x-amz-target'];
    if (typeof target !== 'string') return body;
    let text = this.rewriteBody(operationOf(incoming), body.toString());
    if (target.startsWith('AmazonSQS.')) {
      for (const [proxied, origin] of this.#origins) text = text.replace(`"${proxied}/`, `"${origin}/`);
    }
    return Buffer.from(text);
  }

  #noteAnswer(operation: string, answer: Answer): Answer {
    if (operation === 'ReceiveMessage' && answer.status === 200) {
      const { Messages = [] } = JSON.parse(answer.body.toString()) as { Messages?: { ReceiptHandle: string }[] };
      for (const { ReceiptHandle } of Messages) this.#handles.add(ReceiptHandle);
    }
    if (operation !== 'GetQueueUrl') return answer;
    let text = answer.body.toString();
    for (const [proxied, origin] of this.#origins) text = text.replace(origin, proxied);
    const body = Buffer.from(text);
    return { ...answer, headers: { ...answer.headers, 'content-length': String(body.byteLength) }, body };
  }
}

async function deliver(forwarded: Answer | null, fate: Fate, outgoing: ServerResponse): Promise<void> {
  if (fate === 'never') return;
  const answer = (typeof fate === 'object' ? fate.answer : undefined) ?? forwarded;
  if (answer === null || fate === 'lose') {
    outgoing.socket?.destroy();
    return;
  }
  if (fate === 'answer' || fate.kind === 'instead') {
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    return;
  }
  const { socket } = outgoing;
  const isAllHead = answer.body.byteLength === 0;
  const bytes = isAllHead ? Buffer.from(`HTTP/1.1 ${answer.status} OK\r\nx-part: ${'-'.repeat(500)}`) : answer.body;
  if (!isAllHead) outgoing.writeHead(answer.status, answer.headers);
  const write = (part: Buffer, then?: () => void): unknown =>
    isAllHead ? socket?.write(part, then) : outgoing.write(part, then);
  if (fate.kind === 'trickle') {
    await trickle(bytes, fate, outgoing, write);
    return;
  }
  write(bytes.subarray(0, fate.afterBytes), () => {
    if (fate.kind === 'cut') socket?.destroy();
  });
}

/** Ends with the body or with the connection, whichever ends first. */
async function trickle(
  body: Buffer,
  { bytes, everyMs }: { readonly bytes: number; readonly everyMs: number },
  outgoing: ServerResponse,
  write: (part: Buffer) => unknown,
): Promise<void> {
  for (let from = 0; from < body.byteLength && !outgoing.destroyed; from += bytes) {
    write(body.subarray(from, from + bytes));
    await delay(everyMs);
  }
  outgoing.end();
}

async function listen(): Promise<Server> {
  const server = createServer();
  await listenOn(server, 0);
  return server;
}

/** @param port 0 = any free one. */
async function listenOn(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

/** What a connection says about itself and not about the call. */
const OF_THE_CONNECTION = ['connection', 'expect', 'keep-alive', 'transfer-encoding'];

function headersOf(message: IncomingMessage): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(message.headers).filter(([name]) => !OF_THE_CONNECTION.includes(name)));
}

async function send(origin: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const url = new URL(incoming.url ?? '/', origin);
  const headers = { ...headersOf(incoming), host: url.host, 'content-length': String(body.byteLength) };
  return await new Promise<Answer>((resolve, reject) => {
    const outgoing = request(url, { method: incoming.method ?? 'POST', headers, agent: false }, (answer) => {
      buffer(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 500, headers: headersOf(answer), body: read }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
