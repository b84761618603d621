import type { Dataset } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore, Warehouse } from '../core/ports.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import type { VerifyPart } from './part.ts';
import type { VerifyBucket } from './reload-files.ts';

/** What a comparison works with. */
export type VerifyInput = {
  readonly warehouse: Warehouse;
  readonly library: SqlLibrary;
  readonly store: ObjectStore;
  readonly bucket: VerifyBucket;
  readonly schema: string;
  readonly copyRoleArn: string;
  /** The keys of the log files; absent: the usual keys. */
  readonly logKeyNames?: LogKeyNames | undefined;
  readonly part: VerifyPart;
  /** Names the scratch schema, the files and the statements of this run; lower-case letters and digits, 20 at most. */
  readonly runId: string;
  readonly onStep: (sentence: string) => void;
  /** Called before the objects of a dataset are read; the result is called after each of them. */
  readonly onReading: (dataset: Dataset, files: readonly FileEvent[]) => (file: FileEvent) => void;
  readonly signal: AbortSignal;
};
