import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import { consumerVerdict } from '../core/verdict.ts';
import { Alarm } from './alarm.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { Pause } from './pause.ts';

/** Messages that one receive brings, at most (Amazon SQS, ReceiveMessage). */
const MESSAGES_PER_RECEIVE = 10;

/** Between two receives that bring nothing, at least; a queue that does not honour the long poll must not be hammered. */
const EMPTY_APART_MS = 100;

type ReceiverDependencies = {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly random: Random;
  readonly pause: Pause;
  readonly settings: ConsumerSettings;
  /** Ends polls under way at once; only for the end of the drain time. */
  readonly cutOff: AbortSignal;
  /** Messages that may still be received. */
  readonly room: () => number;
  /** Takes what one receive brought, possibly nothing; `askedAtMs` is when the call was sent. */
  readonly onAnswer: (messages: readonly QueueMessage[], askedAtMs: number) => void;
  readonly onFatal: (error: IngestError) => void;
};

/**
 * Long polls as many times at once as the backlog needs: one while the queue is quiet, one more whenever a receive comes
 * back full, one less when it comes back empty. Never asks for more than there is room for.
 */
export class Receiver {
  readonly #do: ReceiverDependencies;
  /** With the time at which each was asked for. */
  readonly #underWay = new Map<Promise<void>, number>();
  readonly #alarm: Alarm;
  #wanted = 1;
  #reserved = 0;
  #answered = false;
  #ended = false;
  #failures = 0;
  #pauseReason: string | null = null;
  #backOffUntilMs = 0;
  #pacedUntilMs = 0;
  #emptyInARow = 0;

  constructor(dependencies: ReceiverDependencies) {
    this.#do = dependencies;
    this.#alarm = new Alarm(dependencies.clock, () => {
      this.pump();
    });
  }

  /** Long polls under way. */
  get active(): number {
    return this.#underWay.size;
  }

  /** When the oldest long poll under way was asked for; `null` while there is none. */
  get oldestAskedAtMs(): number | null {
    return this.#underWay.size === 0 ? null : Math.min(...this.#underWay.values());
  }

  /** Long polls that brought nothing since one brought something; `forgetEmpty` starts over. */
  get emptyInARow(): number {
    return this.#emptyInARow;
  }

  forgetEmpty(): void {
    this.#emptyInARow = 0;
  }

  /** Starts as many receives as are wanted and allowed now. To be called whenever that may have changed. */
  pump(): void {
    const { pause, clock, settings, room } = this.#do;
    while (!this.#ended && !pause.isPausedBesides(this.#pauseReason)) {
      // The first call, and calls after a failure, go alone: they find out whether the queue is there.
      const allowed = this.#answered && this.#failures === 0 ? Math.min(this.#wanted, settings.receivers) : 1;
      const max = Math.min(MESSAGES_PER_RECEIVE, room() - this.#reserved);
      if (this.#underWay.size >= allowed || max <= 0) return;
      const notBeforeMs = Math.max(this.#backOffUntilMs, this.#pacedUntilMs);
      if (clock.nowMs() < notBeforeMs) {
        this.#alarm.set(notBeforeMs);
        return;
      }
      const receive = this.#receive(max).finally(() => {
        this.#underWay.delete(receive);
        this.#reserved -= max;
        this.pump();
      });
      this.#reserved += max;
      this.#underWay.set(receive, clock.nowMs());
    }
  }

  /** Begins no further receive. Resolves when those under way have ended; `onAnswer` still gets what they bring. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#alarm.set(null);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.keys());
  }

  async #receive(max: number): Promise<void> {
    const { queue, clock, settings, cutOff, onAnswer } = this.#do;
    const askedAtMs = clock.nowMs();
    // The very first one does not wait: until it has answered nobody knows whether the queue is there.
    const waitSeconds = this.#answered ? this.#waitSeconds() : 0;
    try {
      const { visibilitySeconds } = settings;
      const messages = await queue.receive({ max, waitSeconds, visibilitySeconds, signal: cutOff });
      this.#succeeded({ full: messages.length >= max, empty: messages.length === 0, waitSeconds, askedAtMs });
      onAnswer(messages, askedAtMs);
    } catch (error) {
      if (!cutOff.aborted) this.#failed(ingestErrorFrom(error));
    }
  }

  /** Waiting for the end of the work, a poll should find out soon that there is no more. */
  #waitSeconds(): number {
    const { until, longPollSeconds } = this.#do.settings;
    return until === 'idle' ? Math.min(1, longPollSeconds) : longPollSeconds;
  }

  #succeeded(receive: { full: boolean; empty: boolean; waitSeconds: number; askedAtMs: number }): void {
    this.#answered = true;
    this.#failures = 0;
    if (receive.full) this.#wanted = Math.min(this.#do.settings.receivers, this.#wanted + 1);
    if (receive.empty) {
      this.#wanted = Math.max(1, this.#wanted - 1);
      if (receive.waitSeconds > 0) this.#pacedUntilMs = receive.askedAtMs + EMPTY_APART_MS;
    }
    if (!receive.empty) this.#emptyInARow = 0;
    else if (receive.waitSeconds > 0) this.#emptyInARow += 1;
    if (this.#pauseReason !== null) this.#do.pause.remove(this.#pauseReason);
    this.#pauseReason = null;
  }

  #failed(error: IngestError): void {
    const { clock, random, pause, onFatal } = this.#do;
    // Polls that were under way together fail together: that is one failure.
    if (clock.nowMs() < this.#backOffUntilMs) return;
    const verdict = consumerVerdict(error.code);
    this.#failures += 1;
    const isOver =
      verdict.kind === 'stop' ||
      (verdict.kind === 'retry' && this.#failures > verdict.limit) ||
      // Before the first answer "away" and "wrong setting" look the same, and somebody is watching.
      (verdict.kind === 'wait' && !this.#answered);
    if (isOver) {
      onFatal(error);
      return;
    }
    this.#backOffUntilMs = clock.nowMs() + backoffMs(this.#failures, verdict, random);
    const before = this.#pauseReason;
    this.#pauseReason = `queue: ${error.code}`;
    pause.add(this.#pauseReason, error.message);
    if (before !== null && before !== this.#pauseReason) pause.remove(before);
  }
}
