import type { Settings } from '../../settings.ts';
import type { Names } from '../names.ts';
import { longestPauseMinutes, weekOf } from '../warehouse/week.ts';

/** What alarms and the dashboard look at, by name: the same names that the parts of the stack are made with. */
export type Watched = {
  readonly region: string;
  /** Where metrics made from the log stand. */
  readonly namespace: string;
  readonly alarmPrefix: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  /** `null`: the consumer runs elsewhere, and so does its log. */
  readonly consumer: { readonly cluster: string; readonly service: string; readonly logGroup: string } | null;
  readonly warehouse: { readonly kind: 'cluster' | 'workgroup'; readonly name: string };
  readonly oldestMessageMinutes: number;
  /** While it is paused on purpose, messages wait on purpose. `null`: never. */
  readonly plannedPause: PlannedPause | null;
};

/** The longest of a week; `null` minutes where a week does not say it. */
type PlannedPause = { readonly minutes: number | null };

/** Names and limits for a stack. */
export function watchedOf(settings: Settings, names: Names): Watched {
  const { warehouse } = settings;
  return {
    region: settings.region,
    namespace: names.metricNamespace,
    alarmPrefix: names.alarmPrefix,
    queue: names.queue,
    deadLetterQueue: names.deadLetterQueue,
    consumer:
      settings.consumer.kind === 'none'
        ? null
        : { cluster: names.ecsCluster, service: names.ecsService, logGroup: names.logGroup },
    warehouse: warehouseName(warehouse, names),
    oldestMessageMinutes: settings.alarms.oldestMessageMinutes + waitsMinutes(settings.batching),
    plannedPause: plannedPause(warehouse),
  };
}

/** For how long files wait on purpose: seconds make no difference, minutes do. */
function waitsMinutes({ lingerMs, loadIntervalMs }: Settings['batching']): number {
  return Math.round((lingerMs + loadIntervalMs) / 60_000);
}

function plannedPause(warehouse: Settings['warehouse']): PlannedPause | null {
  if (warehouse.kind !== 'cluster' || warehouse.schedule === null) return null;
  const week = weekOf(warehouse.schedule);
  return { minutes: week === null ? null : longestPauseMinutes(week) };
}

function warehouseName(warehouse: Settings['warehouse'], names: Names): Watched['warehouse'] {
  switch (warehouse.kind) {
    case 'cluster':
      return { kind: 'cluster', name: names.cluster };
    case 'serverless':
      return { kind: 'workgroup', name: names.workgroup };
    case 'existing':
      return warehouse.target.kind === 'cluster'
        ? { kind: 'cluster', name: warehouse.target.identifier }
        : { kind: 'workgroup', name: warehouse.target.name };
  }
}
