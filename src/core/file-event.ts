/**
 * What a notification or a listing says of one S3 object: a version of it is there, or was deleted. Either is a reason to
 * look at the object, and decides nothing about it. After `core/notification.ts` no code sees an encoded key, a quoted
 * etag or a date string.
 */
export type FileEvent = {
  /** `delete`: somebody deleted the object, or a version of it. A listing names `put` only. */
  readonly change: 'put' | 'delete';
  readonly bucket: string;
  /** Decoded: exactly the key that `GetObject` takes. */
  readonly key: string;
  /** Without quotes; empty for a deletion. */
  readonly etag: string;
  /** `null` on a bucket without versioning. Of a deletion: the version that was deleted, or the delete marker. */
  readonly versionId: string | null;
  /** Hexadecimal, comparable for one key only (left-padded, see `compareSequencers`); `null` from a listing. */
  readonly sequencer: string | null;
  /** Bytes; 0 for a deletion. */
  readonly size: number;
  /** When the change was made: the notification's `eventTime` or the listing's last-modified. Epoch ms. */
  readonly eventTimeMs: number;
};

/** How a batch's file was settled; the words are those of `ingest_files.status` plus `known` (settled earlier). */
export type FileStatus = 'loaded' | 'quarantined' | 'missing' | 'removed' | 'ignored' | 'known';
