import type { BatchCallResult, Clock, Queue, QueueMessage } from '../../src/core/ports.ts';

type Stored = {
  id: string;
  body: string;
  sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  handle: string | null;
};

/** What a call does before (or instead of) its work; throw to fail it, return codes to fail entries. */
export type QueueFaults = {
  receive?: (call: number) => void;
  delete?: (call: number, handles: readonly string[]) => BatchCallResult['failed'];
  changeVisibility?: (call: number, handles: readonly string[]) => BatchCallResult['failed'];
};

/** A queue with the visibility rules of SQS on a virtual clock, which notes everything that was done to it. */
export class ScriptedQueue implements Queue {
  readonly parked: { body: string; reason: string }[] = [];
  readonly deletedIds: string[] = [];
  readonly releasedIds: string[] = [];
  /** Deliveries of messages whose earlier lease had run out: what lease renewal has to prevent. */
  readonly redelivered: string[] = [];
  readonly asked: number[] = [];
  maxReceiversAtOnce = 0;
  faults: QueueFaults = {};
  onDelete: (id: string) => void = () => undefined;
  readonly #clock: Clock;
  readonly #messages = new Map<string, Stored>();
  readonly #calls = { receive: 0, delete: 0, changeVisibility: 0 };
  #receivers = 0;
  #sent = 0;
  #changed = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  send(body: string): string {
    const id = `m${(this.#sent += 1)}`;
    const nowMs = this.#clock.nowMs();
    this.#messages.set(id, { id, body, sentAtMs: nowMs, visibleAtMs: nowMs, receiveCount: 0, handle: null });
    this.#wakeReceivers();
    return id;
  }

  /** Messages that are neither deleted nor with a consumer. */
  get visibleIds(): readonly string[] {
    return [...this.#messages.values()].filter((m) => m.visibleAtMs <= this.#clock.nowMs()).map((m) => m.id);
  }

  get leftIds(): readonly string[] {
    return [...this.#messages.keys()];
  }

  receiveCountOf(id: string): number {
    return this.#messages.get(id)?.receiveCount ?? 0;
  }

  async receive(input: {
    max: number;
    waitSeconds: number;
    visibilitySeconds: number;
    signal: AbortSignal;
  }): Promise<readonly QueueMessage[]> {
    this.asked.push(input.max);
    this.#receivers += 1;
    this.maxReceiversAtOnce = Math.max(this.maxReceiversAtOnce, this.#receivers);
    try {
      this.faults.receive?.((this.#calls.receive += 1));
      const untilMs = this.#clock.nowMs() + input.waitSeconds * 1000;
      for (;;) {
        const taken = this.#take(input.max, input.visibilitySeconds);
        const nowMs = this.#clock.nowMs();
        if (taken.length > 0 || nowMs >= untilMs || input.signal.aborted) return taken;
        const hiddenUntil = [...this.#messages.values()].map((m) => m.visibleAtMs).filter((atMs) => atMs > nowMs);
        const wakeAtMs = Math.min(untilMs, ...hiddenUntil);
        await this.#clock.sleep(wakeAtMs - nowMs, AbortSignal.any([this.#changed.signal, input.signal]));
      }
    } finally {
      this.#receivers -= 1;
    }
  }

  async delete(receiptHandles: readonly string[]): Promise<BatchCallResult> {
    return await this.#apply('delete', receiptHandles, (message) => {
      this.#messages.delete(message.id);
      this.deletedIds.push(message.id);
      this.onDelete(message.id);
    });
  }

  async changeVisibility(receiptHandles: readonly string[], visibilitySeconds: number): Promise<BatchCallResult> {
    return await this.#apply('changeVisibility', receiptHandles, (message) => {
      message.visibleAtMs = this.#clock.nowMs() + visibilitySeconds * 1000;
      if (visibilitySeconds > 0) return;
      message.handle = null;
      this.releasedIds.push(message.id);
      this.#wakeReceivers();
    });
  }

  park(message: QueueMessage, reason: string): Promise<void> {
    this.parked.push({ body: message.body, reason });
    return Promise.resolve();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the effect happens when the call is made, in one moment
  async #apply(
    call: 'delete' | 'changeVisibility',
    handles: readonly string[],
    effect: (message: Stored) => void,
  ): Promise<BatchCallResult> {
    const scripted = this.faults[call]?.((this.#calls[call] += 1), handles) ?? [];
    const failed = [...scripted];
    for (const handle of handles) {
      if (scripted.some((entry) => entry.receiptHandle === handle)) continue;
      const message = [...this.#messages.values()].find((candidate) => candidate.handle === handle);
      if (message === undefined || message.visibleAtMs <= this.#clock.nowMs()) {
        failed.push({ receiptHandle: handle, code: 'ReceiptHandleIsInvalid', retryable: false });
      } else effect(message);
    }
    return { failed };
  }

  #take(max: number, visibilitySeconds: number): QueueMessage[] {
    const nowMs = this.#clock.nowMs();
    const visible = [...this.#messages.values()].filter((message) => message.visibleAtMs <= nowMs).slice(0, max);
    return visible.map((message) => {
      if (message.handle !== null) this.redelivered.push(message.id);
      message.receiveCount += 1;
      message.handle = `${message.id}#${message.receiveCount}`;
      message.visibleAtMs = nowMs + visibilitySeconds * 1000;
      const { id: messageId, handle: receiptHandle, body, receiveCount, sentAtMs } = message;
      return { messageId, receiptHandle, body, receiveCount, sentAtMs };
    });
  }

  #wakeReceivers(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }
}
