import { createHash } from 'node:crypto';
import type { FileEvent } from '../file-event.ts';
import { fileIdentity } from '../file-identity.ts';
import type { Batch } from '../load.ts';
import type { ObjectVersion } from '../ports.ts';
import { printable } from '../printable.ts';
import type { TimeRange } from '../time-ranges.ts';
import { TimeRanges } from '../time-ranges.ts';

/** A file of a batch and its number in the batch, from 1. Everything the load writes refers to the file by its number. */
export type NumberedFile = { readonly fileNumber: number; readonly file: FileEvent };

/** The outcome of a file. */
export type FileOutcome = {
  readonly fileNumber: number;
  /** `unread`: the batch is full, and another batch loads the file. `released`: as in `FileTrouble`. */
  readonly status: 'loaded' | 'quarantined' | 'missing' | 'removed' | 'ignored' | 'unread' | 'released';
  /** Stable word for the program: `not_json_objects`, `gzip_invalid`, `object_denied`, `refused_by_warehouse`, … */
  readonly errorCode: string | null;
  readonly reason: string | null;
  /** The version that S3 delivered; `null` if S3 delivered none, then the notification's version counts. */
  readonly version: ObjectVersion | null;
  /** Rejected rows of the version, stored or not; absent: none. */
  readonly rejected?: number;
};

/** Widths of the ledger's text columns in bytes (`sql/schema/001_bookkeeping.sql`). */
export const LEDGER_BYTES = { bucket: 63, objectKey: 1024, etag: 80, versionId: 1024, reason: 1024 } as const;

export function numbered(batch: Batch): readonly NumberedFile[] {
  return batch.files.map((file, index) => ({ fileNumber: index + 1, file }));
}

/**
 * `ingest_files.file_id`: MD5 of bucket, key, version, etag and sequencer. A listing has no sequencer; the time of the version
 * replaces it, because the same content uploaded again is another version.
 */
export function fileId(file: FileEvent): string {
  const identity = fileIdentity(file);
  return md5(file.sequencer === null ? `${identity} ${file.eventTimeMs}` : identity);
}

/** `ingest_files.object_id` and `song_sources.source_id`: MD5 of bucket and key. */
export function objectId(object: { readonly bucket: string; readonly key: string }): string {
  return md5(JSON.stringify([object.bucket, object.key]));
}

/**
 * `object_key` in all tables: the key itself. A key with a NUL, which no text column can hold, is stored in a printable form, cut
 * to the column. The column is for people; `objectId` identifies an object.
 */
export function storableKey(key: string): string {
  return key.includes('\0') ? cutToBytes(printable(key), LEDGER_BYTES.objectKey) : key;
}

/** A sequencer as the ledger stores it, in whichever form it was announced: upper case, with zeros before it to 32 digits. */
export function paddedSequencer(sequencer: string): string {
  return sequencer.toUpperCase().padStart(32, '0');
}

/** The list of a listing's files for COPY into `sparkify_listed_files`: one JSON object a line. */
export function fileListBody(files: readonly NumberedFile[]): string {
  const rows = files.map(({ fileNumber, file }) => ({
    file_number: String(fileNumber),
    object_id: objectId(file),
    etag: file.etag,
    event_time: String(file.eventTimeMs),
  }));
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/**
 * A file of the batch as a row of staging (kind `F`), with the version that S3 delivered, or else the notification's version. A
 * reason may quote a key, so it is made printable and cut to the column.
 */
export function fileRow({ file, fileNumber }: NumberedFile, outcome: FileOutcome) {
  const { errorCode, reason, rejected = 0, status, version } = outcome;
  return {
    kind: 'F',
    file_number: String(fileNumber),
    file_id: fileId(file),
    object_id: objectId(file),
    bucket: file.bucket,
    object_key: storableKey(file.key),
    etag: version?.etag ?? file.etag,
    version_id: file.versionId,
    sequencer: file.sequencer === null ? '' : paddedSequencer(file.sequencer),
    size: String(version?.size ?? file.size),
    event_time: String(file.eventTimeMs),
    last_modified: version === null ? null : String(version.lastModifiedMs),
    status,
    error_code: errorCode,
    reason: reason === null ? null : cutToBytes(printable(reason), LEDGER_BYTES.reason),
    rows_rejected: String(rejected),
  };
}

/**
 * Two notifications of one version may carry different times: S3 gives milliseconds, EventBridge whole seconds, perhaps of another
 * clock (Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure"). Ranges are widened by this
 * on both sides, so that they contain every entry of the batch's versions.
 */
const NOTICES_APART_MS = 600_000;

/** The ranges of event times that contain the ledger entries of a batch's files. Only these are read. */
export function eventTimes(files: readonly NumberedFile[]): readonly TimeRange[] {
  const times = new TimeRanges();
  for (const { file } of files) times.add(file.eventTimeMs);
  return times.all.map(({ maxMs, minMs }) => ({ minMs: minMs - NOTICES_APART_MS, maxMs: maxMs + NOTICES_APART_MS }));
}

/** The longest prefix of a text that fits into `maxBytes` of UTF-8, cut between characters. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
