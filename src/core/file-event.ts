/**
 * One version of one S3 object, as a notification or a listing named it. After `core/notification.ts` no code sees an
 * encoded key, a quoted etag or a date string.
 */
export type FileEvent = {
  readonly bucket: string;
  /** Decoded: exactly the key that `GetObject` takes. */
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** `null` on a bucket without versioning. */
  readonly versionId: string | null;
  /** Hexadecimal, comparable for one key only (left-padded, see `compareSequencers`); `null` from a listing. */
  readonly sequencer: string | null;
  /** Bytes. */
  readonly size: number;
  /** When this version came to be: the notification's `eventTime` or the listing's last-modified. Epoch ms. */
  readonly eventTimeMs: number;
};

/** How a batch's file was settled; the words are those of `ingest_files.status` plus `known` (settled earlier). */
export type FileStatus = 'loaded' | 'quarantined' | 'missing' | 'ignored' | 'known';
