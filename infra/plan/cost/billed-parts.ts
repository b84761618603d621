import type { RestLimits } from '../../../src/core/rest.ts';
import type { Settings } from '../../settings.ts';
import { alarmMetrics, alarmsOf } from '../alarms/alarms.ts';
import { METRIC_FILTERS } from '../alarms/metric-filters.ts';
import { watchedOf } from '../alarms/watched.ts';
import { namesOf } from '../names.ts';
import { endpointsOf } from '../network/endpoints.ts';
import { HOURS_A_MONTH, runningHours } from './running-hours.ts';

/** What of a stack is on the bill, whatever its traffic. */
export type BilledParts = {
  readonly warehouse:
    | { readonly kind: 'cluster'; readonly nodeType: string; readonly nodeCount: number; readonly runningHours: number }
    | { readonly kind: 'serverless'; readonly baseCapacity: number }
    | { readonly kind: 'existing' };
  /** How the consumers rest between their loads. */
  readonly rest: RestLimits;
  readonly consumer: { readonly vcpu: number; readonly memoryGb: number; readonly tasks: number } | null;
  /** Interface endpoints, each counted once for each zone that it is in. */
  readonly endpointZones: number;
  readonly alarmMetrics: number;
  readonly customMetrics: number;
  readonly dashboards: number;
  readonly secrets: number;
  /** Images that the stack's repository keeps. */
  readonly images: number;
  /** Whether notifications come by EventBridge. */
  readonly eventBridge: boolean;
};

/** The current image and those before it that the repository keeps for a way back. */
export const IMAGES_KEPT = 5;

/** The parts of a stack that cost something, from its settings alone: the same plans that make the resources. */
export function billedParts(settings: Settings): BilledParts {
  const { warehouse, consumer, network, data, alarms } = settings;
  const watched = watchedOf(settings, namesOf('any'));
  const interfaces = endpointsOf(settings).filter(({ type }) => type === 'Interface').length;
  const consumes = consumer.kind === 'fargate';
  return {
    warehouse: warehouseParts(warehouse),
    rest: settings.batching,
    consumer: consumes
      ? { vcpu: consumer.cpu / 1024, memoryGb: consumer.memoryMb / 1024, tasks: consumer.count }
      : null,
    endpointZones: network.kind === 'new' ? interfaces * network.endpointZones : 0,
    alarmMetrics: alarmMetrics(alarmsOf(watched)),
    customMetrics: consumes ? METRIC_FILTERS.length : 0,
    dashboards: alarms.dashboard ? 1 : 0,
    secrets: warehouse.kind === 'existing' ? 0 : 1,
    images: consumes && consumer.image === null ? IMAGES_KEPT : 0,
    eventBridge: data.bucket.kind === 'existing' && data.bucket.events === 'eventbridge',
  };
}

function warehouseParts(warehouse: Settings['warehouse']): BilledParts['warehouse'] {
  switch (warehouse.kind) {
    case 'cluster': {
      const { nodeType, nodeCount, schedule } = warehouse;
      const hours = schedule === null ? HOURS_A_MONTH : runningHours(schedule.pause, schedule.resume);
      return { kind: 'cluster', nodeType, nodeCount, runningHours: hours };
    }
    case 'serverless':
      return { kind: 'serverless', baseCapacity: warehouse.baseCapacity };
    case 'existing':
      return { kind: 'existing' };
  }
}
