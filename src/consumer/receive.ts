import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import { Alarm } from './alarm.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { Pause } from './pause.ts';

/** Messages that one receive brings, at most (Amazon SQS, ReceiveMessage). */
const MESSAGES_PER_RECEIVE = 10;

/** Minimum time between two empty receives, in case the queue ignores the long poll. */
const EMPTY_APART_MS = 100;

type ReceiverDependencies = {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly random: Random;
  readonly pause: Pause;
  readonly settings: ConsumerSettings;
  /** Aborts polls under way; for the end of the drain time only. */
  readonly abort: AbortSignal;
  /** Messages that may still be received. */
  readonly room: () => number;
  /** Takes the messages of one receive, possibly none; `askedAtMs` is when the call was sent. */
  readonly onAnswer: (messages: readonly QueueMessage[], askedAtMs: number) => void;
  readonly onFatal: (error: IngestError) => void;
};

/**
 * Runs as many long polls at once as the backlog needs: one while the queue is quiet, one more after each full receive, one
 * less after each empty one. Never asks for more messages than there is room for.
 */
export class Receiver {
  readonly #do: ReceiverDependencies;
  /** Each poll with the time at which it was sent. */
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

  /** Whether the queue has answered a receive. */
  get hasAnswered(): boolean {
    return this.#answered;
  }

  /** Long polls under way. */
  get active(): number {
    return this.#underWay.size;
  }

  /** When the oldest long poll under way was sent; `null` without one. */
  get oldestAskedAtMs(): number | null {
    return this.#underWay.size === 0 ? null : Math.min(...this.#underWay.values());
  }

  /** Consecutive empty long polls; `forgetEmpty` sets them to 0. */
  get emptyInARow(): number {
    return this.#emptyInARow;
  }

  forgetEmpty(): void {
    this.#emptyInARow = 0;
  }

  /** Starts as many receives as are wanted and allowed now. Call it whenever that may have changed. */
  pump(): void {
    const { pause, clock, settings, room } = this.#do;
    while (!this.#ended && !pause.isPausedBesides(this.#pauseReason)) {
      // The first call, and calls after a failure, are made one at a time: they show whether the queue answers.
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

  /** Starts no further receive. Resolves when all polls have ended; `onAnswer` still gets their messages. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#alarm.set(null);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.keys());
  }

  async #receive(max: number): Promise<void> {
    const { queue, clock, settings, abort, onAnswer } = this.#do;
    const askedAtMs = clock.nowMs();
    // The first receive does not wait, so that a missing queue shows at once.
    const waitSeconds = this.#answered ? this.#waitSeconds() : 0;
    try {
      const { visibilitySeconds } = settings;
      const messages = await queue.receive({ max, waitSeconds, visibilitySeconds, signal: abort });
      this.#succeeded({ full: messages.length >= max, empty: messages.length === 0, waitSeconds, askedAtMs });
      onAnswer(messages, askedAtMs);
    } catch (error) {
      if (!abort.aborted) this.#failed(ingestErrorFrom(error));
    }
  }

  /** With `--until-idle`, poll briefly so that an empty queue is noticed quickly. */
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
    // Polls that were under way together fail together, which counts as one failure.
    if (clock.nowMs() < this.#backOffUntilMs) return;
    const verdict = ERROR_POLICY[error.code].then;
    this.#failures += 1;
    const isOver =
      verdict.kind === 'stop' ||
      (verdict.kind === 'retry' && this.#failures > verdict.limit) ||
      // Before the first answer an outage and a wrong setting look the same, and a person is watching the start.
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
