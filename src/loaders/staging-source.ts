import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { ObjectVersion } from '../core/ports.ts';

/** What is wrong with a file, and what will be said of it in the ledger. */
export type BadFile = Pick<FileOutcome, 'errorCode' | 'reason' | 'lineNumber' | 'columnName'> & {
  readonly status: 'quarantined' | 'missing';
};

/** By file number. */
export type BadFiles = ReadonlyMap<number, BadFile>;

/** What a manifest will list, and what is to be said of files before COPY has seen them. */
export type Prepared = {
  readonly uris: readonly string[];
  readonly outcomes: readonly FileOutcome[];
  /** The files that a place in a listed object comes from; empty when it is none of ours. */
  readonly locate: (uri: string, lineNumber: number) => readonly NumberedFile[];
};

/** How a dataset's files get into a manifest: the one thing in which loaders differ. */
export type StagingSource = {
  readonly table: string;
  readonly dataset: 'logs' | 'songs';
  /** @param bad files that are known to be bad; they must not be in the manifest. */
  readonly prepare: (files: readonly NumberedFile[], bad: BadFiles, round: number) => Promise<Prepared>;
};

/** A bad file as a row of the outcomes. @param version as S3 answered, where the loader asked. */
export function badOutcome(fileNumber: number, bad: BadFile, version: ObjectVersion | null = null): FileOutcome {
  return { fileNumber, ...bad, version };
}
