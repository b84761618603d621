import { gunzipSync } from 'node:zlib';
import { IngestError } from '../../src/core/errors.ts';
import { BUCKET } from '../bucket.ts';
import type { ObjectVersion } from '../bucket.ts';
import type { StagedRow } from './temporary.ts';
import type { Transaction } from './transaction.ts';

/** A COPY as its text says it. */
type Copy = {
  readonly table: string;
  readonly key: string;
  readonly isManifest: boolean;
  readonly isGzip: boolean;
  readonly onlyChecks: boolean;
};

/** What a listed file holds: rows, or the line at which COPY stops to understand it. */
type FileContent =
  | { readonly kind: 'rows'; readonly rows: readonly StagedRow[]; readonly text: string }
  | { readonly kind: 'broken'; readonly line: number };

/**
 * Runs a COPY of JSON: every file of the manifest or nothing. All rows arrive as text; keys are matched without case.
 *
 * @throws IngestError `object_missing`, or `copy_bad_data` with the query id under which the errors are logged.
 */
export function runCopy(transaction: Transaction, text: string, queryId: number): void {
  const copy = readCopy(text);
  const files = listedKeys(transaction, copy).map((key) => ({ key, content: readFile(transaction, copy, key) }));
  const broken = files.flatMap(({ content, key }) => (content.kind === 'broken' ? [{ key, line: content.line }] : []));
  for (const { key, line } of broken) {
    transaction.copyErrors.push({ fileName: `s3://${BUCKET}/${key}`, line, queryId });
  }
  if (copy.onlyChecks) return;
  if (broken[0] !== undefined) {
    throw new IngestError('copy_bad_data', `COPY refuses ${broken[0].key}.`, { seen: { queryId } });
  }
  const read = files.flatMap(({ content, key }) => (content.kind === 'rows' ? [{ key, ...content }] : []));
  fill(
    transaction,
    copy.table,
    read.flatMap(({ rows }) => rows),
  );
  if (copy.table === 'staging_events') {
    transaction.temporary.set(
      'read_logs',
      read.map(({ key, text: body }) => ({ key, text: body })),
    );
  }
}

function readCopy(text: string): Copy {
  const parts = /^copy (\w+)\nfrom 's3:\/\/([^/']+)\/((?:[^']|'')+)'\n/.exec(text);
  if (parts?.[1] === undefined || parts[3] === undefined || parts[2] !== BUCKET) {
    throw new Error(`No COPY that the model understands: ${text}`);
  }
  const options = text.slice(parts[0].length).split('\n');
  return {
    table: parts[1],
    key: parts[3].replaceAll("''", "'"),
    isManifest: options.includes('manifest'),
    isGzip: options.includes('gzip'),
    onlyChecks: options.includes('noload'),
  };
}

function listedKeys(transaction: Transaction, copy: Copy): readonly string[] {
  if (!copy.isManifest) return [copy.key];
  const manifest: unknown = JSON.parse(textOf(found(transaction.read(copy.key), copy.key), false));
  const { entries } = manifest as { entries: { url: string; mandatory: boolean }[] };
  const keys = entries.map(({ url }) => url.slice(`s3://${BUCKET}/`.length));
  for (const key of keys) found(transaction.read(key), key);
  return keys;
}

function found(version: ObjectVersion | null, key: string): ObjectVersion {
  if (version === null) throw new IngestError('object_missing', `COPY finds no s3://${BUCKET}/${key}.`);
  return version;
}

function readFile(transaction: Transaction, copy: Copy, key: string): FileContent {
  const text = textOf(found(transaction.read(key), key), copy.isGzip);
  const rows: StagedRow[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      rows.push(stagedRow(line));
    } catch {
      return { kind: 'broken', line: index + 1 };
    }
  }
  return { kind: 'rows', rows, text };
}

function textOf(version: ObjectVersion, isGzip: boolean): string {
  return Buffer.from(isGzip ? gunzipSync(version.bytes) : version.bytes).toString();
}

/** A number stays the text it was: 241.47546 must not become the nearest double's. */
function stagedRow(line: string): StagedRow {
  const parsed: unknown = JSON.parse(line, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? (context?.source ?? String(value)) : value,
  );
  const row: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(parsed as object)) {
    row[key.toLowerCase()] = value === null ? null : typeof value === 'string' ? value : JSON.stringify(value);
  }
  return row;
}

function fill({ temporary }: Transaction, table: string, rows: readonly StagedRow[]): void {
  const number = (row: StagedRow, column: string) => Number(row[column]);
  switch (table) {
    case 'staging_events':
    case 'staging_songs':
      temporary.get(table);
      temporary.set(table, rows);
      return;
    case 'batch_files':
      temporary.set(
        'batch_files',
        rows.map((row) => ({
          fileNumber: number(row, 'file_number'),
          fileId: row['file_id'] ?? '',
          objectId: row['object_id'] ?? '',
          key: row['object_key'] ?? '',
          etag: row['etag'] ?? '',
          eventMs: number(row, 'event_time_ms'),
        })),
      );
      return;
    case 'batch_outcomes':
      temporary.set(
        'batch_outcomes',
        rows.map((row) => ({
          fileNumber: number(row, 'file_number'),
          status: row['status'] ?? '',
          etag: row['etag'] ?? null,
          lastModifiedMs: (row['last_modified_ms'] ?? null) === null ? null : number(row, 'last_modified_ms'),
        })),
      );
      return;
    case 'batch_reject_places':
      temporary.set(
        'batch_reject_places',
        rows.map((row) => ({
          rowHash: row['row_hash'] ?? '',
          objectId: row['object_id'] ?? '',
          line: number(row, 'line_number'),
        })),
      );
      return;
    default:
      throw new Error(`COPY into ${table}, which the model does not have.`);
  }
}
