import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { operationOf } from '../../../support/effect.ts';
import type { HttpAnswer } from './error-answer.ts';

/** How long an empty receive takes. */
const SHORT_POLL_MS = 100;

export type WireService = 's3' | 'sqs' | 'data_api';
export const WIRE_SERVICES: readonly WireService[] = ['s3', 'sqs', 'data_api'];

export type Call = {
  readonly service: WireService;
  readonly operation: string;
  /** The object of a call to S3. */
  readonly key: string;
  /** What a statement is for: `know`, `stage`, `publish`, …; empty for other calls. */
  readonly stage: string;
  readonly sqls: readonly string[];
};

/**
 * What becomes of a call. `failed_statement`: it is accepted, and found to have failed with this text, without ever
 * having reached the warehouse: what the rollback of a real one leaves.
 */
export type Fate =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'break' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'failed_statement'; readonly text: string };

export type Decide = (call: Call) => Fate | null | Promise<Fate | null>;

type Delivery = { readonly body: string; readonly receiveCount: number };

/** A network between real SDK clients and the embedded servers that does to each call what the test decides. */
export class Wire {
  readonly #servers = new Map<WireService, Server>();
  readonly #ports = new Map<WireService, number>();
  readonly #failed = new Map<string, string>();
  readonly #origins: Readonly<Record<WireService, string>>;
  readonly deliveries: Delivery[] = [];
  readonly calls: Call[] = [];
  #decide: Decide = () => null;

  private constructor(origins: Readonly<Record<WireService, string>>) {
    this.#origins = origins;
  }

  static async start(origins: Readonly<Record<WireService, string>>): Promise<Wire> {
    const wire = new Wire(origins);
    for (const service of WIRE_SERVICES) await wire.open(service);
    return wire;
  }

  /** Decides about all calls that come from now on; `null` obeys. */
  decide(decide: Decide | null): void {
    this.#decide = decide ?? (() => null);
  }

  origin(service: WireService): string {
    return `http://127.0.0.1:${this.#ports.get(service) ?? 0}`;
  }

  /** Listens, again where it listened before. */
  async open(service: WireService): Promise<void> {
    const server = createServer((incoming, outgoing) => {
      void this.#serve(service, incoming).then((answer) => {
        if (answer === 'break') incoming.socket.destroy();
        else if (answer !== 'hang') outgoing.writeHead(answer.status, withLength(answer)).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(this.#ports.get(service) ?? 0, '127.0.0.1', resolve));
    const address = server.address();
    this.#ports.set(service, typeof address === 'object' && address !== null ? address.port : 0);
    this.#servers.set(service, server);
  }

  /** Connections are refused until it is opened again. */
  async shut(service: WireService): Promise<void> {
    const server = this.#servers.get(service);
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  }

  async stop(): Promise<void> {
    for (const service of WIRE_SERVICES) await this.shut(service);
  }

  async #serve(service: WireService, incoming: IncomingMessage): Promise<HttpAnswer | 'break' | 'hang'> {
    try {
      const body = await buffer(incoming);
      const call = readCall(service, incoming, body);
      this.calls.push(call);
      const input = service === 's3' ? null : (JSON.parse(body.toString()) as { Id?: string });
      const failure = this.#failed.get(input?.Id ?? '');
      if (failure !== undefined) return failedStatement(input?.Id ?? '', failure);
      const fate = await this.#decide(call);
      switch (fate?.kind) {
        case undefined:
          return this.#note(call, await this.#forward(service, incoming, body));
        case 'answer':
          return fate.answer;
        case 'break':
          return 'break';
        case 'hang':
          return 'hang';
        case 'failed_statement': {
          const id = randomUUID();
          this.#failed.set(id, fate.text);
          return json({ Id: id, CreatedAt: 1_542_000_000, Status: 'SUBMITTED' });
        }
      }
    } catch {
      return 'break';
    }
  }

  async #forward(service: WireService, incoming: IncomingMessage, body: Buffer): Promise<HttpAnswer> {
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (typeof value === 'string' && !OF_THE_CONNECTION.has(name)) headers.set(name, value);
    }
    const text = service === 'sqs' ? this.#toSqs(body) : body;
    const method = incoming.method ?? 'POST';
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const answer = await fetch(new URL(incoming.url ?? '/', this.#origins[service]), {
      method,
      headers,
      ...(hasBody ? { body: text } : {}),
    });
    const kept = [...answer.headers].filter(([name]) => !OF_THE_CONNECTION.has(name));
    const read = await answer.text();
    if (service === 'sqs' && read === '{}') await delay(SHORT_POLL_MS);
    return { status: answer.status, headers: Object.fromEntries(kept), body: read };
  }

  /** Queue URLs hold the address of their server, which is not ours; and the shortest long poll is a second. */
  #toSqs(body: Buffer): string {
    return body
      .toString()
      .replace(this.origin('sqs'), this.#origins.sqs)
      .replace(/"WaitTimeSeconds":\d+/, '"WaitTimeSeconds":0');
  }

  #note(call: Call, answer: HttpAnswer): HttpAnswer {
    if (call.operation === 'ReceiveMessage' && answer.status === 200) {
      const { Messages = [] } = JSON.parse(answer.body) as { Messages?: ReceivedMessage[] };
      for (const { Attributes, Body } of Messages) {
        this.deliveries.push({ body: Body, receiveCount: Number(Attributes.ApproximateReceiveCount) });
      }
    }
    return answer;
  }
}

type ReceivedMessage = { readonly Body: string; readonly Attributes: { readonly ApproximateReceiveCount: string } };

/** What a connection says about itself and not about the call. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
]);

function readCall(service: WireService, incoming: IncomingMessage, body: Buffer): Call {
  const operation = operationOf(incoming);
  if (service !== 'data_api') {
    return { service, operation, key: decodeURIComponent(incoming.url ?? ''), stage: '', sqls: [] };
  }
  const { Sqls = [], StatementName = '' } = JSON.parse(body.toString()) as { Sqls?: string[]; StatementName?: string };
  return { service, operation, key: '', stage: StatementName.split(' ')[1] ?? '', sqls: Sqls };
}

function failedStatement(id: string, text: string): HttpAnswer {
  const times = { CreatedAt: 1_542_000_000, UpdatedAt: 1_542_000_001 };
  const sub = { Id: `${id}:1`, Status: 'FAILED', Error: text, HasResultSet: false, ...times };
  return json({ Id: id, Status: 'FAILED', Error: text, HasResultSet: false, SubStatements: [sub], ...times });
}

function withLength({ body, headers }: HttpAnswer): HttpAnswer['headers'] {
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) };
}

function json(body: object): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
