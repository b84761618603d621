import type { Difference } from './differences.ts';
import type { VerifyPart } from './part.ts';
import type { QualityCheck } from './quality.ts';

export type TableReport = {
  readonly table: string;
  readonly starRows: number;
  readonly reloadRows: number;
  readonly starOnly: number;
  readonly reloadOnly: number;
  /** Rows beyond the first of their key. */
  readonly doubleKeys: number;
  /** Of the first twenty keys. */
  readonly differences: readonly Difference[];
};

/** A loaded file that cannot be reloaded: it is not in the bucket, its current version cannot be read, or it was retracted. */
export type NotCompared = {
  readonly key: string;
  readonly fate: 'gone' | 'unread' | 'retracted';
  readonly rows: number;
};

/** All objects of the bucket that could not be read for the reload. */
export type UnreadFiles = readonly { readonly key: string; readonly reason: string }[];

export type VerifyReport = {
  /** No difference in any table, and the whole bucket was compared. The contents of `unread` could not be compared. */
  readonly equal: boolean;
  /** No difference in what was compared. */
  readonly consistent: boolean;
  /** The part that was compared, times as in `VerifyPart`; `null`: the whole bucket. */
  readonly part: VerifyPart | null;
  readonly logFiles: number;
  readonly songFiles: number;
  readonly tables: readonly TableReport[];
  /**
   * Loaded files that cannot be reloaded; the first twenty by name. Their rows stay (a retracted file has none). The number and the
   * checksum of each file's rows are compared (`ingest_objects`), but not the values.
   */
  readonly notCompared: { readonly files: number; readonly rows: number; readonly examples: readonly NotCompared[] };
  /** Rows without a source file, loaded by a program older than `sql/schema/010_lineage.sql`. Compared if the bucket has them. */
  readonly withoutLineage: { readonly plays: number; readonly users: number; readonly songs: number };
  /** Quarantined files that cannot be read for the reload either. */
  readonly quarantined: UnreadFiles;
  /** All other unreadable files. */
  readonly unread: UnreadFiles;
  /** The rules that the data itself must keep (`sql/verify/quality`). */
  readonly quality: readonly QualityCheck[];
  /** The objects that the differing rows name: `bucket` and `key`; the first 100,000. */
  readonly differingKeys: readonly string[];
};
