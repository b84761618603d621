import { readSettings } from '../../settings.ts';
import { billedParts } from './billed-parts.ts';
import { monthlyCost } from './monthly-cost.ts';
import type { Cost } from './monthly-cost.ts';
import { pricesWith } from './prices.ts';
import { usageWith } from './usage.ts';
import type { Usage } from './usage.ts';

/** A stack whose bill `docs/cost.md` shows. */
export type CostExample = {
  readonly name: string;
  readonly for: string;
  /** As in `Pulumi.<stack>.yaml`, each as text. */
  readonly settings: Readonly<Record<string, string>>;
  readonly usage: Partial<Usage>;
};

const REGION = { region: 'us-east-1' };

export const COST_EXAMPLES: readonly CostExample[] = [
  {
    name: 'Small',
    for: 'A trial: hourly files, Serverless that sleeps between them, no dashboard.',
    settings: { ...REGION, warehouse: 'serverless', baseCapacity: '4', endpointZones: '1', dashboard: 'false' },
    usage: { filesPerDay: 24, bucketGb: 1, warehouseGb: 1, queryHoursPerDay: 1 },
  },
  {
    name: 'Small, paused at night',
    for: 'The same files and a cluster of the smallest node, twelve hours on working days.',
    settings: {
      ...REGION,
      pauseSchedule: 'cron(0 19 ? * MON-FRI *)',
      resumeSchedule: 'cron(0 7 ? * MON-FRI *)',
      endpointZones: '1',
      dashboard: 'false',
    },
    usage: { filesPerDay: 24, bucketGb: 1, warehouseGb: 1 },
  },
  {
    name: 'Medium',
    for: 'A file every five minutes, a cluster that is always there.',
    settings: { ...REGION, nodeCount: '2' },
    usage: {},
  },
  {
    name: 'Medium, Serverless',
    for: 'The same files: each wakes the workgroup for at least a minute.',
    settings: { ...REGION, warehouse: 'serverless', baseCapacity: '8' },
    usage: {},
  },
  {
    name: 'Medium, Serverless, every quarter of an hour',
    for: 'The same files; those of fifteen minutes are loaded together, so that the workgroup sleeps between the loads.',
    settings: { ...REGION, warehouse: 'serverless', baseCapacity: '8', loadIntervalMs: '900000' },
    usage: {},
  },
  {
    name: 'Large',
    for: 'A file a second, two consumers, four large nodes.',
    settings: { ...REGION, nodeType: 'ra3.4xlarge', nodeCount: '4', consumerCount: '2' },
    usage: { filesPerDay: 86_400, bucketGb: 5_000, warehouseGb: 2_000 },
  },
];

/** The bill of an example. */
export function exampleCost({ settings, usage }: CostExample): Cost {
  const names = Object.keys(settings);
  const read = readSettings({ get: (name) => settings[name], names: () => names });
  return monthlyCost(billedParts(read), usageWith(usage), pricesWith({}));
}
