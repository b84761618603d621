import type { Row } from '../../src/core/ports.ts';
import type { BatchFile, BatchOutcome } from './temporary.ts';
import type { LedgerFile } from './tables.ts';
import type { Step, Transaction, Values } from './transaction.ts';
import { integerValue, isWithin, textValue, timeValue, witness } from './transaction.ts';

/** `sql/load/know` and `sql/load/ledger`, file by file. */
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
      (entry) => entry.status !== 'missing' && entry.status !== 'ignored' && !isSetAside(entry),
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
    return undefined;
  },
  'load/ledger/15_leave_unread.sql': ({ temporary }) => {
    const unread = temporary.get('batch_outcomes').filter(({ status }) => status === 'unread');
    const numbers = new Set(unread.map(({ fileNumber }) => fileNumber));
    const files = temporary.get('batch_files').filter(({ fileNumber }) => !numbers.has(fileNumber));
    temporary.set('batch_files', files);
    return undefined;
  },
  'load/ledger/20_empty_rejects_and_counts.sql': ({ temporary }) => {
    temporary.set('batch_rejects', []);
    temporary.set('batch_counts', { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0 });
    return undefined;
  },
  'load/ledger/80_solve_set_aside.sql': solveSetAside,
  'load/ledger/90_publish_ledger.sql': publishLedger,
};

function knownByFile({ tables, temporary }: Transaction, values: Values, counts: (entry: LedgerFile) => boolean): void {
  const isRead = isWithin(values, 'event_time');
  const known = temporary.get('batch_files').flatMap(({ fileId, fileNumber }) => {
    const entries = entriesOf(tables, fileId).filter((entry) => isRead(entry.eventMs) && counts(entry));
    return entries.map(({ batchId, status }) => ({ fileNumber, status, batchId }));
  });
  temporary.set('batch_known', known);
}

/** An event has an entry for each range of times under which it was announced. */
function entryKey({ eventMs, fileId }: LedgerFile): string {
  return `${fileId} ${eventMs}`;
}

function entriesOf(tables: Transaction['tables'], fileId: string): readonly LedgerFile[] {
  return [...tables.ingest_files.rows()].filter((entry) => entry.fileId === fileId);
}

/** The same content, and of songs a version at least as new as the listed one, to the second. */
function isSameObject(entry: LedgerFile, file: BatchFile): boolean {
  if (entry.objectId !== file.objectId || entry.etag !== file.etag) return false;
  if (entry.dataset !== 'songs') return true;
  return Math.floor((entry.lastModifiedMs ?? entry.eventMs) / 1000) >= Math.floor(file.eventMs / 1000);
}

const OF_CONTENT = ['not_json_objects', 'gzip_invalid', 'inflated_too_large'];

/** For another reason than its content: another try may end in another way. */
function isSetAside({ errorCode, status }: LedgerFile): boolean {
  return status === 'quarantined' && !OF_CONTENT.includes(errorCode ?? '');
}

function solveSetAside({ tables, temporary }: Transaction, values: Values): undefined {
  const outcomes = new Map(temporary.get('batch_outcomes').map((outcome) => [outcome.fileNumber, outcome]));
  for (const { fileNumber, objectId } of temporary.get('batch_files')) {
    const read = outcomes.get(fileNumber);
    if (read?.status !== 'loaded') continue;
    const lastModifiedMs = read.lastModifiedMs ?? 0;
    for (const entry of [...tables.ingest_files.rows()]) {
      const isOpen = entry.objectId === objectId && isSetAside(entry);
      const isRead = entry.etag === read.etag || Math.floor(entry.eventMs / 1000) * 1000 <= lastModifiedMs;
      if (!isOpen || !isRead) continue;
      const solved = { status: 'loaded', errorCode: null, reason: null, etag: read.etag ?? '', lastModifiedMs };
      const batchId = textValue(values, 'batch_id');
      tables.ingest_files.update(entryKey(entry), { ...entry, ...solved, batchId, attempts: entry.attempts + 1 });
    }
  }
  return undefined;
}

function publishLedger(transaction: Transaction, values: Values): readonly Row[] {
  const { nowMs, tables, temporary } = transaction;
  const isRead = isWithin(values, 'event_time');
  const [batchId, dataset] = [textValue(values, 'batch_id'), textValue(values, 'dataset')];
  const outcomes = new Map(temporary.get('batch_outcomes').map((outcome) => [outcome.fileNumber, outcome]));
  for (const file of temporary.get('batch_files')) {
    const outcome = outcomes.get(file.fileNumber);
    const status = outcome?.status ?? 'loaded';
    const said = ledgerFile(file, { outcome, status, batchId, dataset });
    if (status === 'loaded' && dataset === 'logs') {
      witness(transaction, {
        ...{ objectId: said.objectId, etag: said.etag, lastModifiedMs: said.lastModifiedMs ?? 0, sequencer: '' },
      });
    }
    const known = entriesOf(tables, file.fileId).filter(({ eventMs }) => isRead(eventMs));
    if (known.length === 0) tables.ingest_files.insert(entryKey(said), said);
    for (const entry of known.filter((other) => isNews(said, other))) {
      const attempts = entry.attempts + 1;
      tables.ingest_files.update(entryKey(entry), { ...said, eventMs: entry.eventMs, attempts });
    }
  }
  for (const row of temporary.get('batch_rejects')) {
    if (tables.rejected_rows.get(row.id) === undefined) tables.rejected_rows.insert(row.id, row);
  }
  const [source, consumer] = [textValue(values, 'source'), textValue(values, 'consumer')];
  const restedMs = integerValue(values, 'rested_ms');
  const counts = { batchId, source, consumer, restedMs, publishedMs: nowMs, ...temporary.get('batch_counts') };
  const before = tables.ingest_batches.get(batchId);
  if (before === undefined || before.publishedMs < timeValue(values, 'not_before')) {
    tables.ingest_batches.insert(batchId, counts);
  }
  const live = [...tables.ingest_batches.rows()].filter((one) => one.source === 'live' && isRecent(one, nowMs));
  return [{ ...countsRow(counts), live_consumers: new Set(live.map((one) => one.consumer)).size }];
}

function isRecent({ publishedMs }: { readonly publishedMs: number }, nowMs: number): boolean {
  return publishedMs >= nowMs - 600_000;
}

function isNews({ errorCode, status }: LedgerFile, known: LedgerFile): boolean {
  if (known.status !== 'quarantined' && known.status !== 'missing') return false;
  return status === 'loaded' || (status === 'quarantined' && errorCode !== known.errorCode);
}

function ledgerFile(
  file: BatchFile,
  said: { outcome: BatchOutcome | undefined; status: string; batchId: string; dataset: string },
): LedgerFile {
  const { eventMs, fileId, key, objectId } = file;
  const { batchId, dataset, outcome, status } = said;
  const etag = outcome?.etag ?? file.etag;
  const lastModifiedMs = outcome?.lastModifiedMs ?? null;
  const how = { status, errorCode: outcome?.errorCode ?? null, reason: outcome?.reason ?? null };
  return { fileId, objectId, key, etag, eventMs, lastModifiedMs, dataset, ...how, batchId, attempts: 1 };
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
