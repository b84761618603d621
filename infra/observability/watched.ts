import type { Settings } from '../settings/settings.ts';
import type { Names } from '../aws/names.ts';

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
  /** The longest pause of the cluster's schedule: messages wait on purpose meanwhile. `null`: the cluster always runs. */
  readonly plannedPauseMinutes: number | null;
};

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
    plannedPauseMinutes: warehouse.kind === 'cluster' ? (warehouse.schedule?.longestPauseMinutes ?? null) : null,
  };
}

/** For how long files wait on purpose: seconds make no difference, minutes do. */
function waitsMinutes({ lingerMs, loadIntervalMs }: Settings['batching']): number {
  return Math.round((lingerMs + loadIntervalMs) / 60_000);
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
