import type { ConsumerSnapshot } from '../core/intake/consumer-snapshot.ts';
import { IngestError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { fileIdentity } from '../core/file-identity.ts';
import type { LiveFile } from '../core/measures.ts';
import { isMeasured, liveFile } from '../core/measures.ts';
import { intakeRoom } from '../core/intake/intake-room.ts';
import { RELEASE_AFTER_MS } from '../core/intake/lease.ts';
import type { LoadPhase } from '../core/intake/consumer-state.ts';
import { consumerState } from '../core/intake/consumer-state.ts';
import type { Batch, BatchId, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Clock, Queue, QueueMessage, Random } from '../core/ports.ts';
import { NO_REST } from '../core/rest.ts';
import { admit } from './admit.ts';
import { Batching } from './batching.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import { HeldMessages } from './held-messages.ts';
import type { LoadEnd } from './load-until-settled.ts';
import { loadUntilSettled } from './load-until-settled.ts';
import { Pause } from './pause.ts';
import { Receiver } from './receive.ts';
import { Shutdown } from './shutdown.ts';

export type ConsumerDependencies = {
  readonly queue: Queue;
  readonly loadBatch: LoadBatch;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  /** When S3 or the warehouse last answered, epoch ms; `null` before the first answer. */
  readonly loadAnsweredAtMs: () => number | null;
  readonly settings: ConsumerSettings;
};

export type ConsumerSignals = {
  /** Receive nothing more; finish the load in flight within the drain time. */
  readonly drain: AbortSignal;
  /** Stop the load in flight too. */
  readonly abort?: AbortSignal;
};

export type ConsumerEnd = {
  /** `failed`: `error` says what to do; no message of the failed batch was deleted. */
  readonly reason: 'asked' | 'idle' | 'failed';
  readonly error: IngestError | null;
  readonly loads: number;
  /** Held messages that were released. */
  readonly leftMessages: number;
  readonly leftFiles: number;
  /** A batch whose load was aborted; only the ledger knows whether it committed. */
  readonly cutOffBatch: BatchId | null;
};

/** The consumer. Call `run` once, and `snapshot` at any time. */
export class Consumer {
  readonly #do: ConsumerDependencies;
  readonly #abort = new AbortController();
  /** Aborted when all calls have to end, answered or not. */
  readonly #over = new AbortController();
  readonly #pause: Pause;
  readonly #batching: Batching;
  readonly #held: HeldMessages;
  readonly #receiver: Receiver;
  readonly #shutdown: Shutdown;
  #isDone = false;
  #loading: { batch: Batch; phase: LoadPhase; attempt: number; startedAtMs: number } | null = null;
  #end: { reason: 'asked' | 'idle' | 'failed'; error: IngestError | null } = { reason: 'asked', error: null };
  #loads = 0;
  #cutOffBatch: BatchId | null = null;
  #lastCommitAtMs: number | null = null;

  constructor(dependencies: ConsumerDependencies) {
    this.#do = dependencies;
    const { queue, clock, random, emit, settings } = dependencies;
    this.#pause = new Pause({ clock, emit }, () => this.#receiver.pump());
    // With `--until-idle` a person waits for the end, so loads do not rest.
    const limits = settings.until === 'idle' ? { ...settings, ...NO_REST } : settings;
    this.#batching = new Batching({ clock, random, emit, limits, consumer: settings.consumer });
    const signals = { abort: this.#abort.signal, over: this.#over.signal };
    this.#held = new HeldMessages(
      { queue, clock, random, emit, visibilitySeconds: settings.visibilitySeconds, ...signals },
      () => {
        this.#receiver.pump();
        this.#perhapsIdle();
      },
    );
    this.#receiver = new Receiver({
      queue,
      clock,
      random,
      settings,
      pause: this.#pause,
      abort: this.#abort.signal,
      room: () => this.#room(),
      onAnswer: (messages, askedAtMs) => this.#received(messages, askedAtMs),
      onFatal: (error) => this.#fail(error),
    });
    this.#shutdown = new Shutdown({
      held: this.#held,
      batching: this.#batching,
      receiver: this.#receiver,
      clock,
      emit,
      drainMs: settings.drainSeconds * 1000,
      abort: this.#abort,
      over: this.#over,
    });
  }

  snapshot(): ConsumerSnapshot {
    const loading = this.#loading;
    return {
      state: consumerState({
        hasAnswered: this.#receiver.hasAnswered,
        isPaused: this.#pause.all.length > 0,
        isDraining: this.#shutdown.draining.aborted,
        hasFailed: this.#end.error !== null,
        isDone: this.#isDone,
      }),
      pauses: this.#pause.all,
      heldMessages: this.#held.heldMessages,
      heldFiles: this.#held.heldFiles,
      filesByLane: this.#batching.filesByLane,
      oldestHeldAtMs: this.#held.oldestReceivedAtMs,
      oldestPutHeldAtMs: this.#batching.oldestPutAtMs,
      lastReceiveWasEmpty: this.#receiver.emptyInARow > 0 && this.#pause.all.length === 0,
      receivers: this.#receiver.active,
      receiveUnderWaySinceMs: this.#receiver.oldestAskedAtMs,
      loadInFlight: loading && {
        batchId: loading.batch.id,
        lane: loading.batch.lane,
        files: loading.batch.files.length,
        phase: loading.phase,
        attempt: loading.attempt,
        startedAtMs: loading.startedAtMs,
        lastAnsweredAtMs: Math.max(loading.startedAtMs, this.#do.loadAnsweredAtMs() ?? 0),
      },
      batchesWaiting: this.#batching.waiting,
      rest: this.#batching.rest,
      lastCommitAtMs: this.#lastCommitAtMs,
    };
  }

  /**
   * Consumes until the intake signal, until idle (if set) or until an error that needs a person. Resolves when nothing is in
   * flight and all held messages are released. Expected errors never reject; they are in the result.
   */
  async run(signals: ConsumerSignals): Promise<ConsumerEnd> {
    const { emit, settings } = this.#do;
    emit({ kind: 'consumer.started', consumer: settings.consumer, queueUrl: settings.queueUrl });
    const stopListening = new AbortController();
    whenAborted(signals.drain, stopListening.signal, () => this.#endIntake('asked'));
    if (signals.abort !== undefined) {
      whenAborted(signals.abort, stopListening.signal, () => {
        this.#endIntake('asked');
        this.#abort.abort();
      });
    }

    this.#receiver.pump();
    for (;;) {
      const batch = await this.#batching.next();
      if (batch === null) break;
      this.#conclude(batch, await this.#load(batch));
    }
    await this.#shutdown.letGo();
    stopListening.abort();
    this.#isDone = true;
    const { messages: leftMessages, files: leftFiles } = this.#shutdown.left;
    emit({ kind: 'consumer.stopped', leftMessages, leftFiles });
    return { ...this.#end, loads: this.#loads, leftMessages, leftFiles, cutOffBatch: this.#cutOffBatch };
  }

  #received(messages: readonly QueueMessage[], askedAtMs: number): void {
    if (messages.length > 0) {
      if (this.#shutdown.draining.aborted) this.#shutdown.releaseLate(messages);
      else this.#hold(messages, askedAtMs);
    }
    this.#perhapsIdle();
  }

  #room(): number {
    const { maxHeldFiles } = this.#do.settings;
    return intakeRoom(this.#held, { maxHeldFiles, hasLoaded: this.#loads > 0 });
  }

  #hold(messages: readonly QueueMessage[], askedAtMs: number): void {
    const { clock, emit, settings } = this.#do;
    const times = { receivedAtMs: askedAtMs, answeredAtMs: clock.nowMs() };
    const admissions = messages.map((message) => admit(message, { ...times, settings: settings.route, emit }));
    this.#held.hold(admissions, askedAtMs);
    for (const { lane, file } of admissions.flatMap(({ files }) => files)) this.#batching.add(lane, file);
    emit({ kind: 'message.received', count: messages.length, heldFiles: this.#held.heldFiles });
  }

  async #load(batch: Batch): Promise<{ readonly end: LoadEnd; readonly startedAtMs: number }> {
    const { loadBatch, clock, random, emit } = this.#do;
    const loading = { batch, phase: 'loading' as LoadPhase, attempt: 0, startedAtMs: clock.nowMs() };
    this.#loading = loading;
    const messages = this.#held.waitingFor(batch.files.map(fileIdentity));
    const oldestMs = messages.reduce((oldest, { receivedAtMs }) => Math.min(oldest, receivedAtMs), clock.nowMs());
    const onPhase = (phase: LoadPhase): void => {
      loading.phase = phase;
      if (phase === 'loading') loading.attempt += 1;
    };
    const end = await loadUntilSettled({
      batch,
      loadBatch,
      clock,
      random,
      emit,
      pause: this.#pause,
      abort: this.#abort.signal,
      draining: this.#shutdown.draining,
      // The last batch starts within the drain time.
      reading: batch.closeReason === 'drain' ? this.#abort.signal : this.#shutdown.draining,
      giveUpAtMs: oldestMs + RELEASE_AFTER_MS,
      onPhase,
    });
    this.#loading = null;
    return { end, startedAtMs: loading.startedAtMs };
  }

  #conclude(batch: Batch, { end, startedAtMs }: { readonly end: LoadEnd; readonly startedAtMs: number }): void {
    switch (end.kind) {
      case 'committed':
        this.#committed(batch, end.outcome, startedAtMs);
        return;
      case 'given_up':
        this.#held.release(this.#held.waitingFor(batch.files.map(fileIdentity)), end.reason);
        // The queue is not empty now, whatever it said before.
        this.#receiver.forgetEmpty();
        this.#receiver.pump();
        return;
      case 'not_read':
        // Its messages are released with all others.
        return;
      case 'cut_off':
        this.#cutOffBatch = batch.id;
        this.#endIntake('asked');
        return;
      case 'failed':
        this.#fail(end.error);
        return;
    }
  }

  #committed(batch: Batch, outcome: LoadOutcome, startedAtMs: number): void {
    const { emit, clock } = this.#do;
    this.#loads += 1;
    this.#lastCommitAtMs = clock.nowMs();
    this.#batching.loaded(outcome);
    const { lane, source, closeReason: reason, restedMs } = batch;
    const liveFiles = this.#liveFiles(outcome, startedAtMs);
    emit({ kind: 'load.committed', lane, source, reason, outcome, restedMs, liveFiles });
    for (const { file, status, reason: why } of outcome.files) {
      const { bucket, key } = file;
      if (status === 'quarantined') {
        emit({ kind: 'file.quarantined', batchId: batch.id, bucket, key, reason: why ?? 'no reason given' });
      } else if (status === 'missing') emit({ kind: 'file.missing', batchId: batch.id, bucket, key });
    }
    // Only the files in the outcome are settled, not all files of the batch.
    this.#held.filesSettled(outcome.files.map(({ file }) => fileIdentity(file)));
    for (const { file, reason: why } of outcome.released) {
      this.#held.releaseForLater(this.#held.waitingFor([fileIdentity(file)]), why);
    }
    const forgotten = this.#held.waitingFor(batch.files.map(fileIdentity)).length;
    if (forgotten > 0) {
      const sentence = `The load of batch ${batch.id} committed but reported no outcome for some of its files. This is a bug; please report it.`;
      this.#fail(new IngestError('unknown', sentence, { seen: { batchId: batch.id, messages: forgotten } }));
    }
    this.#receiver.pump();
    this.#perhapsIdle();
  }

  #liveFiles({ committedAtMs, files }: LoadOutcome, loadStartedAtMs: number): readonly LiveFile[] {
    return files.flatMap(({ file, lastModifiedMs, status }) => {
      const message = this.#held.firstWaitingFor(fileIdentity(file));
      if (status !== 'loaded' || !isMeasured(file) || lastModifiedMs === null || message === null) return [];
      const { answeredAtMs: receivedAtMs, sentAtMs } = message;
      const { eventTimeMs } = file;
      return [liveFile({ eventTimeMs, lastModifiedMs, sentAtMs, receivedAtMs, loadStartedAtMs }, committedAtMs)];
    });
  }

  #perhapsIdle(): void {
    if (this.#do.settings.until !== 'idle' || this.#shutdown.draining.aborted) return;
    const holdsNothing = this.#held.isEmpty && this.#batching.isEmpty;
    // Two empty receives: the first may have been sent before another consumer released the last message.
    if (holdsNothing && this.#loading === null && this.#receiver.emptyInARow >= 2) this.#endIntake('idle');
  }

  #fail(error: IngestError): void {
    if (this.#end.error === null) this.#end = { reason: 'failed', error };
    this.#shutdown.begin('stop', error.message);
  }

  #endIntake(reason: 'asked' | 'idle'): void {
    if (this.#shutdown.draining.aborted) return;
    this.#end = { reason, error: null };
    this.#shutdown.begin('drain', reason === 'idle' ? 'the queue is empty' : 'asked to stop');
  }
}

function whenAborted(signal: AbortSignal, until: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true, signal: until });
}
