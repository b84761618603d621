import Table from 'cli-table3';
import { styleText } from 'node:util';
import { printable } from '../core/printable.ts';

export type Cell = string | number | boolean | null;

/** A table for a terminal: numbers to the right, nulls dim, one blank column between columns, a line below the head. */
export function renderTable(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const stream = process.stdout;
  const isNumeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => looksNumeric(row[index] ?? null)));
  const table = new Table({
    head: columns.map((column) => styleText('bold', column, { stream })),
    colAligns: isNumeric.map((numeric) => (numeric ? 'right' : 'left')),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) table.push(row.map((cell) => renderCell(cell)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function looksNumeric(cell: Cell): boolean {
  return cell === null || typeof cell === 'number' || (typeof cell === 'string' && /^-?[\d,]+(\.\d+)?%?$/.test(cell));
}

function renderCell(cell: Cell): string {
  if (cell === null) return styleText('dim', '–', { stream: process.stdout });
  return typeof cell === 'number' ? formatNumber(cell) : printable(String(cell));
}

/** 12345.5 → "12,345.5": the same on every machine, whatever its locale. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

/** A bar of at most `width` blocks, in eighths, so that small differences show. */
export function bar(value: number, max: number, width: number): string {
  if (max <= 0 || value <= 0) return '';
  const eighths = Math.max(1, Math.round((value / max) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '');
}
