import { countOf } from '../core/count-of.ts';
import { printable } from '../core/printable.ts';
import type { FileHistory } from '../look/files.ts';
import type { FileEntry, OpenEntry } from '../look/ledger-rows.ts';
import { remedyOfFile } from '../look/remedies.ts';
import { renderRejected } from './rejected.ts';
import { shortTime } from './spans.ts';
import { renderTable } from './table.ts';

/** Entries of the ledger, one line each. */
export function renderFiles(files: readonly FileEntry[], max: number): string {
  if (files.length === 0) return 'no file\n';
  const rows = files.map((file) => [
    shortTime(file.settledAt),
    file.key,
    file.status,
    file.size,
    file.batchId,
    file.reason,
  ]);
  return `${renderTable(['settled', 'file', 'status', 'bytes', 'batch', 'reason'], rows)}\n${more(files.length, max)}`;
}

/** Objects that a person should look at, with the usual remedy. */
export function renderOpen(open: readonly OpenEntry[], max: number): string {
  if (open.length === 0) return 'no open file: every quarantined file and rejected row is solved by a later version\n';
  const blocks = open.map(({ batchId, bucket, errorCode, key, reason, rowsRejected, settledAt, status }) => {
    const what = status === 'quarantined' ? 'quarantined' : `loaded, with ${countOf(rowsRejected, 'rejected row')}`;
    const remedy = status === 'quarantined' ? remedyOfFile(errorCode) : null;
    return [
      `s3://${bucket}/${printable(key)}: ${what}`,
      `    since ${shortTime(settledAt) ?? '?'}, batch ${printable(batchId)}`,
      ...(reason === null ? [] : [`    reason: ${printable(reason)}`]),
      ...(status === 'quarantined' ? [] : [`    the rows: sparkify files ${shellWord(key)}`]),
      ...(remedy === null ? [] : [`    usual remedy: ${remedy}`]),
      '',
    ].join('\n');
  });
  return `${blocks.join('\n')}${more(open.length, max)}`;
}

/** All about one file. */
export function renderFile({ bucket, key, live, rejected, versions }: FileHistory): string {
  const latest = versions[0];
  const remedy = latest?.status === 'quarantined' ? remedyOfFile(latest.errorCode) : null;
  const rows = versions.map((one) => [
    shortTime(one.settledAt),
    one.status,
    one.etag.slice(0, 12),
    shortTime(one.lastModified ?? one.eventAt),
    one.size,
    one.attempts,
    one.batchId,
    one.reason,
  ]);
  const head = ['settled', 'status', 'etag', 'put', 'bytes', 'attempts', 'batch', 'reason'];
  return [
    `s3://${bucket}/${printable(key)}`,
    live === null
      ? 'no version has rows in the star'
      : `${live.status} version: ${printable(live.etag)}, put ${shortTime(live.lastModified) ?? '?'}, ${countOf(live.rows, 'row')}, batch ${printable(live.batchId)}`,
    ...(remedy === null ? [] : [`usual remedy: ${remedy}`]),
    '',
    renderTable(head, rows),
    '',
    ...(rejected.length === 0
      ? []
      : ['rejected rows of all versions, the newest first:', '', renderRejected(rejected)]),
  ].join('\n');
}

function more(count: number, max: number): string {
  return count === max ? `there may be more (--max ${max})\n` : '';
}

/** A key as one word of a POSIX shell. */
function shellWord(key: string): string {
  return /^[\w./-]+$/.test(key) ? key : `'${printable(key).replaceAll("'", String.raw`'\''`)}'`;
}
