import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Batch } from '../core/load.ts';
import type { Clock, Random } from '../core/ports.ts';
import { retriedLoad } from '../core/retried-load.ts';
import { retry } from '../core/retry.ts';
import { ERROR_POLICY } from '../core/verdict.ts';

/** A person waits for the command, so a long outage of the warehouse ends it. It can be run again. */
const WAIT_LIMIT = 20;

/** Loads a batch with the retries of the error's verdict. @throws the last error. */
export async function loadWithRetries<T>(
  parts: {
    readonly loadBatch: (batch: Batch, signal: AbortSignal) => Promise<T>;
    readonly clock: Clock;
    readonly random: Random;
    readonly emit: Emit;
  },
  batch: Batch,
  signal: AbortSignal,
): Promise<T> {
  const { clock, emit, loadBatch, random } = parts;
  const endIfStopped = (): void => {
    if (signal.aborted) throw new IngestError('aborted', 'The command was stopped; run it again to continue.');
  };
  const attempt = async (): Promise<T> => {
    endIfStopped();
    return await loadBatch(batch, signal);
  };
  const delayMs = (error: unknown, attempts: number): number | null => {
    endIfStopped();
    if (!(error instanceof IngestError)) return null;
    const verdict = ERROR_POLICY[error.code].then;
    // The person who runs the command can act.
    if (verdict.kind === 'stop' || error.code === 'bucket_unreadable') return null;
    const limit = verdict.kind === 'wait' ? WAIT_LIMIT : verdict.limit;
    return attempts > limit ? null : backoffMs(attempts, verdict, random);
  };
  return await retry(attempt, { clock, signal, delayMs, onRetry: retriedLoad({ batch, emit }) });
}
