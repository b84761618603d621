import type { MetricsResult } from './metrics.ts';
import { printMachine, verdict } from './report.ts';

/** The result for a person. */
export function printMetrics({ bytes, machine, met, ms, series, targetMs }: MetricsResult): string {
  return [
    printMachine(machine),
    '',
    `${ms.count} texts of ${series} series, ${(bytes / 1e3).toFixed(0)} kB each: 95 % at most ${ms.p95.toFixed(1)} ms`,
    verdict(met, `median of a text ${ms.p50.toFixed(2)} ms, target ${targetMs} ms`),
    '',
  ].join('\n');
}
