import { printable } from '../core/printable.ts';
import type { RejectedEntry } from '../look/ledger-rows.ts';
import { remedyOfRow } from '../look/remedies.ts';
import { pointAt } from './caret.ts';
import { columnsOf } from './width.ts';

const INDENT = '    ';
/** Without a terminal. */
const COLUMNS = 160;

/** Each rejected row with its place, the row, a caret under what does not fit, the reason and the usual remedy. */
export function renderRejected(rows: readonly RejectedEntry[]): string {
  const width = Math.min(columnsOf(process.stdout), COLUMNS);
  return rows.map((row) => renderRow(row, width)).join('\n');
}

function renderRow({ bucket, column, dataset, key, lineNumber, reason, text }: RejectedEntry, width: number): string {
  const file = key === null ? 'an unknown file' : `s3://${bucket ?? ''}/${printable(key)}`;
  const { caret, line } = pointAt({ dataset, text: text ?? '', column, reason }, width - INDENT.length);
  return [
    `${file}, line ${lineNumber ?? '?'}: ${column} ${printable(reason)}`,
    ...(text === null ? [] : [`${INDENT}${line}`]),
    ...(text === null || caret === null ? [] : [`${INDENT}${caret}`]),
    `${INDENT}usual remedy: ${remedyOfRow(reason)}`,
    '',
  ].join('\n');
}
