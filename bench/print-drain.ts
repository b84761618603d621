import Table from 'cli-table3';
import type { DrainResult, Drained } from './drain.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: messages a second of both programs, and whether the target is met. */
export function printDrain({ machine, plan, ratio, sparkify, sqsConsumer, targetRatio }: DrainResult): string {
  const head = ['messages/s (CPU time of the program)', ...sparkify.map((_, round) => `round ${round + 1}`)];
  const table = new Table({ ...PLAIN, head });
  const lineOf = (what: string, rounds: readonly Drained[]): string[] => [
    what,
    ...rounds.map(({ cpuMs, perSecond }) => `${perSecond.toFixed(0)} (${(cpuMs / 1000).toFixed(1)} s)`),
  ];
  table.push(
    lineOf('sparkify consume, which loads the files', sparkify),
    lineOf('sqs-consumer, which reads the files', sqsConsumer),
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
