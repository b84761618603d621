import type { Batch } from './load.ts';

/** Where a load keeps its own files. The day of opening keeps a listing short and a lifecycle rule simple. */
export type WorkFiles = {
  readonly bucket: string;
  readonly fileListKey: string;
  readonly outcomesKey: string;
  readonly rejectsKey: string;
  /** A load that leaves bad files out writes a second manifest; the first stays as a record. */
  readonly manifestKey: (round: number) => string;
  /** From 1. */
  readonly bundleKey: (round: number, bundle: number) => string;
  readonly probeManifestKey: (probe: number) => string;
};

/**
 * The keys under `<workPrefix>batches/<yyyy>/<mm>/<dd>/<batch id>/`. They are a function of the batch, so a load that is
 * tried again overwrites its own files and leaves no others.
 */
export function workFiles(batch: Batch, place: { bucket: string; workPrefix: string }): WorkFiles {
  const day = new Date(batch.openedAtMs).toISOString().slice(0, 10).replaceAll('-', '/');
  const folder = `${place.workPrefix}batches/${day}/${batch.id}`;
  const round = (number: number) => (number === 1 ? '' : `-round-${number}`);
  return {
    bucket: place.bucket,
    fileListKey: `${folder}/files.json`,
    outcomesKey: `${folder}/outcomes.json`,
    rejectsKey: `${folder}/rejects.json`,
    manifestKey: (number) => `${folder}/manifest${round(number)}.json`,
    bundleKey: (number, bundle) => `${folder}/bundle${round(number)}-${String(bundle).padStart(4, '0')}.json`,
    probeManifestKey: (probe) => `${folder}/probe-${probe}.json`,
  };
}

/** `s3://bucket/key` as COPY and its manifests write it: the key as it is, not URL-encoded. */
export function s3Uri(object: { readonly bucket: string; readonly key: string }): string {
  return `s3://${object.bucket}/${object.key}`;
}

/** Whether a manifest can name the object: S3 can hold a key with a NUL, and text of the warehouse cannot. */
export function isCopyable(object: { readonly key: string }): boolean {
  return !object.key.includes('\0');
}

/**
 * The manifest's text. Every file once (COPY loads a file that is listed twice twice) and mandatory (the default would
 * skip a missing file silently; Redshift docs, "Using a manifest to specify data files").
 */
export function manifestBody(uris: readonly string[]): string {
  const entries = [...new Set(uris)].map((url) => ({ url, mandatory: true }));
  return JSON.stringify({ entries }, null, 1);
}
