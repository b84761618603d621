import type { ListingResult } from './listing.ts';
import { printMachine, verdict } from './report.ts';

/** The result for a person, and whether the memory is bounded. */
export function printListing(result: ListingResult): string {
  const { machine, peakMB, plan, seconds, targetRatio } = result;
  const [after, before] = [peakMB.all, peakMB.tenth].map((value) => value?.toFixed(0) ?? '?');
  return [
    printMachine(machine),
    '',
    `sparkify backfill --dry-run looked up ${plan.keys} keys in ${seconds.toFixed(1)} s`,
    verdict(
      isBounded(result),
      `peak memory ${after} MB, after a tenth of the keys ${before} MB, target ≤ ${targetRatio} ×`,
    ),
    '',
  ].join('\n');
}

export function isBounded({ peakMB: { all, tenth }, targetRatio }: ListingResult): boolean {
  return all !== null && tenth !== null && all <= targetRatio * tenth;
}
