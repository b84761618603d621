import Table from 'cli-table3';
import { PLAIN, printMachine, verdict } from './report.ts';
import type { StandinResult } from './standin.ts';

/** The result for a person: both sides of each comparison, and whether the targets are met. */
export function printStandin({ copy, functions, machine, plan, targets }: StandinResult): string {
  const table = new Table({ ...PLAIN, head: ['what', 'stand-in, ms', 'PostgreSQL, ms'] });
  const all = [{ what: `COPY of ${plan.events} events in ${plan.parts} parts`, ...copy }, ...functions];
  for (const { postgresMs, standinMs, what } of all) table.push([what, standinMs.toFixed(0), postgresMs.toFixed(0)]);
  return [
    printMachine(machine),
    '',
    `medians of ${plan.rounds} rounds; functions over ${plan.rows} rows`,
    table.toString(),
    '',
    ...targets.map(({ measured, met, most, what }) =>
      verdict(met, `${what}: ${measured.toFixed(2)}, target ≤ ${most}`),
    ),
    '',
  ].join('\n');
}
