import { IngestError } from '../../src/core/errors.ts';
import type { Row } from '../../src/core/ports.ts';
import { UNREADABLE_CONTENT_CODES } from '../../src/reader/unreadable-content.ts';
import type { BatchObject, ListedFile } from './temporary.ts';
import type { LedgerBatch, LedgerFile, LiveObject } from './tables.ts';
import type { Step, Transaction, Values } from './transaction.ts';
import { integerValue, isIn, textValue, timeValue } from './transaction.ts';
import { lookAtObjects, markSeenAgain, replaceObjects } from './live-objects.ts';
import { filesOf } from './staged-files.ts';
import { sqlTime } from './values.ts';

/** `sql/load/know` and `sql/load/ledger`, file by file. */
export const LEDGER_STEPS: Readonly<Record<string, Step>> = {
  'load/know/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop(['sparkify_listed_files', 'sparkify_retracted', 'sparkify_retraction']);
    return undefined;
  },
  'load/know/10_create_listed_files.sql': ({ temporary }) => {
    temporary.set('sparkify_listed_files', []);
    return undefined;
  },
  'load/know/30_known_backfill.sql': ({ tables, temporary }) => {
    const entries = [...tables.ingest_files.rows()];
    const quarantined = new Set(entries.filter(mayBeReadable).map(({ objectId }) => objectId));
    return temporary.get('sparkify_listed_files').flatMap((file) => {
      if (quarantined.has(file.objectId)) return [];
      const same = entries.filter((entry) => isSettled(entry, file, tables.ingest_objects.get(file.objectId)));
      const live = tables.ingest_objects.get(file.objectId);
      const isRetracted = live?.status === 'retracted' && isListedVersion(live, file);
      const status = isRetracted ? 'retracted' : smallest(same.map((e) => e.status));
      const batchId = smallest(same.map((e) => e.batchId));
      return status === null || batchId === null ? [] : [{ file_number: file.fileNumber, status, batch_id: batchId }];
    });
  },
  'load/know/60_settled_files.sql': ({ tables }) => [
    { settled: [...tables.ingest_files.rows()].some(({ status }) => status !== 'ignored') ? 1 : 0 },
  ],
  'load/ledger/05_committed_batch.sql': ({ nowMs, tables }, values) => {
    const batch = tables.ingest_batches.get(textValue(values, 'batch_id'));
    if (batch === undefined || batch.publishedMs < timeValue(values, 'not_before')) return [];
    const isLive = (one: LedgerBatch): boolean => one.source === 'live' && one.publishedMs >= nowMs - 600_000;
    const live = [...tables.ingest_batches.rows()].filter(isLive);
    return [{ ...countsRow(batch), live_consumers: new Set(live.map(({ consumer }) => consumer)).size }];
  },
  'load/ledger/10_known.sql': knownFiles,
  'load/ledger/20_batch_objects.sql': lookAtObjects,
  'load/ledger/35_replaced_objects.sql': replaceObjects,
  'load/ledger/36_seen_again.sql': markSeenAgain,
  'load/ledger/38_superseded_files.sql': supersede,
  'load/ledger/40_solve_quarantined.sql': solveQuarantined,
  'load/ledger/50_changed_files.sql': updateChanged,
  'load/ledger/60_files.sql': publishFiles,
  'load/ledger/70_rejected_rows.sql': ({ tables, temporary }) => {
    const files = new Map(filesOf(temporary).map((file) => [file.fileNumber, file]));
    for (const row of temporary.get('staging')) {
      const file = files.get(Number(row['file_number']));
      const id = row['rejected_id'] ?? '';
      if (row['kind'] !== 'R' || file === undefined || tables.rejected_rows.get(id) !== undefined) continue;
      const { fileId, key, objectId } = file;
      const [column, text] = [row['column_name'] ?? '', row['row_text'] ?? ''];
      tables.rejected_rows.insert(id, { id, objectId, key, line: Number(row['line_number']), column, text, fileId });
    }
    return undefined;
  },
  'load/ledger/72_closed.sql': closeOpen,
  'load/ledger/74_open.sql': openFound,
  // Status alone reads the totals.
  'load/ledger/76_totals.sql': () => undefined,
  'load/ledger/80_batch.sql': publishBatch,
};

/** An event has an entry for each range of times under which it was announced. */
function entryKey({ eventMs, fileId }: LedgerFile): string {
  return `${fileId} ${eventMs}`;
}

function entriesOf(tables: Transaction['tables'], fileId: string): readonly LedgerFile[] {
  return [...tables.ingest_files.rows()].filter((entry) => entry.fileId === fileId);
}

/**
 * The same content, and it could not be loaded, or the listed version is the live one, or a person retracted it. A log that a program
 * from before the lineage loaded has no live version.
 */
function isSettled(entry: LedgerFile, file: ListedFile, live: LiveObject | undefined): boolean {
  if (entry.objectId !== file.objectId || entry.etag !== file.etag) return false;
  if (entry.status === 'missing' || entry.status === 'ignored') return false;
  if (entry.status === 'quarantined') return true;
  const listedMs = Math.floor(file.eventMs / 1000) * 1000;
  if (live === undefined) return entry.status === 'loaded' && (entry.lastModifiedMs ?? entry.eventMs) >= listedMs;
  return live.status !== 'removed' && isListedVersion(live, file);
}

function isListedVersion(live: LiveObject, { etag, eventMs }: ListedFile): boolean {
  return live.etag === etag && live.lastModifiedMs === Math.floor(eventMs / 1000) * 1000;
}

const OF_CONTENT: readonly string[] = UNREADABLE_CONTENT_CODES;

/** For another reason than its content: another try may end in another way. */
function mayBeReadable({ errorCode, status }: LedgerFile): boolean {
  return status === 'quarantined' && !OF_CONTENT.includes(errorCode ?? '');
}

function mayChange({ status }: LedgerFile): boolean {
  return status === 'quarantined' || status === 'missing';
}

/** `is_live` 0: a backfill, which asked before, or a reload, which reads again. */
function knownFiles({ tables, temporary }: Transaction, values: Values): readonly Row[] {
  const isRead = isIn(values, 'event_times');
  const isLive = integerValue(values, 'is_live') === 1;
  const batch = textValue(values, 'batch_id');
  const isKnown = (entry: LedgerFile) => isRead(entry.eventMs) && (isLive || entry.batchId === batch);
  const live = temporary.get('sparkify_objects').filter(({ change }) => change !== 'new');
  return filesOf(temporary).flatMap(({ fileId, fileNumber, objectId }) => {
    const object = live.find((one) => one.fileNumber === fileNumber);
    const entries = entriesOf(tables, fileId).filter(isKnown);
    const isOpen = tables.ingest_open.get(objectId) !== undefined;
    if (entries.length === 0 && object === undefined && !isOpen) return [];
    const was = object?.was ?? null;
    const replaces = {
      change: object?.change ?? null,
      was_status: was?.status ?? null,
      object_key: object?.key ?? null,
      was_rows_kept: was?.rowsKept ?? null,
      was_first_event_at: timeText(was?.firstMs ?? null),
      was_last_event_at: timeText(was?.lastMs ?? null),
      is_open: isOpen ? 1 : 0,
    };
    const known = entries.length === 0 ? [null] : entries;
    return known.map((entry) => {
      return { file_number: fileNumber, status: entry?.status ?? null, batch_id: entry?.batchId ?? null, ...replaces };
    });
  });
}

function timeText(atMs: number | null): string | null {
  return atMs === null ? null : sqlTime(atMs);
}

/** Not the version that is live already, which a reload reads once more. */
function isAnother({ change, etag, lastModifiedMs, status, was }: BatchObject): boolean {
  return change === 'newer' && (status !== 'live' || etag !== was?.etag || lastModifiedMs !== was.lastModifiedMs);
}

function supersede({ tables, temporary }: Transaction): undefined {
  const objects = new Map(temporary.get('sparkify_objects').map((object) => [object.objectId, object]));
  for (const [key, entry] of tables.ingest_files.entries()) {
    const object = objects.get(entry.objectId);
    if (object === undefined || entry.status !== 'loaded') continue;
    const isReplaced = isAnother(object) || (object.change === 'new' && entry.etag !== object.etag);
    if (isReplaced) tables.ingest_files.update(key, { ...entry, status: 'superseded' });
  }
  return undefined;
}

function solveQuarantined({ tables, temporary }: Transaction, values: Values): undefined {
  const batchId = textValue(values, 'batch_id');
  for (const { etag, lastModifiedMs, objectId, status } of filesOf(temporary)) {
    if (status !== 'loaded') continue;
    for (const entry of [...tables.ingest_files.rows()]) {
      const isOpen = entry.objectId === objectId && mayBeReadable(entry);
      const isRead = entry.etag === etag || Math.floor(entry.eventMs / 1000) * 1000 <= (lastModifiedMs ?? 0);
      if (!isOpen || !isRead) continue;
      const solved = { status: 'loaded', errorCode: null, reason: null, etag, lastModifiedMs };
      tables.ingest_files.update(entryKey(entry), { ...entry, ...solved, batchId, attempts: entry.attempts + 1 });
    }
  }
  return undefined;
}

function updateChanged({ tables, temporary }: Transaction, values: Values): undefined {
  const isRead = isIn(values, 'event_times');
  const batchId = textValue(values, 'batch_id');
  for (const file of filesOf(temporary)) {
    const { errorCode, etag, lastModifiedMs, reason, status } = file;
    for (const entry of entriesOf(tables, file.fileId)) {
      const isBack = entry.status === 'superseded' && status === 'loaded';
      if (!isRead(entry.eventMs) || !(mayChange(entry) || isBack)) continue;
      const isNews =
        status === 'loaded' || status === 'removed' || (status === 'quarantined' && errorCode !== entry.errorCode);
      if (!isNews) continue;
      const said = { status, errorCode, reason, etag, lastModifiedMs, batchId, attempts: entry.attempts + 1 };
      tables.ingest_files.update(entryKey(entry), { ...entry, ...said });
    }
  }
  return undefined;
}

function publishFiles({ tables, temporary }: Transaction, values: Values): undefined {
  const isRead = isIn(values, 'event_times');
  const [batchId, dataset] = [textValue(values, 'batch_id'), textValue(values, 'dataset')];
  for (const file of filesOf(temporary)) {
    const { errorCode, etag, eventMs, fileId, key, lastModifiedMs, objectId, reason, status } = file;
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
  const before = tables.ingest_batches.get(batchId);
  const isPublished = before !== undefined && before.publishedMs >= timeValue(values, 'not_before');
  const isFaulty = [...Map.groupBy(filesOf(temporary), ({ fileId }) => fileId)].some(([fileId, files]) => {
    const entries = entriesOf(tables, fileId).filter(({ eventMs }) => isRead(eventMs));
    const isMade = entries.some((entry) => entry.batchId === batchId && entry.attempts === 1);
    const isLoaded = files.some(({ status }) => status === 'loaded' || status === 'removed');
    return (entries.length * files.length > 1 && isMade) || (isLoaded && entries.some(mayChange));
  });
  const isOtherLive = temporary.get('doubles').some(({ table }) => table === 'ingest_objects');
  if (isFaulty || isPublished || isOtherLive) throw nullRefused('rows_staged');
  if (changes !== undefined && changes['rows_inserted'] === null) throw nullRefused('rows_inserted');
  const [dataset, objectsRemoved] = [textValue(values, 'dataset'), integerValue(values, 'objects_removed')];
  const isLately = (one: LedgerBatch) => one.dataset === dataset && one.publishedMs >= nowMs - 3_600_000;
  const lately = [...tables.ingest_batches.rows()].filter(isLately);
  const removed = lately.reduce((sum, one) => sum + one.objectsRemoved, objectsRemoved);
  if (removed > integerValue(values, 'removals_max')) {
    throw new IngestError('removals_stopped', 'Cannot insert a NULL value into column objects_removed');
  }
  const changed = (name: string) => Number(changes?.[name] ?? 0);
  tables.ingest_batches.insert(batchId, {
    ...{ batchId, publishedMs: nowMs, restedMs: integerValue(values, 'rested_ms') },
    ...{ source: textValue(values, 'source'), consumer: textValue(values, 'consumer') },
    ...{ staged: integerValue(values, 'rows_staged'), rejected: integerValue(values, 'rows_rejected') },
    ...{ inserted: changed('rows_inserted'), updated: changed('rows_updated'), repaired: changed('rows_repaired') },
    removed: changed('rows_removed'),
    objectsAdded: objectsAdded(temporary.get('sparkify_objects')),
    ...{ dataset, objectsRemoved },
  });
  return undefined;
}

function objectsAdded(objects: readonly BatchObject[]): number {
  const changed = objects.filter(({ change }) => change !== 'same');
  const live = (some: readonly (string | undefined)[]) => some.filter((status) => status === 'live').length;
  return live(changed.map(({ status }) => status)) - live(changed.map(({ was }) => was?.status));
}

function closeOpen({ tables, temporary }: Transaction): undefined {
  for (const { objectId, status } of filesOf(temporary)) {
    const isLooked = ['loaded', 'quarantined', 'missing', 'removed'].includes(status);
    if (isLooked && tables.ingest_open.get(objectId) !== undefined) tables.ingest_open.delete(objectId);
  }
  return undefined;
}

function openFound({ tables, temporary }: Transaction, values: Values): undefined {
  const [batchId, dataset] = [textValue(values, 'batch_id'), textValue(values, 'dataset')];
  const seen = new Set<string>();
  for (const file of filesOf(temporary).toSorted((a, b) => a.fileNumber - b.fileNumber)) {
    const { errorCode, key, objectId, rejected, status } = file;
    if ((status !== 'loaded' && status !== 'quarantined') || seen.has(objectId)) continue;
    seen.add(objectId);
    if (tables.ingest_open.get(objectId) !== undefined || (status === 'loaded' && rejected === 0)) continue;
    tables.ingest_open.insert(objectId, { objectId, dataset, key, status, errorCode, rejected, batchId });
  }
  return undefined;
}

function nullRefused(column: string): IngestError {
  return new IngestError('overtaken', `Cannot insert a NULL value into column ${column}`);
}

function countsRow(counts: LedgerBatch): Row {
  return {
    rows_staged: counts.staged,
    rows_rejected: counts.rejected,
    rows_inserted: counts.inserted,
    rows_updated: counts.updated,
    rows_repaired: counts.repaired,
    rows_removed: counts.removed,
  };
}

function smallest(texts: readonly string[]): string | null {
  return texts.toSorted()[0] ?? null;
}
