import { sendMessages } from '../aws/send-messages.ts';
import { IngestError } from '../core/errors.ts';
import { migrate } from '../schema/migrate.ts';
import { quoteSchema } from '../core/sql/sql-literal.ts';
import { newRunId, openConsumer, openParts, openQueue, openWarehouse } from '../app/compose.ts';
import { isolateEnvironment, processEnvironment, readConfig } from '../app/config.ts';
import { realClock, realRandom } from '../app/real.ts';
import { runScript } from '../sql/run-script.ts';
import { Watch } from './watch.ts';
import type { ConsumerConfig, Parts } from '../app/compose.ts';
import type { Consumer, ConsumerEnd } from '../consumer/run-consumer.ts';
import type { IngestEvent } from '../core/events.ts';
import type { Queue, Row, Warehouse } from '../core/ports.ts';
import type { DemoFile } from './demo-data.ts';

/** With the default linger every file of the demo would wait two seconds. */
export const DEMO_LINGER_MS = 250;

/** What the demo works with: the service as a user runs it, joined by the same `compose`. */
export class DemoWorld {
  readonly config: ConsumerConfig;
  readonly parts: Parts;
  readonly warehouse: Warehouse;
  readonly watch: Watch;
  readonly signal: AbortSignal;
  readonly clock = realClock;
  readonly #bodies: string[] = [];
  readonly #intake = new AbortController();
  #consumer: { readonly consumer: Consumer; readonly end: Promise<ConsumerEnd> } | null = null;

  constructor(input: {
    environment: Readonly<Record<string, string>>;
    onEvent: (event: IngestEvent) => void;
    signal: AbortSignal;
  }) {
    isolateEnvironment({
      ...input.environment,
      SPARKIFY_LINGER_MS: String(DEMO_LINGER_MS),
      SPARKIFY_CONSUMER_NAME: 'demo',
      SPARKIFY_DRAIN_SECONDS: '5',
    });
    this.config = readConfig(processEnvironment(), ['bucket', 'queue', 'warehouse', 'copy', 'batching']);
    this.parts = openParts(this.config);
    this.warehouse = openWarehouse(this.parts, this.config);
    this.watch = new Watch(input.onEvent);
    this.signal = input.signal;
  }

  async migrate(): Promise<readonly string[]> {
    const { schema } = this.config.warehouse;
    const { warehouse, signal } = this;
    const parts = { warehouse, library: this.parts.library, random: realRandom, schema };
    return (await migrate(parts, { reset: false, signal })).applied.map(({ name }) => name);
  }

  startConsumer(): void {
    const { config, warehouse, watch } = this;
    const queue = this.#listenIn(openQueue(this.parts, config));
    const consumer = openConsumer(this.parts, { config, warehouse, emit: watch.emit, until: 'stopped', queue });
    const end = consumer.run({ drain: this.#intake.signal });
    void end.then(({ error }) => watch.fail(error ?? new IngestError('aborted', 'The consumer has stopped.')));
    this.#consumer = { consumer, end };
  }

  async put(file: DemoFile): Promise<void> {
    const { name: bucket } = this.config.bucket;
    await this.parts.store.put({
      bucket,
      key: file.key,
      body: file.body,
      contentType: 'application/json',
      signal: this.signal,
    });
  }

  /** Delivers again what the queue has delivered so far, message by message. Returns how many. */
  async deliverAgain(): Promise<number> {
    const bodies = [...this.#bodies];
    await sendMessages(this.parts.clients.sqs, this.config.queue.url, bodies);
    return bodies.length;
  }

  /** The rows of one SQL file that asks one question. */
  async ask(file: string): Promise<readonly Row[]> {
    const { library } = this.parts;
    const session = this.warehouse.openSession();
    const path = { statements: [`set search_path to ${quoteSchema(this.config.warehouse.schema)}`] };
    const question = { statements: library.fill([file], {}), answer: 'rows' } as const;
    const script = { name: 'demo', isLasting: false, steps: [path, question] };
    const { rowsOf } = await runScript(session, script, { token: `demo-${newRunId()}`, signal: this.signal });
    return rowsOf('rows');
  }

  async stop(): Promise<void> {
    this.#intake.abort();
    await this.#consumer?.end;
    this.parts.close();
  }

  /** Remembers the notifications of S3, so that the demo can send them again. */
  #listenIn(queue: Queue): Queue {
    return {
      receive: async (input) => {
        const messages = await queue.receive(input);
        for (const { body } of messages) if (body.includes('"Records"')) this.#bodies.push(body);
        return messages;
      },
      delete: async (...input) => await queue.delete(...input),
      changeVisibility: async (...input) => await queue.changeVisibility(...input),
      park: async (...input) => await queue.park(...input),
    };
  }
}
