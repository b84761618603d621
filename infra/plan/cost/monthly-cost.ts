import { restAfter } from '../../../src/core/rest.ts';
import type { BilledParts } from './billed-parts.ts';
import { isPriceName } from './prices.ts';
import { HOURS_A_MONTH } from './running-hours.ts';
import type { PriceName, Prices } from './prices.ts';
import type { Usage } from './usage.ts';

/** One line of the estimate. */
type CostPart = {
  readonly what: string;
  readonly quantity: number;
  readonly price: PriceName | null;
  /** `null` where the price is not known. */
  readonly usd: number | null;
};

export type Cost = {
  readonly parts: readonly CostPart[];
  /** Sum of the parts whose price is known. */
  readonly totalUsd: number;
  /** Parts without a price. The total is a lower bound when there is one. */
  readonly unpriced: readonly string[];
};

type Quantity = { readonly what: string; readonly quantity: number; readonly price: PriceName | null };

const DAYS_A_MONTH = HOURS_A_MONTH / 24;
const DAY_SECONDS = 86_400;
/** Redshift Serverless bills at least a minute for each time that it wakes. */
const SERVERLESS_MINIMUM_SECONDS = 60;
/** The service's own (`CONSUMER_DEFAULTS`; a test holds the two together): one after the other while nothing comes. */
export const LONG_POLL_SECONDS = 2;
const IDLE_RECEIVES_PER_DAY = DAY_SECONDS / LONG_POLL_SECONDS;
/** Sent by the bucket, received, deleted; batch calls of ten make it less. */
const QUEUE_REQUESTS_PER_FILE = 3;
/** Manifest, file list and bundle: written once, read once. */
const WORK_FILES_PER_BATCH = 3;
/** One line for each batch and what comes with it, as JSON. */
const LOG_BYTES_PER_BATCH = 2_000;
/** Notification, its deletion, and a batch's eight Data API calls with their SQL. */
const ENDPOINT_BYTES_PER_FILE = 4_000;
const ENDPOINT_BYTES_PER_BATCH = 200_000;
const IMAGE_GB = 0.1;
const GB = 1e9;

/**
 * The month's bill of a stack, by parts. Pure: parts and usage in, dollars out. Free tiers, taxes, reserved prices,
 * snapshots beyond the free ones and traffic between zones are left out.
 */
export function monthlyCost(stack: BilledParts, usage: Usage, prices: Prices): Cost {
  const parts = quantities(stack, usage)
    .filter(({ quantity }) => quantity > 0)
    .map(({ what, quantity, price }): CostPart => {
      const unit = price === null ? null : prices[price];
      return { what, quantity, price, usd: unit === null ? null : quantity * unit };
    });
  return {
    parts,
    totalUsd: parts.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    unpriced: parts.filter(({ usd }) => usd === null).map(({ what }) => what),
  };
}

type Loading = Pick<BilledParts, 'consumer' | 'rest'>;

/** Batches a day: a file alone when few come, one after each rest when many do, and never two at a time. */
export function batchesPerDay({ consumer, rest }: Loading, { filesPerDay, batchSeconds }: Usage): number {
  const consumers = consumer?.tasks ?? 1;
  const seconds = Math.max(1, batchSeconds);
  const warehouseMs = seconds * 1000;
  const round = { startedAtMs: 0, endedAtMs: warehouseMs, warehouseMs, liveConsumers: consumers };
  const nextMs = restAfter(round, rest)?.untilMs ?? round.endedAtMs;
  return Math.min(filesPerDay, DAY_SECONDS / seconds, (consumers * DAY_SECONDS) / (nextMs / 1000));
}

/**
 * Hours a month for which a Serverless workgroup is billed: each batch for at least a minute, and never more than all
 * of them. A steady trickle keeps it awake all day, unless loads come minutes apart.
 */
export function serverlessHours(stack: Loading, usage: Usage): number {
  const loading = batchesPerDay(stack, usage) * Math.max(SERVERLESS_MINIMUM_SECONDS, usage.batchSeconds);
  return (Math.min(DAY_SECONDS, loading + usage.queryHoursPerDay * 3_600) / 3_600) * DAYS_A_MONTH;
}

function quantities(stack: BilledParts, usage: Usage): readonly Quantity[] {
  const files = usage.filesPerDay * DAYS_A_MONTH;
  const batches = batchesPerDay(stack, usage) * DAYS_A_MONTH;
  const logsGb = stack.consumer === null ? 0 : (batches * LOG_BYTES_PER_BATCH) / GB;
  const endpointGb = (files * ENDPOINT_BYTES_PER_FILE + batches * ENDPOINT_BYTES_PER_BATCH) / GB;
  const idleReceives = (stack.consumer?.tasks ?? 0) * IDLE_RECEIVES_PER_DAY * DAYS_A_MONTH;
  return [
    ...warehouse(stack, usage),
    ...consumer(stack),
    { what: 'Interface endpoints, by zone', quantity: stack.endpointZones * HOURS_A_MONTH, price: 'interfaceEndpoint' },
    { what: 'Data through them', quantity: stack.endpointZones > 0 ? endpointGb : 0, price: 'interfaceEndpointData' },
    { what: 'Queue', quantity: (files * QUEUE_REQUESTS_PER_FILE + idleReceives) / 1e6, price: 'queueRequests' },
    { what: 'Notifications by EventBridge', quantity: stack.eventBridge ? files / 1e6 : 0, price: 'eventBridgeEvents' },
    { what: 'Bucket: storage', quantity: usage.bucketGb, price: 'bucketStorage' },
    { what: 'Bucket: writes', quantity: (files + batches * WORK_FILES_PER_BATCH) / 1e3, price: 'bucketPuts' },
    { what: 'Bucket: reads', quantity: (files + batches * WORK_FILES_PER_BATCH) / 1e3, price: 'bucketGets' },
    { what: 'Log: written', quantity: logsGb, price: 'logIngestion' },
    { what: 'Log: a month kept', quantity: logsGb, price: 'logStorage' },
    { what: 'Metrics of alarms', quantity: stack.alarmMetrics, price: 'alarmMetric' },
    { what: 'Metrics from the log', quantity: stack.customMetrics, price: 'customMetric' },
    { what: 'Dashboard', quantity: stack.dashboards, price: 'dashboard' },
    { what: 'Secret with the admin password', quantity: stack.secrets, price: 'secret' },
    { what: 'Images', quantity: stack.images * IMAGE_GB, price: 'imageStorage' },
  ];
}

function warehouse(stack: BilledParts, usage: Usage): readonly Quantity[] {
  const { warehouse: it } = stack;
  const storage: Quantity = { what: 'Warehouse: storage', quantity: usage.warehouseGb, price: 'managedStorage' };
  switch (it.kind) {
    case 'cluster':
      return [
        {
          what: `Warehouse: ${it.nodeCount} × ${it.nodeType}`,
          quantity: it.nodeCount * it.runningHours,
          price: nodePrice(it.nodeType),
        },
        storage,
      ];
    case 'serverless':
      return [
        {
          what: `Warehouse: ${it.baseCapacity} RPU while awake`,
          quantity: it.baseCapacity * serverlessHours(stack, usage),
          price: 'rpu',
        },
        storage,
      ];
    case 'existing':
      return [];
  }
}

function nodePrice(nodeType: string): PriceName | null {
  return /^r[ag]3?\./.test(nodeType) && isPriceName(nodeType) ? nodeType : null;
}

function consumer({ consumer: it }: BilledParts): readonly Quantity[] {
  if (it === null) return [];
  const hours = it.tasks * HOURS_A_MONTH;
  return [
    { what: `Consumer: ${it.vcpu} vCPU`, quantity: it.vcpu * hours, price: 'fargateVcpu' },
    { what: `Consumer: ${it.memoryGb} GB of memory`, quantity: it.memoryGb * hours, price: 'fargateMemory' },
  ];
}
