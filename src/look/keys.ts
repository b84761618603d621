import { sqlForeignText, sqlTimestamp } from '../core/sql/sql-literal.ts';
import type { Looking, Question } from './ask.ts';
import { ask } from './ask.ts';

/** Which objects of the ledger. `dayMs`: logs that have events of the day that begins then (UTC). */
export type LedgerPart =
  | { readonly kind: 'day'; readonly dayMs: number }
  | { readonly kind: 'batch'; readonly batchId: string }
  | { readonly kind: 'quarantined' };

/** The keys of a part of the ledger in one bucket. @throws IngestError as the warehouse gives it. */
export async function readKeys(looking: Looking, bucket: string, part: LedgerPart): Promise<readonly string[]> {
  const { file, values } = question(part);
  const { keys } = await ask(looking, { keys: { file, values: { ...values, bucket: sqlForeignText(bucket) } } });
  return keys.map((row) => String(row['object_key']));
}

function question(part: LedgerPart): Question {
  switch (part.kind) {
    case 'day':
      return { file: '58_objects_of_day.sql', values: { day: sqlTimestamp(part.dayMs) } };
    case 'batch':
      return { file: '59_keys_of_batch.sql', values: { batch_id: sqlForeignText(part.batchId) } };
    case 'quarantined':
      return { file: '32_quarantined.sql' };
  }
}
