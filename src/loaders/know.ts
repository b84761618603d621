import type { CopyStatement } from '../core/sql/copy.ts';
import type { NumberedFile } from '../core/loading/ledger.ts';
import { fileListBody } from '../core/loading/ledger.ts';
import { knowPlan } from '../core/loading/load-plan.ts';
import type { Row } from '../core/ports.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';

/** The ledger's entry of a settled file. */
type KnownFile = { readonly status: string; readonly batchId: string };

/** The settled files of a batch, by file number. */
export type KnownFiles = ReadonlyMap<number, KnownFile>;

/**
 * The first step of a backfill: finds the listed objects that are settled already. Keys are COPYed from a file and never are SQL
 * text.
 */
export async function know(context: LoadContext, files: readonly NumberedFile[]): Promise<KnownFiles> {
  const { rowsOf } = await runPlan(context, knowPlan(await putFileList(context, files)));
  return knownFiles(rowsOf('known'));
}

/** Puts the list of the files below the work prefix. @returns the COPY that brings the list into `sparkify_listed_files`. */
export async function putFileList(context: LoadContext, files: readonly NumberedFile[]): Promise<CopyStatement> {
  const { signal, store, work } = context;
  const list = { bucket: work.bucket, key: work.fileListKey };
  await store.put({ ...list, body: fileListBody(files), contentType: 'application/json', signal });
  return copyInto('sparkify_listed_files', context, { key: list.key, isParts: false });
}

/** Whether a ledger entry with this status may change: the file was not loaded, and another attempt may load it. */
export function mayChange({ status }: KnownFile): boolean {
  return status === 'quarantined' || status === 'missing';
}

/** @param rows `file_number, status, batch_id`. */
export function knownFiles(rows: readonly Row[]): KnownFiles {
  return new Map(rows.map((row) => [Number(row['file_number']), knownFile(row)]));
}

/** @param row `status, batch_id`. */
export function knownFile(row: Row): KnownFile {
  return { status: String(row['status']), batchId: String(row['batch_id']) };
}
