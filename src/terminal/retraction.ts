import { printable } from '../core/printable.ts';
import type { Retraction } from '../core/loading/retraction.ts';
import { liveObjects } from '../core/loading/retraction.ts';
import { formatNumber, renderTable } from './table.ts';

const FILES_SHOWN = 20;

/** The plan of a retraction: files, then what each table loses. */
export function renderRetraction(plan: Retraction): string {
  const live = liveObjects(plan);
  const others = plan.objects.filter(({ status }) => status !== 'live');
  const left = others
    .map(({ key, status }) => `${printable(key)}: its version is ${status ?? 'unknown'} already\n`)
    .join('');
  if (live.length === 0) return `${left}nothing to retract\n`;
  const files = live.slice(0, FILES_SHOWN).map(({ key, rows }) => [key, rows]);
  const more = live.length > FILES_SHOWN ? `… and ${formatNumber(live.length - FILES_SHOWN)} more files\n` : '';
  const tables = plan.tables.map(({ changed, removed, table }) => [table, removed, changed]);
  return [
    `${left}${renderTable(['file', 'rows'], files)}\n${more}`,
    `${renderTable(['table', 'rows that go', 'rows that change'], tables)}\n`,
    '',
  ].join('\n');
}
