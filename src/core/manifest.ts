import type { FileOutcome, NumberedFile } from './ledger.ts';
import type { Batch } from './load.ts';

/** Where a load keeps its own files. The day of opening keeps a listing short and a lifecycle rule simple. */
export type WorkFiles = {
  readonly bucket: string;
  readonly fileListKey: string;
  /** @param attempt tells this attempt at the load from all others, of which a late PUT may still be on its way. */
  readonly manifestKey: (attempt: string) => string;
  /** What became of every file of the batch, for people. */
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
 * The manifest's text. Every file once (COPY loads a file that is listed twice twice) and mandatory (the default would
 * skip a missing file silently; Redshift docs, "Using a manifest to specify data files").
 */
export function manifestBody(uris: readonly string[]): string {
  const entries = [...new Set(uris)].map((url) => ({ url, mandatory: true }));
  return JSON.stringify({ entries }, null, 1);
}

/** `batch.json`: every arriving key of the batch with its outcome, the version that was read, its rows and their parts. */
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
