/**
 * What a notification or a listing says about one S3 object: a version exists, or was deleted. Either is only a reason to read
 * the object. Keys are decoded, etags have no quotes, and times are numbers everywhere after `core/intake/notification.ts`.
 */
export type FileEvent = {
  /** `delete`: the object, or a version of it, was deleted. A listing has only `put`. */
  readonly change: 'put' | 'delete';
  readonly bucket: string;
  /** Decoded: exactly the key that `GetObject` takes. */
  readonly key: string;
  /** Without quotes; empty for a deletion. */
  readonly etag: string;
  /** `null` on a bucket without versioning. Of a deletion: the version that was deleted, or the delete marker. */
  readonly versionId: string | null;
  /** Hexadecimal: tells two events of a key apart; never compared. `null` from a listing. */
  readonly sequencer: string | null;
  /** Bytes; 0 for a deletion. */
  readonly size: number;
  /** When the change was made: the notification's `eventTime` or the listing's last-modified. Epoch ms. */
  readonly eventTimeMs: number;
};

/**
 * How a batch's file was settled; the words are those of `ingest_files.status` plus `known` (settled earlier) and `retracted` (a person
 * retracted this version, and the batch left it alone).
 */
export type FileStatus = 'loaded' | 'quarantined' | 'missing' | 'removed' | 'ignored' | 'known' | 'retracted';
