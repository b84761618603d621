import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { LoadPhase } from '../core/intake/consumer-state.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Clock, Random } from '../core/ports.ts';
import { retriedLoad } from '../core/retried-load.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import type { Pause } from './pause.ts';

/** How a batch ended. Messages may be deleted after `committed` only. */
export type LoadEnd =
  | { readonly kind: 'committed'; readonly outcome: LoadOutcome }
  /** The messages have to be released before their leases end. The load may or may not have committed. */
  | { readonly kind: 'given_up'; readonly reason: string }
  /** The consumer stopped while the files were being read. */
  | { readonly kind: 'not_read' }
  /** The consumer stopped first. The load may or may not have committed; the ledger knows. */
  | { readonly kind: 'cut_off' }
  | { readonly kind: 'failed'; readonly error: IngestError };

/** How long an aborted loader may take to return before it is no longer waited for. */
const CUT_OFF_GRACE_MS = 3_500;

type LoadInput = {
  readonly batch: Batch;
  readonly loadBatch: LoadBatch;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly pause: Pause;
  /** Aborted: stop the load. */
  readonly abort: AbortSignal;
  /** Aborted: do not wait for a warehouse that is unavailable. */
  readonly draining: AbortSignal;
  /** Aborted: read no files. */
  readonly reading: AbortSignal;
  /** When the messages have to be released, whatever the load is doing, epoch ms. */
  readonly giveUpAtMs: number;
  readonly onPhase: (phase: LoadPhase) => void;
};

/**
 * Loads a batch and follows the verdict on every error until the batch is committed, the retry limit of the error's code is
 * reached, the leases end, or the consumer stops.
 */
export async function loadUntilSettled(input: LoadInput): Promise<LoadEnd> {
  const attempts = { retries: 0, waits: 0 };
  const held = new Set<string>();
  try {
    for (;;) {
      input.onPhase('loading');
      const tried = await tryOnce(input);
      const end = tried.kind === 'failed' ? await followVerdict(input, tried.error, attempts, held) : tried;
      if (end !== 'again') return end;
    }
  } finally {
    for (const reason of held) input.pause.remove(reason);
  }
}

async function followVerdict(
  input: LoadInput,
  error: IngestError,
  attempts: { retries: number; waits: number },
  held: Set<string>,
): Promise<LoadEnd | 'again'> {
  const verdict = ERROR_POLICY[error.code].then;
  if (verdict.kind === 'stop') return failed(input, error);
  if (verdict.kind === 'retry') {
    for (const reason of held) input.pause.remove(reason);
    held.clear();
    attempts.retries += 1;
    if (attempts.retries > verdict.limit) return failed(input, error);
    input.onPhase('backing_off');
    const delayMs = backoffMs(attempts.retries, verdict, input.random);
    await sleepAndSay(input, error, attempts.retries, delayMs, input.abort);
    return input.abort.aborted ? { kind: 'cut_off' } : 'again';
  }
  const reason = `load: ${error.code}`;
  input.pause.add(reason, error.message);
  for (const other of held) if (other !== reason) input.pause.remove(other);
  held.clear();
  held.add(reason);
  attempts.waits += 1;
  if (input.clock.nowMs() >= input.giveUpAtMs) {
    return { kind: 'given_up', reason: 'the warehouse has not answered for too long' };
  }
  input.onPhase('waiting');
  const delayMs = backoffMs(attempts.waits, verdict, input.random);
  const either = AbortSignal.any([input.abort, input.draining]);
  if (!either.aborted) await sleepAndSay(input, error, attempts.waits, delayMs, either);
  return either.aborted ? { kind: 'cut_off' } : 'again';
}

async function sleepAndSay(
  input: LoadInput,
  error: IngestError,
  attempt: number,
  delayMs: number,
  signal: AbortSignal,
): Promise<void> {
  retriedLoad(input)(error, attempt, delayMs);
  await input.clock.sleep(delayMs, signal);
}

function failed(input: LoadInput, error: IngestError): LoadEnd {
  const { id: batchId, lane } = input.batch;
  input.emit({ kind: 'load.failed', batchId, lane, code: error.code, sentence: error.message });
  return { kind: 'failed', error };
}

/**
 * One call of the loader, aborted by shutdown or before the leases end. A commit counts even after the signal; an error after
 * the signal does not.
 */
async function tryOnce(input: LoadInput): Promise<LoadEnd> {
  const { abort, batch, loadBatch, clock, giveUpAtMs, reading } = input;
  const leases = new AbortController();
  const signal = AbortSignal.any([abort, leases.signal]);
  const cutOff = (): LoadEnd =>
    abort.aborted
      ? { kind: 'cut_off' }
      : { kind: 'given_up', reason: 'its load did not end before the 12-hour limit of SQS' };
  const load = async (): Promise<LoadEnd> => {
    try {
      return { kind: 'committed', outcome: await loadBatch(batch, signal, reading) };
    } catch (thrown) {
      if (signal.aborted) return cutOff();
      const error = ingestErrorFrom(thrown);
      return reading.aborted && error.code === 'aborted' ? { kind: 'not_read' } : { kind: 'failed', error };
    }
  };
  const ended = new AbortController();
  const patience = async (): Promise<LoadEnd> => {
    await clock.sleep(giveUpAtMs - clock.nowMs(), AbortSignal.any([abort, ended.signal]));
    leases.abort();
    await clock.sleep(CUT_OFF_GRACE_MS, ended.signal);
    return cutOff();
  };
  try {
    return await Promise.race([load(), patience()]);
  } finally {
    ended.abort();
  }
}
