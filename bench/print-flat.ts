import Table from 'cli-table3';
import type { StatementCost } from './explaining-warehouse.ts';
import type { FlatCase, FlatCost, FlatResult } from './flat.ts';
import type { Quartiles } from './quantiles.ts';
import { PLAIN, printMachine, verdict } from './report.ts';

/** The result for a person: times, then what every statement read and wrote on the smallest and the largest history. */
export function printFlat(result: FlatResult): string {
  const { cases, plan } = result;
  return [
    printMachine(result.machine),
    '',
    `The same batch on top of longer and longer history; median (quartiles) of ${plan.rounds} rounds, ms`,
    timesTable(cases),
    '',
    ...cases.flatMap((each) => [
      `${each.which}: what each statement did to the lasting tables, on ${plan.sizes.map(shortCount).join(' / ')} plays`,
      statementsTable(each.costs),
      '',
    ]),
    ...cases.map((each) => verdict(each.met, ratioSentence(each, result))),
    '',
  ].join('\n');
}

function ratioSentence(each: FlatCase, { plan, targetRatio }: FlatResult): string {
  const [smallest, largest] = [plan.sizes[0] ?? 0, plan.sizes.at(-1) ?? 0].map(shortCount);
  return (
    `${each.which}: ${times(each.ratio)} from ${smallest} to ${largest} plays, target ≤ ${targetRatio} ×; ` +
    `in the warehouse ${times(each.warehouseRatio)}, of CPU time ${times(each.cpuRatio)}`
  );
}

function timesTable(cases: readonly FlatCase[]): string {
  const head = [
    'batch',
    'plays',
    'total',
    'read',
    'stage',
    'publish',
    'warehouse',
    'CPU',
    'rows read',
    'rows written',
    'pages',
    'calls',
  ];
  const table = new Table({ head, ...PLAIN });
  for (const { costs, which } of cases) {
    for (const cost of costs) {
      const { publish, read, stage } = cost.stageMs;
      const sums = (['rowsRead', 'rowsWritten', 'pages'] as const).map((what) => sum(cost.statements, what));
      const medians = [read, stage, publish, cost.warehouseMs, cost.cpuMs].map(({ p50 }) => p50);
      table.push([which, cost.plays, middle(cost.totalMs), ...medians, ...sums, cost.roundTrips].map(String));
    }
  }
  return table.toString();
}

/** One line a statement; the numbers of all histories beside each other. */
function statementsTable(costs: readonly FlatCost[]): string {
  const table = new Table({
    head: ['statement', 'rows read', 'rows written', 'pages', 'access on the largest'],
    ...PLAIN,
  });
  for (const [index, statement] of (costs[0]?.statements ?? []).entries()) {
    const all = costs.map(({ statements }) => statements[index]);
    if (!all.some((cost) => cost !== undefined && cost.access.length + cost.rowsWritten > 0)) continue;
    const each = (of: (cost: StatementCost) => number): string =>
      all.map((cost) => (cost === undefined ? '?' : String(of(cost)))).join(' / ');
    table.push([
      statement.statement,
      each(({ rowsRead }) => rowsRead),
      each(({ rowsWritten }) => rowsWritten),
      each(({ pages }) => pages),
      (all.at(-1)?.access ?? []).join('\n'),
    ]);
  }
  return table.toString();
}

function times({ p25, p50, p75 }: Quartiles): string {
  return `${p50.toFixed(2)} × (${p25.toFixed(2)}–${p75.toFixed(2)})`;
}

function middle({ p25, p50, p75 }: Quartiles): string {
  return `${p50} (${p25}–${p75})`;
}

function sum(statements: readonly StatementCost[], what: 'rowsRead' | 'rowsWritten' | 'pages'): number {
  return statements.reduce((total, statement) => total + statement[what], 0);
}

function shortCount(plays: number): string {
  return plays >= 1e6 ? `${plays / 1e6}M` : `${plays / 1e3}k`;
}
