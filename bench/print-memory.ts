import type { MemoryResult } from './memory.ts';
import { printMachine, verdict } from './report.ts';

/** The result for a person: machine, versions, and whether the target is met. */
export function printMemory(result: MemoryResult): string {
  const { held, peakMB, plan, seconds, secondsToHold, targetMB } = result;
  return [
    printMachine(result.machine),
    '',
    `${plan.notifications} notifications waited, about ${plan.objects} objects (four log files to one song).`,
    `${held} were held at once after ${secondsToHold.toFixed(1)} s; all were settled after ${seconds.toFixed(1)} s.`,
    '',
    peakMB === null
      ? '?  peak memory: this system does not tell'
      : verdict(
          result.met === true,
          `peak resident memory of the consumer ${peakMB.toFixed(0)} MB, target ${targetMB} MB`,
        ),
    '',
  ].join('\n');
}
