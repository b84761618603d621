import type { NumberedFile } from '../core/ledger.ts';
import { eventTimeRange, fileListBody, numbered } from '../core/ledger.ts';
import { knowPlan } from '../core/load-plan.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';

/** What the ledger says of a file. */
type KnownFile = { readonly status: string; readonly batchId: string };

export type Known = {
  /** By file number. */
  readonly files: ReadonlyMap<number, KnownFile>;
  /** The files that are still to be settled, in the batch's order. */
  readonly open: readonly NumberedFile[];
  /** Every file was settled by this very batch: it is committed, and somebody did not hear of it. */
  readonly isCommitted: boolean;
};

/**
 * The first step: which of the batch's files are settled already? Keys travel as a file that is COPYed, never as SQL
 * text. Leaves the open ones in the session's `batch_files`.
 */
export async function know(context: LoadContext): Promise<Known> {
  const { batch, store, work } = context;
  const files = numbered(batch);
  await store.put({
    bucket: work.bucket,
    key: work.fileListKey,
    body: fileListBody(files),
    contentType: 'application/json',
    signal: context.signal,
  });
  const fileList = copyInto('batch_files', context, { key: work.fileListKey, isParts: false });
  const { rows } = await runPlan(context, 'know', knowPlan(batch, eventTimeRange(files), fileList));
  const known = new Map(
    rows.map((row) => [
      Number(row['file_number']),
      { status: String(row['status']), batchId: String(row['batch_id']) },
    ]),
  );
  return {
    files: known,
    open: files.filter(({ fileNumber }) => !known.has(fileNumber)),
    isCommitted: known.size === files.length && [...known.values()].every(({ batchId }) => batchId === batch.id),
  };
}
