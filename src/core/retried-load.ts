import type { Emit } from './events.ts';
import { ingestErrorFrom } from './ingest-error-from.ts';
import type { Batch } from './load.ts';

/** For `retry`: emits `load.retried` for an attempt at a batch that failed and is repeated. */
export function retriedLoad({ batch, emit }: { readonly batch: Batch; readonly emit: Emit }) {
  return (error: unknown, attempt: number, delayMs: number): void => {
    const { code, message: sentence } = ingestErrorFrom(error);
    emit({ kind: 'load.retried', batchId: batch.id, code, attempt, delayMs, sentence });
  };
}
