import type { ResultField } from '../engine/column-metadata.ts';
import { textOf } from './fields.ts';

/** A row as a line of CSV (RFC 4180: CRLF, doubled quotes). NULL is an empty field, an empty string is `""`. */
export function csvLine(values: readonly (string | null)[], fields: readonly ResultField[]): string {
  const cells = values.map((value, index) => {
    const field = fields[index];
    if (value === null || field === undefined) return '';
    const text = textOf(value, field);
    return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}
