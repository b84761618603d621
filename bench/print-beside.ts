import Table from 'cli-table3';
import type { BesidePhase, BesideResult } from './beside.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: live files alone and beside the backfill, and whether the targets are met. */
export function printBeside(result: BesideResult): string {
  const { backfillSeconds, beside, idle, machine, plan, targets } = result;
  const table = new Table({ ...PLAIN, head: ['put → rows, ms', 'files', 'p50', 'p95', 'max', 'longest lock, ms'] });
  const lineOf = (what: string, { lockedMs, visibleMs }: BesidePhase): string[] => {
    const { count, max, p50, p95 } = visibleMs;
    return [what, ...[count, p50, p95, max, lockedMs].map((value) => value.toFixed(0))];
  };
  table.push(lineOf('alone', idle), lineOf('beside a backfill', beside));
  return [
    printMachine(machine),
    '',
    `${plan.events} events in ${plan.logFiles} files and ${plan.songs} songs, backfilled in ${backfillSeconds.toFixed(1)} s`,
    table.toString(),
    verdict(
      besideRatio(result) <= targets.ratio,
      `p95 beside a backfill is ${besideRatio(result).toFixed(2)} × that alone, target ≤ ${targets.ratio} ×`,
    ),
    verdict(
      beside.lockedMs <= targets.lockedMs,
      `one transaction had the lock for ${beside.lockedMs.toFixed(0)} ms at most, target ≤ ${targets.lockedMs} ms`,
    ),
    '',
  ].join('\n');
}

/** Whether both targets are met. */
export function besideMet(result: BesideResult): boolean {
  return besideRatio(result) <= result.targets.ratio && result.beside.lockedMs <= result.targets.lockedMs;
}

function besideRatio({ beside, idle }: BesideResult): number {
  return beside.visibleMs.p95 / idle.visibleMs.p95;
}
