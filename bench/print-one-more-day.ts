import Table from 'cli-table3';
import type { OneMoreDayResult } from './one-more-day.ts';
import { PLAIN, printMachine } from './report.ts';

/** The result for a person: the curve. */
export function printOneMoreDay({ curve, machine, plan }: OneMoreDayResult): string {
  const table = new Table({
    ...PLAIN,
    head: ['days of history', 'plays', 'one more day, s', 'full reload, s', 'times'],
  });
  for (const { days, loadMs, reloadMs } of curve) {
    const seconds = [loadMs, reloadMs].map((ms) => (ms / 1000).toFixed(2));
    table.push([String(days), String(days * plan.playsPerDay), ...seconds, (reloadMs / loadMs).toFixed(1)]);
  }
  return [
    printMachine(machine),
    '',
    `One more day of logs (${plan.playsPerDay} plays in 20 files), and the full reload of all days`,
    table.toString(),
    '',
  ].join('\n');
}
