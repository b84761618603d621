import { stripVTControlCharacters, styleText } from 'node:util';
import { GAP, bar, renderSideways, renderTable } from './table.ts';
import { columnsOf } from './width.ts';
import { readableCell } from '../analyze/run-analyze.ts';
import type { Answer } from '../analyze/run-analyze.ts';

/** Columns of the longest bar, at most and at least; where there is less room, there are no bars. */
const BAR = { most: 30, least: 10 };

/** An answer for a terminal: the question, then its rows, with a bar beside the plays where there are several rows. */
export function renderAnswer(answer: Answer, width = columnsOf(process.stdout)): string {
  const title = styleText('bold', answer.question, { stream: process.stdout });
  if (answer.rows.length === 0) return `${title}\n(no rows yet)\n`;
  const columns = answer.columns.map((column) => column.replaceAll('_', ' '));
  const rows = answer.rows.map((row) => answer.columns.map((column) => readableCell(row[column] ?? null)));
  if (rows.length === 1) return `${title}\n${renderSideways(columns, rows[0] ?? [], width)}\n`;
  const table = renderTable(columns, rows, width);
  const left = width - GAP - Math.max(...table.split('\n').map((line) => stripVTControlCharacters(line).length));
  if (!answer.columns.includes('plays') || left < BAR.least) return `${title}\n${table}\n`;
  const plays = answer.rows.map((row) => Number(row['plays'] ?? 0));
  const most = Math.max(...plays);
  const longest = Math.min(left, BAR.most);
  const withBars = rows.map((row, index) => [...row, bar(plays[index] ?? 0, most, longest)]);
  return `${title}\n${renderTable([...columns, ''], withBars, width)}\n`;
}
