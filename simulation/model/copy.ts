import { gunzipSync } from 'node:zlib';
import { IngestError } from '../../src/core/errors.ts';
import { BUCKET } from '../bucket.ts';
import type { ObjectVersion } from '../bucket.ts';
import { refuseRows } from './refusals.ts';
import { stagedRow } from './staging.ts';
import type { Transaction } from './transaction.ts';

/** A COPY as its text says it. */
type Copy = {
  readonly table: string;
  readonly key: string;
  /** Parts by their manifest, or a list. */
  readonly isParts: boolean;
};

/** A row of a list that the loader wrote: every value as text. */
type ListRow = Readonly<Record<string, string | null>>;

/**
 * Runs a COPY of JSON: every file of the manifest or nothing.
 *
 * @throws IngestError `object_missing`; `copy_bad_data` when a column cannot hold what a part has for it.
 */
export function runCopy(transaction: Transaction, text: string): void {
  const { isParts, key, table } = readCopy(text);
  if (!isParts) {
    fillList(transaction, table, lines(found(transaction, key).bytes).map(listRow));
    return;
  }
  if (table !== 'sparkify_staging') throw new Error(`COPY of parts into ${table}.`);
  const { temporary } = transaction;
  temporary.get('staging');
  const rows = listedKeys(transaction, key).flatMap((part) =>
    lines(gunzipSync(found(transaction, part).bytes)).map((line) => stagedRow(temporary.get('staging_of'), line)),
  );
  refuseRows('stage', rows);
  temporary.set('staging', rows);
}

function readCopy(text: string): Copy {
  const parts = /^copy (\w+)\nfrom 's3:\/\/([^/']+)\/((?:[^']|'')+)'\n/.exec(text);
  const options = text.slice(parts?.[0].length).split('\n');
  const isParts = options.includes('manifest');
  const isKnown = isParts === options.includes('gzip') && options.includes("timeformat 'epochmillisecs'");
  if (parts?.[1] === undefined || parts[3] === undefined || parts[2] !== BUCKET || !isKnown) {
    throw new Error(`No COPY that the model understands: ${text}`);
  }
  return { table: parts[1], key: parts[3].replaceAll("''", "'"), isParts };
}

function listedKeys(transaction: Transaction, manifestKey: string): readonly string[] {
  const manifest: unknown = JSON.parse(Buffer.from(found(transaction, manifestKey).bytes).toString());
  const { entries } = manifest as { entries: { url: string; mandatory: boolean }[] };
  return entries.map(({ url }) => url.slice(`s3://${BUCKET}/`.length));
}

function found({ read }: Transaction, key: string): ObjectVersion {
  const version = read(key);
  if (version === null) throw new IngestError('object_missing', `COPY finds no s3://${BUCKET}/${key}.`);
  return version;
}

function lines(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes).toString();
  return text.split('\n').filter((line) => line !== '');
}

function listRow(line: string): ListRow {
  const values = Object.entries(JSON.parse(line) as Record<string, string | number | null>);
  return Object.fromEntries(values.map(([name, value]) => [name, value === null ? null : String(value)]));
}

function fillList({ temporary }: Transaction, table: string, rows: readonly ListRow[]): void {
  if (table !== 'sparkify_listed_files') throw new Error(`COPY into ${table}, which the model does not have.`);
  temporary.get('sparkify_listed_files');
  temporary.set(
    'sparkify_listed_files',
    rows.map((row) => ({
      fileNumber: Number(row['file_number']),
      objectId: row['object_id'] ?? '',
      etag: row['etag'] ?? '',
      eventMs: Number(row['event_time']),
    })),
  );
}
