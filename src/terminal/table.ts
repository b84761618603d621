import Table from 'cli-table3';
import { stripVTControlCharacters, styleText } from 'node:util';
import { printable } from '../core/printable.ts';
import { columnsOf } from './width.ts';

export type Cell = string | number | boolean | null;

/** Blank columns after each column. */
export const GAP = 2;

/**
 * A table for a terminal: numbers to the right, nulls dim, two blank columns between columns. In a table that is wider than `width`
 * the widest texts continue in further lines; numbers never do. Where even that is too wide, each row stands from top to bottom.
 */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  width = columnsOf(process.stdout),
): string {
  const natural = layOut(columns, rows, null);
  const widths = natural.widths.map((column) => column - GAP);
  const room = width - GAP * (widths.length - 1);
  if (widths.reduce((sum, column) => sum + column, 0) <= room) return natural.text;
  const least = columns.map((column, index) => {
    const cells = rows.map((row) => renderCell(row[index] ?? null).length);
    const contents = isNumeric(rows, index) ? Math.max(...cells) : LEAST_TEXT;
    return Math.min(widths[index] ?? 0, Math.max(contents, longestWord(column)));
  });
  const isTooNarrow = columns.length > 2 && least.reduce((sum, column) => sum + column, 0) > room;
  if (isTooNarrow) return rows.map((row) => renderSideways(columns, row, width)).join('\n\n');
  return layOut(columns, rows, narrowed(widths, least, room)).text;
}

/** A single row from top to bottom. */
export function renderSideways(columns: readonly string[], row: readonly Cell[], width: number): string {
  return renderTable(
    ['', ''],
    columns.map((column, index) => [column, row[index] ?? null]),
    width,
  )
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
}

/** Columns of a text that is continued, at least. */
const LEAST_TEXT = 8;

/** The widest column gives way first, down to its least width. */
function narrowed(widths: readonly number[], least: readonly number[], room: number): readonly number[] {
  const narrow = [...widths];
  for (let over = narrow.reduce((sum, column) => sum + column, 0) - room; over > 0; over -= 1) {
    const [widest] = narrow
      .map((column, index) => ({ column, index }))
      .filter(({ column, index }) => column > (least[index] ?? 0))
      .toSorted((one, other) => other.column - one.column);
    if (widest === undefined) break;
    narrow[widest.index] = widest.column - 1;
  }
  return narrow;
}

/** @param widths of the columns, without gaps; `null`: as wide as their contents. */
function layOut(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  widths: readonly number[] | null,
): { readonly text: string; readonly widths: readonly number[] } {
  const stream = process.stdout;
  const table = new Table({
    head: columns.map((column) => styleText('bold', column, { stream })),
    colAligns: columns.map((_, index) => (isNumeric(rows, index) ? 'right' : 'left')),
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    ...(widths === null ? {} : { colWidths: widths.map((column) => column + GAP), wordWrap: true }),
  });
  for (const row of rows) {
    table.push(
      row.map((cell, index) => {
        const content = renderCell(cell);
        // A key has no blanks to break it at.
        return { content, wrapOnWordBoundary: longestWord(content) <= (widths?.[index] ?? Number.POSITIVE_INFINITY) };
      }),
    );
  }
  const text = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
  return { text, widths: table.options.colWidths.map((column) => column ?? 0) };
}

function longestWord(text: string): number {
  return Math.max(
    ...stripVTControlCharacters(text)
      .split(/\s+/)
      .map((word) => word.length),
  );
}

function isNumeric(rows: readonly (readonly Cell[])[], index: number): boolean {
  return rows.length > 0 && rows.every((row) => looksNumeric(row[index] ?? null));
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

/** Megabytes of 1,000,000 bytes with a decimal, without the unit. */
export function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
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
