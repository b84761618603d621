import { sqlInteger, sqlText, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Looking } from './ask.ts';
import { ask } from './ask.ts';
import type { BatchEntry, FileEntry, RejectedEntry } from './ledger-rows.ts';
import { batchEntry, fileEntry, rejectedEntry } from './ledger-rows.ts';

/** Characters of a rejected row that are read; a row may have 65,535 bytes. */
export const ROW_TEXT_CHARACTERS = 4000;

/** The batches that were published since a time, the newest first. @throws IngestError as the warehouse gives it. */
export async function readBatches(
  looking: Looking,
  { max, sinceMs }: { readonly sinceMs: number; readonly max: number },
): Promise<readonly BatchEntry[]> {
  const values = { since: sqlTimestamp(sinceMs), most: sqlInteger(max) };
  const { batches } = await ask(looking, { batches: { file: '20_batches.sql', values } });
  return batches.map(batchEntry);
}

export type BatchHistory = {
  readonly batch: BatchEntry;
  readonly files: readonly FileEntry[];
  readonly rejected: readonly RejectedEntry[];
};

/** One batch with its files and rejected rows, at most `max` of each; `null` without such a batch. */
export async function readBatch(looking: Looking, batchId: string, max: number): Promise<BatchHistory | null> {
  const id = { batch_id: sqlText(batchId) };
  const most = { most: sqlInteger(max) };
  const { batches, files, rejected } = await ask(looking, {
    batches: { file: '22_batch.sql', values: id },
    files: { file: '54_files_of_batch.sql', values: { ...id, ...most } },
    rejected: {
      file: '64_rejected_of_batch.sql',
      values: { ...id, ...most, text_length: sqlInteger(ROW_TEXT_CHARACTERS) },
    },
  });
  const [batch] = batches;
  if (batch === undefined) return null;
  return { batch: batchEntry(batch), files: files.map(fileEntry), rejected: rejected.map(rejectedEntry) };
}
