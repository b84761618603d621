import type { Emit } from '../core/events.ts';
import type { Lease } from '../core/intake/lease.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import { leaseAction, leaseFrom } from '../core/intake/lease.ts';
import type { Clock, Queue } from '../core/ports.ts';
import { Alarm } from './alarm.ts';

/** Delay before a failed renewal is repeated, until the lease ends. */
const TRY_AGAIN_MS = 1_000;

/** Keeps held messages invisible to other consumers: renews every lease at half of its time. */
export class LeaseKeeper {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #emit: Emit;
  readonly #visibilitySeconds: number;
  // In order of renewal: all leases have the same length, and a renewed lease goes to the end.
  readonly #leases = new Map<string, Lease>();
  readonly #alarm: Alarm;
  readonly #stopped = new AbortController();
  #renewing: Promise<void> | null = null;
  #notBeforeMs = 0;

  constructor(input: { queue: Queue; clock: Clock; emit: Emit; visibilitySeconds: number }) {
    this.#queue = input.queue;
    this.#clock = input.clock;
    this.#emit = input.emit;
    this.#visibilitySeconds = input.visibilitySeconds;
    this.#alarm = new Alarm(input.clock, () => {
      this.#renewing ??= this.#renewDue();
    });
  }

  /** @param receivedAtMs taken *before* the receive call was sent, so that the real lease ends no earlier than assumed. */
  hold(receiptHandles: readonly string[], receivedAtMs: number): void {
    for (const handle of receiptHandles) this.#leases.set(handle, leaseFrom(receivedAtMs, this.#visibilitySeconds));
    this.#setAlarm();
  }

  /** Call it before a message is deleted or released: a renewal after that would look like a lost lease. */
  forget(receiptHandles: readonly string[]): void {
    for (const handle of receiptHandles) this.#leases.delete(handle);
    this.#setAlarm();
  }

  /** Aborts a renewal under way and resolves when it has ended. Nothing is renewed afterwards. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#leases.clear();
    this.#alarm.set(null);
    await this.#renewing;
  }

  #setAlarm(): void {
    if (this.#renewing !== null) return;
    let atMs: number | null = null;
    for (const lease of this.#leases.values()) {
      const action = leaseAction(lease, { atMs: this.#clock.nowMs(), visibilitySeconds: this.#visibilitySeconds });
      atMs = Math.max(action.kind === 'keep' ? action.untilMs : this.#clock.nowMs(), this.#notBeforeMs);
      break;
    }
    this.#alarm.set(atMs);
  }

  async #renewDue(): Promise<void> {
    const { renew, lost } = this.#due();
    for (const [reason, handles] of lost) this.#lose(handles, reason);
    for (const [visibilitySeconds, handles] of renew) await this.#renew(handles, visibilitySeconds);
    this.#renewing = null;
    this.#setAlarm();
  }

  /** The leases that are due now or very soon: renewing a little early fills the calls of ten entries. */
  #due(): { renew: Map<number, string[]>; lost: Map<string, string[]> } {
    const renew = new Map<number, string[]>();
    const lost = new Map<string, string[]>();
    const nowMs = this.#clock.nowMs();
    const soonMs = this.#visibilitySeconds * 50;
    for (const [handle, lease] of this.#leases) {
      const action = leaseAction(lease, { atMs: nowMs, visibilitySeconds: this.#visibilitySeconds });
      if (action.kind === 'lost') append(lost, action.reason, handle);
      else if (action.kind === 'renew') append(renew, action.visibilitySeconds, handle);
      else if (action.untilMs <= nowMs + soonMs) append(renew, this.#visibilitySeconds, handle);
      else break;
    }
    return { renew, lost };
  }

  async #renew(handles: readonly string[], visibilitySeconds: number): Promise<void> {
    const askedAtMs = this.#clock.nowMs();
    const failed = new Map<string, string[]>();
    const toTryAgain = new Set<string>();
    let seen: string | undefined;
    try {
      const result = await this.#queue.changeVisibility(handles, visibilitySeconds, this.#stopped.signal);
      for (const { receiptHandle, code, retryable, sentence } of result.failed) {
        if (retryable) toTryAgain.add(receiptHandle);
        else append(failed, code, receiptHandle);
        seen ??= sentence;
      }
    } catch (error) {
      // The whole call failed (no network, say): renew all again, until the queue refuses or the leases are long over.
      for (const handle of handles) toTryAgain.add(handle);
      seen = ingestErrorFrom(error).message;
    }
    if (this.#stopped.signal.aborted) return;
    if (toTryAgain.size > 0) this.#notBeforeMs = this.#clock.nowMs() + TRY_AGAIN_MS;
    if (seen !== undefined) {
      const count = toTryAgain.size;
      this.#emit({ kind: 'message.retried', action: 'renew', count, delayMs: TRY_AGAIN_MS, sentence: seen });
    }
    const refused = new Set([...failed.values()].flat());
    const renewed = handles.filter((handle) => !toTryAgain.has(handle) && !refused.has(handle));
    for (const handle of renewed) this.#extend(handle, askedAtMs + visibilitySeconds * 1000);
    if (renewed.length > 0) this.#emit({ kind: 'lease.renewed', count: renewed.length });
    for (const [code, lost] of failed) this.#lose(lost, code);
  }

  #extend(handle: string, endsAtMs: number): void {
    const lease = this.#leases.get(handle);
    // Deleted or released while the renewal was under way.
    if (lease === undefined) return;
    this.#leases.delete(handle);
    this.#leases.set(handle, { receivedAtMs: lease.receivedAtMs, endsAtMs });
  }

  /** SQS may redeliver the message to any consumer, which finds its files in the ledger. The message stays in its batch. */
  #lose(handles: readonly string[], code: string): void {
    const count = handles.filter((handle) => this.#leases.delete(handle)).length;
    if (count > 0) this.#emit({ kind: 'lease.lost', count, code });
  }
}

function append<K>(lists: Map<K, string[]>, key: K, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
