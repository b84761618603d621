import { printMachine, verdict } from './report.ts';
import type { StatusResult } from './status.ts';

/** The result for a person: machine, load, and whether the target is met. */
export function printStatus(result: StatusResult): string {
  const { loadAverage, machine, met, plan, publishMs, rounds, statusMs, targetMs, withoutWarehouseMs } = result;
  const spread = ({ p25, p50, p75 }: StatusResult['statusMs']): string =>
    `${p50.toFixed(0)} ms (quartiles ${p25.toFixed(0)}–${p75.toFixed(0)})`;
  return [
    printMachine(machine),
    `load average ${loadAverage.toFixed(1)}`,
    '',
    `${plan.files} files in ${plan.batches} batches; ${rounds} rounds, the whole process from its start to its end`,
    `the publish that adds all batches to the totals: ${publishMs} ms`,
    `sparkify status: ${spread(statusMs)}`,
    `sparkify status --no-warehouse: ${spread(withoutWarehouseMs)}`,
    '',
    verdict(met, `median of status ≤ ${targetMs} ms`),
    '',
  ].join('\n');
}
