import Table from 'cli-table3';
import type { BatchCost, BatchResult } from './batch.ts';
import { PLAIN, printMachine } from './report.ts';

/** The result for a person: a line for each batch, then by how much the tables grew. */
export function printBatches({ costs, machine }: BatchResult): string {
  const counts = new Table({
    head: [
      'batch',
      'plan',
      'files',
      'statements',
      'under the lock',
      'transactions',
      'COPY',
      'CREATE',
      'MERGE',
      'calls',
    ],
    ...PLAIN,
  });
  for (const cost of costs) {
    const { calls, copies, files, lane, merges, plan, statements, tablesCreated, transactions, underLock } = cost;
    counts.push(
      [lane, plan, files, statements, underLock, transactions, copies, tablesCreated, merges, calls].map(String),
    );
  }
  const names = [...new Set(costs.flatMap(({ bytes }) => Object.keys(bytes).filter((name) => bytes[name] !== 0)))];
  const growth = new Table({ head: ['KiB by which a table grew', ...costs.map(titleOf)], ...PLAIN });
  for (const name of names) growth.push([name, ...costs.map(({ bytes }) => String((bytes[name] ?? 0) / 1024))]);
  return [printMachine(machine), '', counts.toString(), '', growth.toString(), ''].join('\n');
}

function titleOf({ files, lane, plan }: BatchCost): string {
  return `${files} ${lane}, ${plan}`;
}
