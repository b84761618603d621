import type { LedgerFile } from './tables.ts';
import type { StagedRow } from './temporary.ts';
import type { Transaction } from './transaction.ts';

/** A row of kind `F`. */
export type StagedFile = Omit<LedgerFile, 'dataset' | 'batchId' | 'attempts'> & {
  readonly fileNumber: number;
  readonly bucket: string;
  readonly rejected: number;
};

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
    bucket: row['bucket'] ?? '',
    key: row['object_key'] ?? '',
    etag: row['etag'] ?? '',
    eventMs: Number(row['event_time']),
    lastModifiedMs: lastModified === null ? null : Number(lastModified),
    status: row['status'] ?? '',
    errorCode: row['error_code'] ?? null,
    reason: row['reason'] ?? null,
    rejected: Number(row['rows_rejected']),
  };
}
