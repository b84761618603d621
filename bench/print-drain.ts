import Table from 'cli-table3';
import type { DrainResult } from './drain.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: messages a second of both programs, and whether the target is met. */
export function printDrain({ machine, plan, ratio, sparkify, sqsConsumer, targetRatio }: DrainResult): string {
  const table = new Table({ ...PLAIN, head: ['messages/s', ...sparkify.map((_, round) => `round ${round + 1}`)] });
  table.push(
    ['sparkify consume, which loads the files', ...sparkify.map((rate) => rate.toFixed(0))],
    ['sqs-consumer, which reads them', ...sqsConsumer.map((rate) => rate.toFixed(0))],
  );
  return [
    printMachine(machine),
    '',
    `${plan.notifications} notifications, each about an object of its own`,
    table.toString(),
    verdict(ratio >= targetRatio, `${ratio.toFixed(2)} × the rate of sqs-consumer, target ≥ ${targetRatio} ×`),
    '',
  ].join('\n');
}
