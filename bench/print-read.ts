import Table from 'cli-table3';
import type { ReadResult } from './read.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: a line for each case, and whether the targets are met. */
export function printRead({
  cases,
  leastMbPerCpuSecond: least,
  machine,
  megabytes,
  plan,
  targets,
}: ReadResult): string {
  const table = new Table({
    ...PLAIN,
    head: ['files', 'of a CPU', 'MB/s of CPU time', 'MB/s of the clock', 'slowest /healthz, ms'],
  });
  for (const { mbPerCpuSecond, mbPerSecond, share, slowestHealthMs, what } of cases) {
    const rate = ({ p25, p50, p75 }: typeof mbPerSecond): string =>
      `${p50.toFixed(1)} (${p25.toFixed(1)}–${p75.toFixed(1)})`;
    table.push([what, String(share), rate(mbPerCpuSecond), rate(mbPerSecond), slowestHealthMs.toFixed(0)]);
  }
  return [
    printMachine(machine),
    '',
    `${plan.events} events in ${plan.files} files, ${megabytes.toFixed(0)} MB unpacked; median (quartiles) of ${plan.rounds} rounds`,
    table.toString(),
    `JSON.parse, two MD5s, JSON.stringify and gzip of each event, and nothing else: ${least.p50.toFixed(1)} MB/s of CPU time`,
    '',
    verdict(targets.met, `plain files ≥ ${targets.mbPerCpuSecond} MB/s of CPU time, /healthz ≤ ${targets.healthMs} ms`),
    '',
  ].join('\n');
}
