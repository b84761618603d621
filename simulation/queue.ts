import { IngestError } from '../src/core/errors.ts';
import type { BatchCallResult, Queue, QueueMessage } from '../src/core/ports.ts';
import type { Dice } from '../src/generate/dice.ts';
import type { Fault } from './faults.ts';
import type { Sent } from './notices.ts';
import type { SimulatedProcess } from './process.ts';
import { cutOff } from './process.ts';
import type { World } from './world.ts';

/** Receives that a message may have before the queue itself moves it away; a hundred or more, as the operator is told. */
const MAX_RECEIVES = 100;

type Message = {
  readonly id: string;
  readonly sent: Sent;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receives: number;
  /** Of the last delivery. */
  handle: string;
  leaseSeconds: number;
  isDeleted: boolean;
  /** Who heard of the last delivery, until it deletes the message or hands it back. */
  holder: SimulatedProcess | null;
};

type Delivery = { readonly message: Message; readonly handle: string };

/** What happens to the queue, for whoever watches the promises. */
export type QueueWatcher = {
  /** Before a message goes for good. */
  onDelete(message: { readonly id: string; readonly sent: Sent }): void;
  /** A message is delivered while a process that is alive believes to hold it. */
  onStolen(message: { readonly id: string }, from: SimulatedProcess, by: SimulatedProcess): void;
};

/** A standard queue: at least once, in any order, invisible while leased. */
export class SimulatedQueue {
  readonly parked: { readonly id: string; readonly sent: Sent; readonly reason: string }[] = [];
  readonly #world: World;
  readonly #watcher: QueueWatcher;
  readonly #dice: Dice;
  readonly #messages = new Map<string, Message>();
  readonly #deliveries = new Map<string, Delivery>();
  #waiting: (() => void)[] = [];

  constructor(world: World, watcher: QueueWatcher) {
    this.#world = world;
    this.#watcher = watcher;
    this.#dice = world.dice('queue');
  }

  /** Messages that are neither deleted nor parked, visible or not. */
  get left(): readonly Sent[] {
    return [...this.#messages.values()].filter((message) => !message.isDeleted).map(({ sent }) => sent);
  }

  send(sent: Sent): void {
    const id = `m${this.#messages.size + 1}`;
    const nowMs = this.#world.scheduler.nowMs;
    const message = { id, sent, sentAtMs: nowMs, visibleAtMs: nowMs, receives: 0, handle: '', leaseSeconds: 0 };
    this.#messages.set(id, { ...message, isDeleted: false, holder: null });
    this.#wake();
  }

  /** At least once: a message that was sent before comes again, be it leased or deleted. */
  deliverAgain(index: number): void {
    const messages = [...this.#messages.values()];
    const message = messages[index % Math.max(1, messages.length)];
    if (message === undefined) return;
    this.#world.say(() => `queue: ${message.id} comes again`);
    message.isDeleted = false;
    message.visibleAtMs = this.#world.scheduler.nowMs;
    // Its holder is not to blame.
    message.holder = null;
    this.#wake();
  }

  /** The port as one process has it. */
  forProcess(process: SimulatedProcess): Queue {
    const call = async <T>(
      operation: keyof Queue,
      signal: AbortSignal,
      serve: (fault: Fault | null) => T | Promise<T>,
    ): Promise<T> =>
      await process.call({
        target: 'queue',
        operation,
        signal,
        onAbort: () => cutOff(operation),
        serve: async (fault) => await serve(fault),
      });
    // As the adapter: a batch call that gets no answer names all of its entries as worth trying again.
    const batch = async (
      operation: keyof Queue,
      handles: readonly string[],
      signal: AbortSignal,
      one: (handle: string) => string | null,
    ) => {
      try {
        return await call(operation, signal, (fault) => this.#batch(handles, fault, one));
      } catch (error) {
        const code = error instanceof IngestError ? error.code : 'unknown';
        return { failed: handles.map((receiptHandle) => ({ receiptHandle, code, retryable: true })) };
      }
    };
    return {
      receive: async ({ max, signal, visibilitySeconds, waitSeconds }) =>
        await process.call({
          target: 'queue',
          operation: 'receive',
          signal,
          onAbort: () => [],
          serve: async (fault) => {
            const messages = await this.#receive(process, { max, visibilitySeconds, waitSeconds, signal });
            const isHeard =
              fault?.kind !== 'lost_answer' && fault?.kind !== 'silent' && !signal.aborted && process.isAlive;
            for (const { receiptHandle } of messages) this.#hold(receiptHandle, isHeard ? process : null);
            return messages;
          },
        }),
      delete: async (handles, signal) => {
        // It forgets them before the call: messages that come back now were not stolen.
        for (const handle of handles) this.#hold(handle, null);
        return await batch('delete', handles, signal, (handle) => this.#delete(handle));
      },
      changeVisibility: async (handles, seconds, signal) => {
        // Whoever asks for another time than that of its lease gives the message back.
        for (const handle of handles) {
          if (this.#deliveries.get(handle)?.message.leaseSeconds !== seconds) this.#hold(handle, null);
        }
        return await batch('changeVisibility', handles, signal, (handle) => this.#changeVisibility(handle, seconds));
      },
      park: async (message, reason, signal) =>
        await call('park', signal, () => {
          const id = message.messageId;
          this.#world.say(() => `queue: ${id} is parked: ${reason}`);
          const sent = this.#messages.get(id)?.sent;
          if (sent === undefined || sent.body !== message.body)
            this.#world.violate(`${id} is parked with another body`);
          else this.parked.push({ id, sent, reason });
        }),
    };
  }

  async #receive(
    process: SimulatedProcess,
    input: { max: number; visibilitySeconds: number; waitSeconds: number; signal: AbortSignal },
  ): Promise<readonly QueueMessage[]> {
    const { scheduler } = this.#world;
    const untilMs = scheduler.nowMs + input.waitSeconds * 1000;
    for (;;) {
      const visible = this.#visible();
      // A poll of a connection that is gone ends without taking anything.
      if (!process.isAlive || input.signal.aborted) return [];
      if (visible.length > 0) return this.#take(visible, process, input);
      if (scheduler.nowMs >= untilMs) return [];
      await this.#somethingVisible(untilMs);
    }
  }

  #visible(): Message[] {
    const nowMs = this.#world.scheduler.nowMs;
    return [...this.#messages.values()].filter((message) => !message.isDeleted && message.visibleAtMs <= nowMs);
  }

  #take(
    visible: Message[],
    process: SimulatedProcess,
    input: { max: number; visibilitySeconds: number },
  ): readonly QueueMessage[] {
    const taken: QueueMessage[] = [];
    const wanted = this.#dice.between(1, input.max);
    while (taken.length < wanted && visible.length > 0) {
      const [message] = visible.splice(this.#dice.between(0, visible.length - 1), 1);
      if (message === undefined) break;
      taken.push(this.#deliver(message, process, input.visibilitySeconds));
    }
    return taken;
  }

  #deliver(message: Message, to: SimulatedProcess, visibilitySeconds: number): QueueMessage {
    message.receives += 1;
    if (message.receives > MAX_RECEIVES) {
      this.#world.violate(`message ${message.id} was received ${MAX_RECEIVES} times and not settled: it would be lost`);
    }
    if (message.holder?.isAlive === true) this.#watcher.onStolen(message, message.holder, to);
    message.holder = null;
    message.handle = `${message.id}/${message.receives}`;
    message.leaseSeconds = visibilitySeconds;
    message.visibleAtMs = this.#world.scheduler.nowMs + visibilitySeconds * 1000;
    this.#deliveries.set(message.handle, { message, handle: message.handle });
    this.#world.say(() => `queue: ${message.id} to ${to.name} (receive ${message.receives})`);
    return {
      messageId: message.id,
      receiptHandle: message.handle,
      body: message.sent.body,
      receiveCount: message.receives,
      sentAtMs: message.sentAtMs,
    };
  }

  #hold(handle: string, holder: SimulatedProcess | null): void {
    const message = this.#deliveries.get(handle)?.message;
    if (message?.handle === handle) message.holder = holder;
  }

  #batch(handles: readonly string[], fault: Fault | null, one: (handle: string) => string | null): BatchCallResult {
    const failed = handles.flatMap((receiptHandle, index) => {
      if (fault?.kind === 'entries' && index % 2 === 0) {
        return [{ receiptHandle, code: 'InternalError', retryable: true }];
      }
      const code = one(receiptHandle);
      return code === null ? [] : [{ receiptHandle, code, retryable: false }];
    });
    return { failed };
  }

  #delete(handle: string): string | null {
    const message = this.#deliveries.get(handle)?.message;
    if (message === undefined || message.isDeleted) return null;
    // A handle that is not the last one: SQS says yes and may or may not delete.
    if (message.handle !== handle && this.#dice.chance(0.5)) return null;
    this.#world.say(() => `queue: ${message.id} is deleted (${handle})`);
    this.#watcher.onDelete(message);
    message.isDeleted = true;
    return null;
  }

  #changeVisibility(handle: string, seconds: number): string | null {
    const message = this.#deliveries.get(handle)?.message;
    const nowMs = this.#world.scheduler.nowMs;
    if (message === undefined || message.isDeleted || message.handle !== handle || message.visibleAtMs <= nowMs) {
      return 'MessageNotInflight';
    }
    message.visibleAtMs = nowMs + seconds * 1000;
    if (seconds === 0) {
      this.#world.say(() => `queue: ${message.id} is released`);
      this.#wake();
    }
    return null;
  }

  async #somethingVisible(untilMs: number): Promise<void> {
    const { scheduler } = this.#world;
    const times = [...this.#messages.values()].filter(({ isDeleted }) => !isDeleted).map((m) => m.visibleAtMs);
    const nextMs = Math.min(untilMs, ...times.filter((atMs) => atMs > scheduler.nowMs));
    await new Promise<void>((resolve) => {
      const planned = scheduler.after(nextMs - scheduler.nowMs, resolve);
      this.#waiting.push(() => {
        planned.cancel();
        resolve();
      });
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
