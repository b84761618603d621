import { countOf } from '../core/count-of.ts';
import { styleText } from 'node:util';
import { failedChecks, renderQuality } from './quality-report.ts';
import { renderTable } from './table.ts';
import type { QuickReport } from '../verify/run-quick-verify.ts';

/** The quick comparison for a terminal; the verdict in the last line. */
export function renderQuickVerify(report: QuickReport): string {
  const { consistent, differences, differingObjects, objects, quality, rows } = report;
  const stream = process.stdout;
  const what = `${countOf(rows, 'row')} of ${countOf(objects, 'object')}`;
  const table = renderTable(
    ['object', 'status', 'rows in ledger', 'rows more'],
    differences.slice(0, 20).map((row) => [row.key, row.status, row.rowsKept, row.rowsMore]),
  );
  const verdict = consistent
    ? `${styleText(['bold', 'green'], 'consistent', { stream })}: ${what} match the ledger by number and checksum; no object was read`
    : `${styleText(['bold', 'red'], 'different', { stream })}: the rows of ${countOf(differingObjects, 'object')} are not those of the ledger; "sparkify verify" compares the values`;
  return [
    ...(consistent ? [] : [`${table}\n`]),
    ...renderQuality(quality),
    `${verdict}${failedChecks(quality)}\n`,
  ].join('\n');
}
