import { createHash } from 'node:crypto';
import type { FileEvent } from './file-event.ts';
import { fileIdentity } from './file-identity.ts';
import type { Batch } from './load.ts';
import type { ObjectVersion } from './ports.ts';
import { printable } from './printable.ts';
import type { TimeRange } from './time-ranges.ts';
import { TimeRanges } from './time-ranges.ts';

/** A file of a batch with its number in it, from 1. The number stands for the file in everything the load writes. */
export type NumberedFile = { readonly fileNumber: number; readonly file: FileEvent };

/** What became of a file. */
export type FileOutcome = {
  readonly fileNumber: number;
  /** `unread`: the batch has no room left for the file, and another batch loads it. */
  readonly status: 'loaded' | 'quarantined' | 'missing' | 'removed' | 'ignored' | 'unread';
  /** Stable word for the program: `not_json_objects`, `gzip_invalid`, `object_denied`, `refused_by_warehouse`, … */
  readonly errorCode: string | null;
  readonly reason: string | null;
  /** The version as S3 answered; `null` where S3 did not say: then the notice's word stands. */
  readonly version: ObjectVersion | null;
};

/** Bytes that the ledger's columns take of a file (`sql/schema/001_bookkeeping.sql`). */
export const LEDGER_BYTES = { bucket: 63, objectKey: 1024, etag: 80, versionId: 1024, reason: 1024 } as const;

export function numbered(batch: Batch): readonly NumberedFile[] {
  return batch.files.map((file, index) => ({ fileNumber: index + 1, file }));
}

/**
 * `ingest_files.file_id`: MD5 of bucket, key, version, etag and sequencer. Without a sequencer (a listing) the time of the
 * version takes its place: content that is put again is another version, and the ledger asks for an entry by its time.
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
 * `object_key` in the ledger and wherever else the warehouse names an object: the key itself. One with a NUL, which S3 can
 * hold and no text column can, stands there in a printable form, cut to the column: a name for people. What tells objects
 * apart is `objectId`.
 */
export function storableKey(key: string): string {
  return key.includes('\0') ? cutToBytes(printable(key), LEDGER_BYTES.objectKey) : key;
}

/**
 * A sequencer as the warehouse compares it: upper case, 32 digits, zeros on the left. Zeros when it is not known, so that
 * any notification of the same second counts as newer than a listing.
 */
export function paddedSequencer(sequencer: string | null): string {
  return (sequencer ?? '').toUpperCase().padStart(32, '0');
}

/** The list of a listing's files for COPY into `listed_files`: one JSON object a line. */
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
 * A file of the batch as a row of staging (kind `F`): the version that was read where S3 delivered one, and the notice's word
 * where not. A reason may quote a key: the reason is made printable and cut to the column.
 */
export function fileRow({ file, fileNumber }: NumberedFile, { errorCode, reason, status, version }: FileOutcome) {
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
  };
}

/**
 * Two notices of one version need not carry the same time: S3 gives milliseconds, EventBridge the whole second, and neither
 * says that they are of one clock (Amazon S3 User Guide, "Event message structure" and "EventBridge event message
 * structure"). The range is so much wider on both sides that every entry of the batch's versions lies in it.
 */
const NOTICES_APART_MS = 600_000;

/** The ranges of event times in which the ledger has the entries of a batch's files; the ledger is asked for these only. */
export function eventTimes(files: readonly NumberedFile[]): readonly TimeRange[] {
  const times = new TimeRanges();
  for (const { file } of files) times.add(file.eventTimeMs);
  return times.all.map(({ maxMs, minMs }) => ({ minMs: minMs - NOTICES_APART_MS, maxMs: maxMs + NOTICES_APART_MS }));
}

/** The longest beginning of a text that fits so many UTF-8 bytes, cut between characters. */
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
