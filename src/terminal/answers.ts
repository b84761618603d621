import { styleText } from 'node:util';
import { bar, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { readableCell } from '../analyze/run-analyze.ts';
import type { Answer } from '../analyze/run-analyze.ts';

const BAR_WIDTH = 30;

/** An answer for a terminal: the question, then its rows, with a bar beside the plays where there are several rows. */
export function renderAnswer(answer: Answer): string {
  const title = styleText('bold', answer.question, { stream: process.stdout });
  if (answer.rows.length === 0) return `${title}\n(no rows yet)\n`;
  const columns = answer.columns.map((column) => column.replaceAll('_', ' '));
  const rows = answer.rows.map((row) => answer.columns.map((column) => readableCell(row[column] ?? null)));
  if (rows.length === 1) return `${title}\n${sideways(columns, rows[0] ?? [])}\n`;
  const plays = answer.rows.map((row) => Number(row['plays'] ?? 0));
  if (!answer.columns.includes('plays')) return `${title}\n${renderTable(columns, rows)}\n`;
  const most = Math.max(...plays);
  const withBars = rows.map((row, index) => [...row, bar(plays[index] ?? 0, most, BAR_WIDTH)]);
  return `${title}\n${renderTable([...columns, ''], withBars)}\n`;
}

/** A single row is shown from top to bottom. */
function sideways(columns: readonly string[], row: readonly Cell[]): string {
  return renderTable(
    ['', ''],
    columns.map((column, index) => [column, row[index] ?? null]),
  )
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
}
