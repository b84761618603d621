import type { BatchObject } from './temporary.ts';
import type { StagedFile } from './staged-files.ts';
import { filesOf } from './staged-files.ts';
import type { LiveObject, TableName } from './tables.ts';
import { DoubleRow } from './tables.ts';
import type { Transaction, Values } from './transaction.ts';
import { integerValue, textValue } from './transaction.ts';

/** `20_batch_objects.sql`. */
export function lookAtObjects({ tables, temporary }: Transaction, values: Values): undefined {
  const isWanted = {
    live: integerValue(values, 'reloads') === 1,
    retracted: integerValue(values, 'undoes_retraction') === 1,
  };
  const objects = new Map<string, BatchObject>();
  for (const file of filesOf(temporary).toSorted((a, b) => a.fileNumber - b.fileNumber)) {
    const { etag, fileNumber, key, lastModifiedMs, objectId } = file;
    if ((file.status !== 'loaded' && file.status !== 'removed') || objects.has(objectId)) continue;
    const was = tables.ingest_objects.get(objectId) ?? null;
    const status = statusOf(file);
    const object = { objectId, fileNumber, bucket: file.bucket, key, etag, lastModifiedMs, status, was };
    objects.set(objectId, { ...object, change: changeOf(file, was, isWanted) });
  }
  temporary.set('sparkify_objects', [...objects.values()]);
  return undefined;
}

function statusOf({ errorCode, status }: StagedFile): string {
  if (status === 'loaded') return 'live';
  return errorCode === 'retracted' ? 'retracted' : 'removed';
}

/** @param isWanted by status: whether the version is loaded again. */
function changeOf(
  file: StagedFile,
  was: LiveObject | null,
  isWanted: { readonly live: boolean; readonly retracted: boolean },
): BatchObject['change'] {
  if (file.status === 'removed') return was === null || was.status === 'live' ? 'newer' : 'same';
  if (was === null) return 'new';
  const isSame = was.status !== 'removed' && was.etag === file.etag && was.lastModifiedMs === file.lastModifiedMs;
  return isSame && !isWanted[was.status === 'retracted' ? 'retracted' : 'live'] ? 'same' : 'newer';
}

/** `35_replaced_objects.sql`: only the version that the stage step saw goes. */
export function replaceObjects({ tables, temporary }: Transaction): undefined {
  for (const { change, objectId, was } of temporary.get('sparkify_objects')) {
    const live = tables.ingest_objects.get(objectId);
    if (change === 'newer' && live !== undefined && live.batchId === was?.batchId)
      tables.ingest_objects.delete(objectId);
  }
  return undefined;
}

/** `36_seen_again.sql`: what another transaction replaced is for the guard of the ledger. */
export function markSeenAgain({ tables, temporary }: Transaction, values: Values): undefined {
  const batchId = textValue(values, 'batch_id');
  for (const { change, objectId, was } of temporary.get('sparkify_objects')) {
    const live = tables.ingest_objects.get(objectId);
    if (change !== 'same' || live === undefined) continue;
    if (live.batchId === was?.batchId) tables.ingest_objects.update(objectId, { ...live, batchId });
    else {
      const double = { table: 'ingest_objects' as const, key: objectId, atMs: null };
      temporary.set('doubles', [...temporary.get('doubles'), double]);
    }
  }
  return undefined;
}

/** `40_objects.sql` and `60_objects.sql`. */
export function publishObjects(
  transaction: Transaction,
  values: Values,
  rowsOf: (objectId: string) => Pick<LiveObject, 'rowsKept' | 'rowsSum' | 'firstMs' | 'lastMs' | 'dataset'>,
): undefined {
  const batchId = textValue(values, 'batch_id');
  for (const { change, etag, key, lastModifiedMs, objectId, status, was } of transaction.temporary.get(
    'sparkify_objects',
  )) {
    if (change === 'same') continue;
    const version =
      status === 'live'
        ? { etag, lastModifiedMs: lastModifiedMs ?? 0 }
        : { etag: was?.etag ?? '', lastModifiedMs: was?.lastModifiedMs ?? 0 };
    insertOnce(transaction, 'ingest_objects', objectId, {
      objectId,
      key,
      ...version,
      status,
      ...rowsOf(objectId),
      batchId,
    });
  }
  return undefined;
}

/** Objects whose live versions the batch replaces or takes back. */
export function replacedIds({ temporary }: Transaction): ReadonlySet<string> {
  return new Set(
    temporary.get('sparkify_objects').flatMap(({ change, objectId }) => (change === 'newer' ? [objectId] : [])),
  );
}

/** Inserts a row; one that is there twice is for the guard of the dataset. */
export function insertOnce<T extends TableName>(
  { tables, temporary }: Transaction,
  name: T,
  key: string,
  row: Parameters<Transaction['tables'][T]['insert']>[1],
): void {
  const table = tables[name] as { get(key: string): unknown; insert(key: string, row: unknown): void };
  if (table.get(key) === undefined) table.insert(key, row);
  else {
    const atMs = 'startMs' in row ? row.startMs : null;
    temporary.set('doubles', [...temporary.get('doubles'), { table: name, key, atMs }]);
  }
}

/**
 * Whether the guard of a dataset lets the transaction go on: of the append plan, no play stands twice in the ranges that the guard
 * reads.
 *
 * @param isRead of the append plan.
 * @throws DoubleRow when a table has a row twice and no guard sees it.
 */
export function isGuarded({ temporary }: Transaction, isRead?: (atMs: number) => boolean): boolean {
  const doubles = temporary.get('doubles');
  // The guard of the ledger ends the transaction.
  if (doubles.some(({ table }) => table === 'ingest_objects')) return true;
  const isSeen = ({ atMs, table }: (typeof doubles)[number]) =>
    table === 'songplays' && atMs !== null && isRead?.(atMs) === true;
  if (doubles.some(isSeen)) return false;
  for (const { key, table } of doubles) throw new DoubleRow(table, key);
  return true;
}
