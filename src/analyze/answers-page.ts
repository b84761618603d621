import type { Row } from '../core/ports.ts';
import { html } from '../html/html.ts';
import type { Html } from '../html/html.ts';
import { svgBar } from '../html/svg-bar.ts';
import { readableCell } from './run-analyze.ts';
import type { Answer, PlayTimes } from './run-analyze.ts';

/** When and where the questions were answered. */
type Asked = { readonly atMs: number; readonly schema: string; readonly plays: PlayTimes };

/** The column that bars show. */
const MEASURE = 'plays';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { break-inside: avoid; margin: 2.5rem 0; }
h1 { margin-bottom: 0; }
h2 { font-size: 1.1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; border-bottom: 1px solid #8884; }
td { overflow-wrap: anywhere; }
th { font-weight: 600; }
.facts { width: auto; }
.facts td { text-align: right; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { width: 30%; padding-right: 0; color: #2a78c2; print-color-adjust: exact; }
svg { display: block; width: 100%; height: 0.8rem; }
p { color: #777; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } }
`;

/** The answers as one page that needs nothing else: no network, no script. */
export function answersPage(answers: readonly Answer[], asked: Asked): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Plays ${timesOf(asked.plays)}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <h1>Plays ${timesOf(asked.plays)}</h1>
        <p>Schema ${asked.schema}, asked at ${minuteOf(asked.atMs)}. All times are UTC.</p>
        ${answers.map(sectionOf)}
      </body>
    </html> `;
  return page.markup;
}

function timesOf({ sinceMs, untilMs }: PlayTimes): string {
  const since = sinceMs === null ? null : `since ${minuteOf(sinceMs)}`;
  const until = untilMs === null ? null : `until ${minuteOf(untilMs)}`;
  return [since, until].filter((part) => part !== null).join(' ') || 'of all time';
}

/** `2018-11-15 12:00 UTC`. */
function minuteOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function sectionOf(answer: Answer): Html {
  return html`<section>
    <h2>${answer.question}</h2>
    ${answer.rows.length === 0 ? html`<p>No rows.</p>` : tableOf(answer)}
  </section> `;
}

/** A single row is shown from top to bottom. Several rows have a bar where they count plays. */
function tableOf({ columns, rows }: Answer): Html {
  const [first = {}] = rows;
  if (rows.length === 1) {
    return html`<table class="facts">
      ${columns.map(
        (column) =>
          html`<tr>
            <th scope="row">${nameOf(column)}</th>
            ${cellOf(first[column])}
          </tr> `,
      )}
    </table>`;
  }
  const most = Math.max(...rows.map(measureOf));
  const hasBars = columns.includes(MEASURE);
  const bar = (row: Row): Html => (hasBars ? html`<td class="bar">${svgBar(measureOf(row), most)}</td>` : html``);
  return html`<table>
    <tr>
      ${columns.map((column) => html`<th scope="col" ${numberClass(first[column])}>${nameOf(column)}</th>`)}${hasBars ? html`<th></th>` : html``}
    </tr>
    ${rows.map(
      (row) =>
        html`<tr>
          ${columns.map((column) => cellOf(row[column]))}${bar(row)}
        </tr> `,
    )}
  </table>`;
}

function nameOf(column: string): string {
  return column.replaceAll('_', ' ');
}

function measureOf(row: Row): number {
  return Number(row[MEASURE] ?? 0);
}

type Cell = Row[string] | undefined;

function cellOf(cell: Cell): Html {
  return html`<td${numberClass(cell)}>${textOf(cell ?? null)}</td>`;
}

/** Decimals arrive as text. */
function numberClass(cell: Cell): Html {
  const isNumber = typeof cell === 'number' || (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell));
  return isNumber ? html` class="number"` : html``;
}

function textOf(cell: Exclude<Cell, undefined>): string {
  if (cell === null) return '–';
  if (typeof cell === 'number') return cell.toLocaleString('en-US', { maximumFractionDigits: 2 });
  return String(readableCell(cell));
}
