import type { Row } from '../../src/core/ports.ts';
import type { BatchFile, BatchOutcome } from './temporary.ts';
import type { LedgerFile } from './tables.ts';
import type { Step, Transaction, Values } from './transaction.ts';
import { integerValue, isWithin, textValue, timeValue } from './transaction.ts';
import { md5 } from './values.ts';

/** `sql/load/know`, `sql/load/ledger` and `sql/load/isolate`, file by file. */
export const LEDGER_STEPS: Readonly<Record<string, Step>> = {
  'load/know/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['batch_files', 'batch_known']);
    return undefined;
  },
  'load/know/10_create_batch_files.sql': ({ temporary }) => {
    temporary.set('batch_files', []);
    return undefined;
  },
  'load/know/20_known_live.sql': (transaction, values) => {
    knownByFile(transaction, values, () => true);
    return undefined;
  },
  'load/know/25_known_replay.sql': (transaction, values) => {
    knownByFile(transaction, values, ({ status }) => status !== 'quarantined' && status !== 'missing');
    return undefined;
  },
  'load/know/30_known_backfill.sql': ({ tables, temporary }) => {
    const settled = [...tables.ingest_files.rows()].filter(
      ({ status }) => status !== 'missing' && status !== 'ignored',
    );
    const known = temporary.get('batch_files').flatMap((file) => {
      const same = settled.filter((entry) => isSameObject(entry, file));
      const [status, batchId] = [smallest(same.map((e) => e.status)), smallest(same.map((e) => e.batchId))];
      return status === null || batchId === null ? [] : [{ fileNumber: file.fileNumber, status, batchId }];
    });
    temporary.set('batch_known', known);
    return undefined;
  },
  'load/know/40_forget_known.sql': ({ temporary }) => {
    const known = temporary.get('batch_known');
    const numbers = new Set(known.map(({ fileNumber }) => fileNumber));
    const open = temporary.get('batch_files').filter(({ fileNumber }) => !numbers.has(fileNumber));
    temporary.set('batch_files', open);
    return known.map(({ batchId, fileNumber, status }) => ({ file_number: fileNumber, status, batch_id: batchId }));
  },
  'load/ledger/05_committed_batch.sql': ({ tables }, values) => {
    const batch = tables.ingest_batches.get(textValue(values, 'batch_id'));
    return batch === undefined || batch.publishedMs < timeValue(values, 'not_before') ? [] : [countsRow(batch)];
  },
  'load/ledger/10_create_batch_outcomes.sql': ({ temporary }) => {
    temporary.set('batch_outcomes', []);
    temporary.set('batch_reject_places', []);
    return undefined;
  },
  'load/ledger/20_empty_rejects_and_counts.sql': ({ temporary }) => {
    temporary.set('batch_rejects', []);
    temporary.set('batch_counts', { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0 });
    return undefined;
  },
  'load/ledger/90_publish_ledger.sql': publishLedger,
  'load/isolate/10_load_errors.sql': ({ copyErrors }, values) => {
    const queries = [integerValue(values, 'copy_query_id'), integerValue(values, 'check_query_id')];
    const first = new Map<string, Row>();
    for (const { fileName, line, queryId } of copyErrors) {
      if (!queries.includes(queryId) || Number(first.get(fileName)?.['line_number'] ?? Infinity) <= line) continue;
      const error = { error_code: 1204, error_message: 'Char length exceeds DDL length', column_name: '' };
      first.set(fileName, { file_name: fileName, line_number: line, ...error });
    }
    return [...first.values()];
  },
};

function knownByFile({ tables, temporary }: Transaction, values: Values, counts: (entry: LedgerFile) => boolean): void {
  const isRead = isWithin(values, 'event_time');
  const known = temporary.get('batch_files').flatMap(({ fileId, fileNumber }) => {
    const entry = tables.ingest_files.get(fileId);
    if (entry === undefined || !isRead(entry.eventMs) || !counts(entry)) return [];
    return [{ fileNumber, status: entry.status, batchId: entry.batchId }];
  });
  temporary.set('batch_known', known);
}

/** The same content, and of songs a version at least as new as the listed one, to the second. */
function isSameObject(entry: LedgerFile, file: BatchFile): boolean {
  if (entry.objectId !== file.objectId || entry.etag !== file.etag) return false;
  if (entry.dataset !== 'songs') return true;
  return Math.floor((entry.lastModifiedMs ?? entry.eventMs) / 1000) >= Math.floor(file.eventMs / 1000);
}

function publishLedger({ nowMs, tables, temporary }: Transaction, values: Values): readonly Row[] {
  const isRead = isWithin(values, 'event_time');
  const [batchId, dataset] = [textValue(values, 'batch_id'), textValue(values, 'dataset')];
  const outcomes = new Map(temporary.get('batch_outcomes').map((outcome) => [outcome.fileNumber, outcome]));
  for (const file of temporary.get('batch_files')) {
    const outcome = outcomes.get(file.fileNumber);
    const status = outcome?.status ?? 'loaded';
    const known = tables.ingest_files.get(file.fileId);
    if (known === undefined || !isRead(known.eventMs)) {
      tables.ingest_files.insert(file.fileId, ledgerFile(file, { outcome, status, batchId, dataset }));
    } else if (isBetter(status, known.status)) {
      const { etag, lastModifiedMs } = ledgerFile(file, { outcome, status, batchId, dataset });
      const attempts = known.attempts + 1;
      tables.ingest_files.update(file.fileId, { ...known, etag, lastModifiedMs, status, batchId, attempts });
    }
  }
  const places = Map.groupBy(temporary.get('batch_reject_places'), ({ rowHash }) => rowHash);
  for (const { rejectedId, rowHash } of temporary.get('batch_rejects')) {
    const found = (places.get(rowHash) ?? []).map(({ line, objectId }) => md5(`${objectId}|${line}|${rejectedId}`));
    for (const id of found.length === 0 ? [rejectedId] : found) tables.rejected_rows.update(id, { id });
  }
  const counts = { batchId, publishedMs: nowMs, ...temporary.get('batch_counts') };
  const before = tables.ingest_batches.get(batchId);
  if (before === undefined || before.publishedMs < timeValue(values, 'not_before')) {
    tables.ingest_batches.insert(batchId, counts);
  }
  return [countsRow(counts)];
}

function isBetter(status: string, than: string): boolean {
  return status === 'loaded' && (than === 'quarantined' || than === 'missing');
}

function ledgerFile(
  file: BatchFile,
  said: { outcome: BatchOutcome | undefined; status: string; batchId: string; dataset: string },
): LedgerFile {
  const { eventMs, fileId, key, objectId } = file;
  const { batchId, dataset, outcome, status } = said;
  const etag = outcome?.etag ?? file.etag;
  const lastModifiedMs = outcome?.lastModifiedMs ?? null;
  return { fileId, objectId, key, etag, eventMs, lastModifiedMs, dataset, status, batchId, attempts: 1 };
}

function countsRow(counts: {
  readonly staged: number;
  readonly rejected: number;
  readonly inserted: number;
  readonly updated: number;
  readonly repaired: number;
}): Row {
  return {
    rows_staged: counts.staged,
    rows_rejected: counts.rejected,
    rows_inserted: counts.inserted,
    rows_updated: counts.updated,
    rows_repaired: counts.repaired,
  };
}

function smallest(texts: readonly string[]): string | null {
  return texts.toSorted()[0] ?? null;
}
