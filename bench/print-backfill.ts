import Table from 'cli-table3';
import type { BackfillResult, BackfillRun } from './backfill.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: both runs and the floor, the stages of each, and whether the targets are met. */
export function printBackfill(result: BackfillResult): string {
  const { first, floor, machine, megabytes, overFloor, plan, second, secondShare } = result;
  const table = new Table({
    ...PLAIN,
    head: ['', 's', 'events/s', 'MB/s', 'CPU s', 'batches', 'know', 'read', 'stage', 'publish', 'peak MB'],
  });
  const lineOf = (what: string, run: BackfillRun): string[] => [
    ...[what, seconds(run.ms), rate(plan.events, run.ms), (megabytes / (run.ms / 1000)).toFixed(1), seconds(run.cpuMs)],
    String(run.batches),
    ...(['know', 'read', 'stage', 'publish'] as const).map(
      (stage) => `${((100 * run.stageMs[stage]) / run.ms).toFixed(0)} %`,
    ),
    run.peakMB === null ? '?' : run.peakMB.toFixed(0),
  ];
  table.push(lineOf('backfill', first), lineOf('again, all known', second));
  const floorMs = floor.copyMs + floor.reloadMs;
  return [
    printMachine(machine),
    '',
    `${plan.events} events in ${plan.logFiles} files and ${plan.songs} songs, ${megabytes.toFixed(0)} MB`,
    table.toString(),
    'Shares are of the clock. A batch is read while another one is published, so they may add up to more than 100 %.',
    '',
    `The floor: ${seconds(floorMs)} s (COPY ${seconds(floor.copyMs)} s, full reload ${seconds(floor.reloadMs)} s)`,
    verdict(
      overFloor.met,
      `the backfill takes ${overFloor.ratio.toFixed(2)} × the floor, target ≤ ${overFloor.target} ×`,
    ),
    verdict(
      secondShare.met,
      `the second run takes ${(100 * secondShare.ratio).toFixed(1)} % of the first, target ≤ ${100 * secondShare.target} %`,
    ),
    '',
  ].join('\n');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function rate(events: number, ms: number): string {
  return (events / (ms / 1000)).toFixed(0);
}
