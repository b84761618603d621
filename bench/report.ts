import type { Machine } from './machine.ts';

/** For `cli-table3`: no colours, so that a report can be pasted. */
export const PLAIN = { style: { head: [], border: [] } };

/** What the numbers were measured on, and with which versions. */
export function printMachine(machine: Machine): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
    `node ${machine.node}, ${versions.join(', ')}`,
  ].join('\n');
}

/** Whether a target was met, in a sentence that names both numbers. */
export function verdict(met: boolean, sentence: string): string {
  return `${met ? 'ok' : 'MISSED'}  ${sentence}`;
}
