import { backoffMs } from '../core/backoff.ts';
import { IngestError } from '../core/errors.ts';
import type { Emit } from '../core/events.ts';
import type { Batch } from '../core/load.ts';
import type { Clock, Random } from '../core/ports.ts';
import { consumerVerdict } from '../core/verdict.ts';

/** A person waits for a backfill, so a long outage of the warehouse ends it. It can be run again. */
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
  for (let attempt = 1; ; attempt += 1) {
    if (signal.aborted) throw new IngestError('aborted', 'The backfill was stopped; run it again to continue.');
    try {
      return await loadBatch(batch, signal);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      const verdict = consumerVerdict(error.code);
      // The person who runs the backfill can act.
      if (verdict.kind === 'stop' || error.code === 'bucket_unreadable') throw error;
      const limit = verdict.kind === 'wait' ? WAIT_LIMIT : verdict.limit;
      if (attempt > limit) throw error;
      const delayMs = backoffMs(attempt, verdict, random);
      const { code, message: sentence } = error;
      emit({ kind: 'load.retried', batchId: batch.id, code, attempt, delayMs, sentence });
      await clock.sleep(delayMs, signal);
    }
  }
}
