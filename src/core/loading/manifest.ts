import type { FileOutcome, NumberedFile } from './ledger.ts';
import type { Batch } from '../load.ts';

/** Where a load keeps its work files. Keys contain the day, which keeps listings short. */
export type WorkFiles = {
  readonly bucket: string;
  readonly fileListKey: string;
  /** @param attempt unique for this attempt, because a PUT of an earlier attempt may still arrive. */
  readonly manifestKey: (attempt: string) => string;
  /** The outcome of every file of the batch, for people. */
  readonly batchListKey: string;
  /** @param part from 1. */
  readonly partKey: (attempt: string, part: number) => string;
};

/** The keys under `<workPrefix>batches/<yyyy>/<mm>/<dd>/<batch id>/`. */
export function workFiles(batch: Batch, place: { bucket: string; workPrefix: string }): WorkFiles {
  const day = new Date(batch.openedAtMs).toISOString().slice(0, 10).replaceAll('-', '/');
  const folder = `${place.workPrefix}batches/${day}/${batch.id}`;
  return {
    bucket: place.bucket,
    fileListKey: `${folder}/files.json`,
    manifestKey: (attempt) => `${folder}/manifest-${attempt}.json`,
    batchListKey: `${folder}/batch.json`,
    partKey: (attempt, part) => `${folder}/part-${attempt}-${String(part).padStart(4, '0')}.json.gz`,
  };
}

/** `s3://bucket/key` as COPY and its manifests write it: the key as it is, not URL-encoded. */
export function s3Uri(object: { readonly bucket: string; readonly key: string }): string {
  return `s3://${object.bucket}/${object.key}`;
}

/**
 * The manifest's text. Each file is listed once (COPY loads duplicates twice) and is mandatory (COPY skips other missing files
 * silently; Redshift docs, "Using a manifest to specify data files").
 */
export function manifestBody(uris: readonly string[]): string {
  const entries = [...new Set(uris)].map((url) => ({ url, mandatory: true }));
  return JSON.stringify({ entries }, null, 1);
}

/** `batch.json`: every key of the batch with its outcome, the version that was read, its rows and their parts. */
export function batchListBody(
  files: readonly NumberedFile[],
  read: {
    readonly outcomes: readonly FileOutcome[];
    readonly contents: ReadonlyMap<number, { rows: number; rejected: number; partUris: readonly string[] }>;
  },
): string {
  const outcomes = new Map(read.outcomes.map((outcome) => [outcome.fileNumber, outcome]));
  const entries = files.map(({ file: { bucket, key }, fileNumber }) => {
    const { errorCode, reason, status, version } = outcomes.get(fileNumber) ?? {};
    const { partUris: parts, rejected, rows } = read.contents.get(fileNumber) ?? {};
    return { bucket, key, status, ...version, errorCode, reason, rows, rejected, parts };
  });
  return JSON.stringify({ files: entries }, null, 1);
}
