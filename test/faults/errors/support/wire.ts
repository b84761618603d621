import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { operationOf } from '../../../support/effect.ts';
import { FaultProxy } from '../../../support/fault-proxy.ts';
import type { ObservedCall, Fate as ProxyFate } from '../../../support/fault-proxy.ts';
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

/** The setting that names the endpoint of a service. */
const ADDRESS: Readonly<Record<WireService, string>> = {
  s3: 'AWS_ENDPOINT_URL_S3',
  sqs: 'AWS_ENDPOINT_URL_SQS',
  data_api: 'AWS_ENDPOINT_URL_REDSHIFT_DATA',
};

/** A fault proxy for each service, between real SDK clients and the embedded servers, and what the calls were for. */
export class Wire {
  readonly #proxies: Readonly<Record<WireService, FaultProxy>>;
  readonly #failed = new Map<string, string>();
  readonly #emptyReceives = new WeakSet<IncomingMessage>();
  readonly deliveries: Delivery[] = [];
  readonly calls: Call[] = [];
  #decide: Decide = () => null;

  private constructor(proxies: Readonly<Record<WireService, FaultProxy>>) {
    this.#proxies = proxies;
    for (const service of WIRE_SERVICES) {
      proxies[service].decide(
        async (_effect, forward, incoming, body) => await this.#serve({ service, forward, incoming, body }),
      );
    }
    proxies.sqs.observe = (call) => this.#note(call);
    // The shortest long poll is a second.
    proxies.sqs.rewriteBody = (_operation, body) => body.replace(/"WaitTimeSeconds":\d+/, '"WaitTimeSeconds":0');
  }

  static async start(origins: Readonly<Record<WireService, string>>): Promise<Wire> {
    const before = async (service: WireService) => await FaultProxy.start({ [ADDRESS[service]]: origins[service] });
    return new Wire({ s3: await before('s3'), sqs: await before('sqs'), data_api: await before('data_api') });
  }

  /** Decides about all calls that come from now on; `null` obeys. */
  decide(decide: Decide | null): void {
    this.#decide = decide ?? (() => null);
  }

  origin(service: WireService): string {
    return this.#proxies[service].environment[ADDRESS[service]] ?? '';
  }

  /** Listens, again where it listened before. */
  async open(service: WireService): Promise<void> {
    await this.#proxies[service].resume();
  }

  /** Connections are refused until it is opened again. */
  async shut(service: WireService): Promise<void> {
    await this.#proxies[service].stop();
  }

  async stop(): Promise<void> {
    for (const service of WIRE_SERVICES) await this.shut(service);
  }

  async #serve({ body, forward, incoming, service }: Served): Promise<ProxyFate> {
    const call = readCall(service, incoming, body);
    this.calls.push(call);
    const input = service === 's3' ? null : (JSON.parse(body.toString()) as { Id?: string });
    const failure = this.#failed.get(input?.Id ?? '');
    if (failure !== undefined) return instead(failedStatement(input?.Id ?? '', failure));
    const fate = await this.#decide(call);
    switch (fate?.kind) {
      case undefined:
        await forward();
        if (this.#emptyReceives.has(incoming)) await delay(SHORT_POLL_MS);
        return 'answer';
      case 'answer':
        return instead(fate.answer);
      case 'break':
        return 'lose';
      case 'hang':
        return 'never';
      case 'failed_statement': {
        const id = randomUUID();
        this.#failed.set(id, fate.text);
        return instead(json({ Id: id, CreatedAt: 1_542_000_000, Status: 'SUBMITTED' }));
      }
    }
  }

  #note({ answer, request }: ObservedCall): void {
    if (operationOf(request) !== 'ReceiveMessage' || answer.status !== 200) return;
    const { Messages = [] } = JSON.parse(answer.body.toString()) as { Messages?: ReceivedMessage[] };
    if (Messages.length === 0) this.#emptyReceives.add(request);
    for (const { Attributes, Body } of Messages) {
      this.deliveries.push({ body: Body, receiveCount: Number(Attributes.ApproximateReceiveCount) });
    }
  }
}

type Served = {
  readonly service: WireService;
  readonly forward: () => Promise<void>;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
};

type ReceivedMessage = { readonly Body: string; readonly Attributes: { readonly ApproximateReceiveCount: string } };

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

function instead({ body, headers, status }: HttpAnswer): ProxyFate {
  const bytes = Buffer.from(body);
  return {
    kind: 'instead',
    answer: { status, headers: { ...headers, 'content-length': String(bytes.byteLength) }, body: bytes },
  };
}

function json(body: object): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) };
}
