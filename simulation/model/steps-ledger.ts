import { IngestError } from '../../src/core/errors.ts';
import type { Row } from '../../src/core/ports.ts';
import type { ListedFile, StagedRow } from './temporary.ts';
import type { LedgerBatch, LedgerFile } from './tables.ts';
import type { Step, Transaction, Values } from './transaction.ts';
import { integerValue, isIn, textValue, timeValue, witness } from './transaction.ts';

/** `sql/load/know` and `sql/load/ledger`, file by file. */
export const LEDGER_STEPS: Readonly<Record<string, Step>> = {
  'load/know/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['listed_files']);
    return undefined;
  },
  'load/know/10_create_listed_files.sql': ({ temporary }) => {
    temporary.set('listed_files', []);
    return undefined;
  },
  'load/know/30_known_backfill.sql': ({ tables, temporary }) => {
    const entries = [...tables.ingest_files.rows()];
    const settled = entries.filter(({ status }) => status !== 'missing' && status !== 'ignored');
    const setAside = new Set(entries.filter(isSetAside).map(({ objectId }) => objectId));
    return temporary.get('listed_files').flatMap((file) => {
      if (setAside.has(file.objectId)) return [];
      const same = settled.filter((entry) => isSameObject(entry, file));
      const [status, batchId] = [smallest(same.map((e) => e.status)), smallest(same.map((e) => e.batchId))];
      return status === null || batchId === null ? [] : [{ file_number: file.fileNumber, status, batch_id: batchId }];
    });
  },
  'load/ledger/05_committed_batch.sql': ({ nowMs, tables }, values) => {
    const batch = tables.ingest_batches.get(textValue(values, 'batch_id'));
    if (batch === undefined || batch.publishedMs < timeValue(values, 'not_before')) return [];
    const isLive = (one: LedgerBatch): boolean => one.source === 'live' && one.publishedMs >= nowMs - 600_000;
    const live = [...tables.ingest_batches.rows()].filter(isLive);
    return [{ ...countsRow(batch), live_consumers: new Set(live.map(({ consumer }) => consumer)).size }];
  },
  'load/ledger/10_known.sql': ({ tables, temporary }, values) => {
    const isRead = isIn(values, 'event_times');
    const knowsSetAside = integerValue(values, 'knows_set_aside') === 1;
    return filesOf(temporary).flatMap(({ fileId, fileNumber }) =>
      entriesOf(tables, fileId)
        .filter((entry) => isRead(entry.eventMs) && (knowsSetAside || !mayChange(entry)))
        .map(({ batchId, status }) => ({ file_number: fileNumber, status, batch_id: batchId })),
    );
  },
  'load/ledger/40_solve_set_aside.sql': solveSetAside,
  'load/ledger/50_files_set_aside.sql': updateSetAside,
  'load/ledger/60_files.sql': publishFiles,
  'load/ledger/70_rejected_rows.sql': ({ tables, temporary }) => {
    const files = new Map(filesOf(temporary).map((file) => [file.fileNumber, file]));
    for (const row of temporary.get('staging')) {
      const file = files.get(Number(row['file_number']));
      const id = row['rejected_id'] ?? '';
      if (row['kind'] !== 'R' || file === undefined || tables.rejected_rows.get(id) !== undefined) continue;
      const { key, objectId } = file;
      const [column, text] = [row['column_name'] ?? '', row['row_text'] ?? ''];
      tables.rejected_rows.insert(id, { id, objectId, key, line: Number(row['line_number']), column, text });
    }
    return undefined;
  },
  'load/ledger/80_batch.sql': publishBatch,
};

/** A row of kind `F`. */
export type StagedFile = Omit<LedgerFile, 'dataset' | 'batchId' | 'attempts'> & { readonly fileNumber: number };

/** The files of the batch, as they are staged. */
export function filesOf(temporary: Transaction['temporary']): readonly StagedFile[] {
  return temporary
    .get('staging')
    .filter((row) => row['kind'] === 'F')
    .map(stagedFile);
}

function stagedFile(row: StagedRow): StagedFile {
  const lastModified = row['last_modified'] ?? null;
  return {
    fileNumber: Number(row['file_number']),
    fileId: row['file_id'] ?? '',
    objectId: row['object_id'] ?? '',
    key: row['object_key'] ?? '',
    etag: row['etag'] ?? '',
    eventMs: Number(row['event_time']),
    lastModifiedMs: lastModified === null ? null : Number(lastModified),
    status: row['status'] ?? '',
    errorCode: row['error_code'] ?? null,
    reason: row['reason'] ?? null,
  };
}

/** An event has an entry for each range of times under which it was announced. */
function entryKey({ eventMs, fileId }: LedgerFile): string {
  return `${fileId} ${eventMs}`;
}

function entriesOf(tables: Transaction['tables'], fileId: string): readonly LedgerFile[] {
  return [...tables.ingest_files.rows()].filter((entry) => entry.fileId === fileId);
}

/** The same content, and of songs a version at least as new as the listed one, to the second. */
function isSameObject(entry: LedgerFile, file: ListedFile): boolean {
  if (entry.objectId !== file.objectId || entry.etag !== file.etag) return false;
  if (entry.dataset !== 'songs') return true;
  return Math.floor((entry.lastModifiedMs ?? entry.eventMs) / 1000) >= Math.floor(file.eventMs / 1000);
}

const OF_CONTENT = ['not_json_objects', 'gzip_invalid', 'inflated_too_large'];

/** For another reason than its content: another try may end in another way. */
function isSetAside({ errorCode, status }: LedgerFile): boolean {
  return status === 'quarantined' && !OF_CONTENT.includes(errorCode ?? '');
}

function mayChange({ status }: LedgerFile): boolean {
  return status === 'quarantined' || status === 'missing';
}

function solveSetAside({ tables, temporary }: Transaction, values: Values): undefined {
  const batchId = textValue(values, 'batch_id');
  for (const { etag, lastModifiedMs, objectId, status } of filesOf(temporary)) {
    if (status !== 'loaded') continue;
    for (const entry of [...tables.ingest_files.rows()]) {
      const isOpen = entry.objectId === objectId && isSetAside(entry);
      const isRead = entry.etag === etag || Math.floor(entry.eventMs / 1000) * 1000 <= (lastModifiedMs ?? 0);
      if (!isOpen || !isRead) continue;
      const solved = { status: 'loaded', errorCode: null, reason: null, etag, lastModifiedMs };
      tables.ingest_files.update(entryKey(entry), { ...entry, ...solved, batchId, attempts: entry.attempts + 1 });
    }
  }
  return undefined;
}

function updateSetAside({ tables, temporary }: Transaction, values: Values): undefined {
  const isRead = isIn(values, 'event_times');
  const batchId = textValue(values, 'batch_id');
  for (const file of filesOf(temporary)) {
    const { errorCode, etag, lastModifiedMs, reason, status } = file;
    for (const entry of entriesOf(tables, file.fileId)) {
      if (!isRead(entry.eventMs) || !mayChange(entry)) continue;
      const isNews = status === 'loaded' || (status === 'quarantined' && errorCode !== entry.errorCode);
      if (!isNews) continue;
      const said = { status, errorCode, reason, etag, lastModifiedMs, batchId, attempts: entry.attempts + 1 };
      tables.ingest_files.update(entryKey(entry), { ...entry, ...said });
    }
  }
  return undefined;
}

function publishFiles(transaction: Transaction, values: Values): undefined {
  const { tables, temporary } = transaction;
  const isRead = isIn(values, 'event_times');
  const [batchId, dataset] = [textValue(values, 'batch_id'), textValue(values, 'dataset')];
  for (const file of filesOf(temporary)) {
    const { errorCode, etag, eventMs, fileId, key, lastModifiedMs, objectId, reason, status } = file;
    if (status === 'loaded' && dataset === 'logs') {
      witness(transaction, { objectId, etag, lastModifiedMs: lastModifiedMs ?? 0, sequencer: '' });
    }
    if (entriesOf(tables, fileId).some((entry) => isRead(entry.eventMs))) continue;
    const how = { status, errorCode, reason, batchId, attempts: 1 };
    const entry = { fileId, objectId, key, etag, eventMs, lastModifiedMs, dataset, ...how };
    tables.ingest_files.insert(entryKey(entry), entry);
  }
  return undefined;
}

function publishBatch({ nowMs, tables, temporary }: Transaction, values: Values): undefined {
  const isRead = isIn(values, 'event_times');
  const batchId = textValue(values, 'batch_id');
  const [changes] = temporary.get('staging').filter((row) => row['kind'] === 'C');
  const isSetAsideStill = filesOf(temporary).some(
    ({ fileId, status }) =>
      status === 'loaded' && entriesOf(tables, fileId).some((entry) => isRead(entry.eventMs) && mayChange(entry)),
  );
  if (isSetAsideStill) throw nullRefused('rows_staged');
  if (changes !== undefined && changes['rows_inserted'] === null) throw nullRefused('rows_inserted');
  const before = tables.ingest_batches.get(batchId);
  if (before !== undefined && before.publishedMs >= timeValue(values, 'not_before')) return undefined;
  const changed = (name: string) => Number(changes?.[name] ?? 0);
  tables.ingest_batches.insert(batchId, {
    ...{ batchId, publishedMs: nowMs, restedMs: integerValue(values, 'rested_ms') },
    ...{ source: textValue(values, 'source'), consumer: textValue(values, 'consumer') },
    ...{ staged: integerValue(values, 'rows_staged'), rejected: integerValue(values, 'rows_rejected') },
    ...{ inserted: changed('rows_inserted'), updated: changed('rows_updated'), repaired: changed('rows_repaired') },
  });
  return undefined;
}

function nullRefused(column: string): IngestError {
  return new IngestError('serialization_conflict', `Cannot insert a NULL value into column ${column}`);
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
