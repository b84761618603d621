import type { Dataset } from '../core/dataset.ts';
import type { Row } from '../core/ports.ts';
import { numberOf, numberOrNull, textOf, textOrNull, timeOrNull } from './ask.ts';

/** A committed batch; times are ISO 8601. */
export type BatchEntry = {
  readonly batchId: string;
  readonly dataset: string;
  readonly source: string;
  /** Who asked for it by a command, what, and why; `null`: another source. */
  readonly operator: string | null;
  readonly action: string | null;
  readonly why: string | null;
  readonly closeReason: string;
  readonly consumer: string;
  readonly files: number;
  readonly bytes: number;
  readonly rows: {
    readonly staged: number;
    readonly rejected: number;
    readonly inserted: number;
    readonly updated: number;
    readonly repaired: number;
    readonly removed: number;
  };
  readonly objectsAdded: number;
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  readonly publishedAt: string | null;
  /** How long the rest before the batch delayed it, and how long each stage took; `null`: the stage did not run, or is not known. */
  readonly restedMs: number;
  readonly stageMs: {
    readonly read: number | null;
    readonly stage: number | null;
    readonly publish: number | null;
  };
  readonly manifestUri: string | null;
  /** Of the COPY in the warehouse. */
  readonly queryIds: readonly number[];
};

/** A row of `20_batches.sql` or `22_batch.sql`. */
export function batchEntry(row: Row): BatchEntry {
  const at = (column: string) => timeOrNull(row, column);
  const between = (from: string | null, until: string | null) =>
    from === null || until === null ? null : Math.max(0, Date.parse(until) - Date.parse(from));
  const [closed, read, staged] = [at('closed_at'), at('read_at'), at('staged_at')];
  return {
    batchId: textOf(row, 'batch_id'),
    dataset: textOf(row, 'dataset'),
    source: textOf(row, 'source'),
    operator: textOrNull(row, 'operator'),
    action: textOrNull(row, 'action'),
    why: textOrNull(row, 'why'),
    closeReason: textOf(row, 'close_reason'),
    consumer: textOf(row, 'consumer'),
    files: numberOf(row, 'files'),
    bytes: numberOf(row, 'bytes'),
    rows: {
      staged: numberOf(row, 'rows_staged'),
      rejected: numberOf(row, 'rows_rejected'),
      inserted: numberOf(row, 'rows_inserted'),
      updated: numberOf(row, 'rows_updated'),
      repaired: numberOf(row, 'rows_repaired'),
      removed: numberOf(row, 'rows_removed'),
    },
    objectsAdded: numberOf(row, 'objects_added'),
    openedAt: at('opened_at'),
    closedAt: closed,
    publishedAt: at('published_at'),
    restedMs: numberOf(row, 'rested_ms'),
    stageMs: {
      read: between(closed, read),
      stage: between(read, staged),
      publish: between(staged, at('published_at')),
    },
    manifestUri: textOrNull(row, 'manifest_uri'),
    queryIds: (textOrNull(row, 'query_ids') ?? '')
      .split(',')
      .filter((id) => id !== '')
      .map(Number),
  };
}

/** An entry of the ledger: an object version, as one notification or listing announced it. */
export type FileEntry = {
  readonly bucket: string;
  readonly key: string;
  readonly objectId: string;
  readonly fileId: string;
  readonly etag: string;
  readonly versionId: string | null;
  readonly size: number;
  readonly dataset: string;
  readonly status: string;
  readonly batchId: string;
  readonly attempts: number;
  readonly errorCode: string | null;
  readonly reason: string | null;
  readonly eventAt: string | null;
  readonly lastModified: string | null;
  readonly firstSeenAt: string | null;
  readonly settledAt: string | null;
};

/** A row of `50_versions.sql`, `52_files.sql` or `54_files_of_batch.sql`. */
export function fileEntry(row: Row): FileEntry {
  return {
    bucket: textOf(row, 'bucket'),
    key: textOf(row, 'object_key'),
    objectId: textOf(row, 'object_id'),
    fileId: textOf(row, 'file_id'),
    etag: textOf(row, 'etag'),
    versionId: textOrNull(row, 'version_id'),
    size: numberOf(row, 'size'),
    dataset: textOf(row, 'dataset'),
    status: textOf(row, 'status'),
    batchId: textOf(row, 'batch_id'),
    attempts: numberOf(row, 'attempts'),
    errorCode: textOrNull(row, 'error_code'),
    reason: textOrNull(row, 'reason'),
    eventAt: timeOrNull(row, 'event_time'),
    lastModified: timeOrNull(row, 'last_modified'),
    firstSeenAt: timeOrNull(row, 'first_seen_at'),
    settledAt: timeOrNull(row, 'settled_at'),
  };
}

/** An object that a person should look at: `status` is `quarantined`, or `loaded` with rejected rows. */
export type OpenEntry = {
  readonly dataset: string;
  readonly bucket: string;
  readonly key: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly reason: string | null;
  readonly rowsRejected: number;
  readonly batchId: string;
  readonly settledAt: string | null;
};

/** A row of `30_open.sql`. */
export function openEntry(row: Row): OpenEntry {
  return {
    dataset: textOf(row, 'dataset'),
    bucket: textOf(row, 'bucket'),
    key: textOf(row, 'object_key'),
    status: textOf(row, 'status'),
    errorCode: textOrNull(row, 'error_code'),
    reason: textOrNull(row, 'reason'),
    rowsRejected: numberOf(row, 'rows_rejected'),
    batchId: textOf(row, 'batch_id'),
    settledAt: timeOrNull(row, 'settled_at'),
  };
}

export type RejectedEntry = {
  readonly bucket: string | null;
  readonly key: string | null;
  readonly lineNumber: number | null;
  readonly column: string;
  readonly reason: string;
  /** The beginning of the row. */
  readonly text: string | null;
  readonly dataset: Dataset;
  readonly batchId: string;
  readonly rejectedAt: string | null;
};

/** A row of `60_rejected_of_object.sql`, `62_rejected.sql` or `64_rejected_of_batch.sql`. */
export function rejectedEntry(row: Row): RejectedEntry {
  return {
    bucket: textOrNull(row, 'bucket'),
    key: textOrNull(row, 'object_key'),
    lineNumber: numberOrNull(row, 'line_number'),
    column: textOf(row, 'column_name'),
    reason: textOf(row, 'reason'),
    text: textOrNull(row, 'row_text'),
    dataset: textOf(row, 'dataset') === 'songs' ? 'songs' : 'logs',
    batchId: textOf(row, 'batch_id'),
    rejectedAt: timeOrNull(row, 'rejected_at'),
  };
}
