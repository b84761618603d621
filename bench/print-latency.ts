import Table from 'cli-table3';
import { STAGES } from './journey.ts';
import type { Phase } from './journey.ts';
import type { LatencyResult } from './latency.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: machine, versions, tables, and whether the targets are met. */
export function printLatency(result: LatencyResult): string {
  const { plan, target, memory, singles } = result;
  return [
    printMachine(result.machine),
    '',
    'From the put of an object to its rows being visible, ms',
    visibleTable([
      [`${plan.singles} single files, one every ${plan.singleEveryMs / 1000} s`, singles],
      [`${plan.bursts} bursts of ${plan.filesPerBurst} files`, result.bursts],
    ]),
    '',
    'Where the time of a single file goes, ms',
    stageTable(singles),
    '',
    verdict(
      target.met,
      `p95 of single files ${round(singles.visibleMs.p95)} ms, target ${target.p95Ms} ms (linger ${result.lingerMs} ms + 400 ms)`,
    ),
    ...memory.map(({ files, met, peakMB, seconds, targetMB, what }) =>
      peakMB === null
        ? `?  peak memory over ${what}: this system does not tell`
        : verdict(
            met === true,
            `peak memory of the consumer over ${what} ${peakMB.toFixed(0)} MB, target ${targetMB} MB` +
              ` (${seconds.toFixed(1)} s, ${round(files / seconds)} files/s)`,
          ),
    ),
    '',
  ].join('\n');
}

function visibleTable(rows: readonly (readonly [string, Phase])[]): string {
  const table = new Table({ head: ['', 'p50', 'p95', 'max', 'batches', 'files a batch', 'round trips'], ...PLAIN });
  for (const [name, phase] of rows) {
    const { visibleMs, filesPerBatch, roundTripsPerBatch } = phase;
    table.push([
      name,
      ...[visibleMs.p50, visibleMs.p95, visibleMs.max].map(round),
      String(phase.batches),
      round(filesPerBatch.mean),
      `${round(roundTripsPerBatch.p50)} (max ${round(roundTripsPerBatch.max)})`,
    ]);
  }
  return table.toString();
}

function stageTable(phase: Phase): string {
  const table = new Table({ head: ['stage', 'p50', 'p95', 'max', 'share'], ...PLAIN });
  for (const stage of STAGES) {
    const ms = phase.stageMs[stage];
    // Rows are visible before their messages are deleted, so the sum does not include settling.
    const share = stage === 'settling' ? '(after)' : `${((100 * ms.mean) / phase.visibleMs.mean).toFixed(1)} %`;
    table.push([stage, round(ms.p50), round(ms.p95), round(ms.max), share]);
  }
  return table.toString();
}

function round(value: number): string {
  return value.toFixed(0);
}
