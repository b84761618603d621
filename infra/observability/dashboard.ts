import { alarmsOf, logMetric, queueMetric, taskMetric } from './alarms.ts';
import type { Metric } from './alarms.ts';
import type { Watched } from './watched.ts';

/** One tile of the dashboard, as CloudWatch takes it ("Dashboard body structure and syntax"). */
export type Widget = {
  readonly type: 'metric' | 'alarm' | 'log' | 'text';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
};

type Tile = Pick<Widget, 'type' | 'properties'> & { readonly width: number };
type Series = { readonly metric: Metric; readonly label: string };

/** Width of a dashboard. */
const COLUMNS = 24;
const HEIGHT = 6;

/** The body of the dashboard: what `status` would show, over time. */
export function dashboardBody(watched: Watched, alarmArns: readonly string[]): { readonly widgets: readonly Widget[] } {
  return { widgets: placed([...general(watched, alarmArns), ...ofConsumer(watched), ...ofWarehouse(watched)]) };
}

/** Places tiles side by side, in rows as wide as the dashboard. */
export function placed(tiles: readonly Tile[]): readonly Widget[] {
  let x = 0;
  let y = 0;
  return tiles.map(({ type, width, properties }) => {
    if (x + width > COLUMNS) {
      x = 0;
      y += HEIGHT;
    }
    const widget = { type, x, y, width, height: HEIGHT, properties };
    x += width;
    return widget;
  });
}

function general(watched: Watched, alarmArns: readonly string[]): readonly Tile[] {
  const { queue, deadLetterQueue } = watched;
  return [
    { type: 'alarm', width: 16, properties: { title: 'Alarms', alarms: alarmArns } },
    { type: 'text', width: 8, properties: { markdown: runbook(watched) } },
    lines(watched, 8, 'Backlog: messages', [
      { metric: queueMetric(queue, 'ApproximateNumberOfMessagesVisible', 'Maximum'), label: 'waiting' },
      { metric: queueMetric(queue, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'), label: 'in flight' },
      { metric: queueMetric(deadLetterQueue, 'ApproximateNumberOfMessagesVisible', 'Maximum'), label: 'dead letters' },
    ]),
    lines(watched, 8, 'Oldest message: seconds', [
      { metric: queueMetric(queue, 'ApproximateAgeOfOldestMessage', 'Maximum'), label: 'oldest' },
    ]),
    lines(watched, 8, 'Messages: arrived and deleted', [
      { metric: queueMetric(queue, 'NumberOfMessagesSent', 'Sum'), label: 'arrived' },
      { metric: queueMetric(queue, 'NumberOfMessagesDeleted', 'Sum'), label: 'deleted' },
    ]),
  ];
}

/** What to do at each alarm. */
function runbook(watched: Watched): string {
  const sections = alarmsOf(watched).map(({ key }) => `- ${key}: docs/runbook.md#${key}`);
  return ['### What to do at an alarm', ...sections].join('\n');
}

function ofConsumer(watched: Watched): readonly Tile[] {
  const { consumer } = watched;
  if (consumer === null) return [];
  return [
    lines(watched, 8, 'Behind, and what the settings let a file wait: ms', [
      { metric: logMetric(watched, 'BehindMilliseconds', 'Maximum'), label: 'behind' },
      { metric: logMetric(watched, 'ExpectedMilliseconds', 'Maximum'), label: 'expected' },
      { metric: logMetric(watched, 'PausedMilliseconds', 'Maximum'), label: 'paused' },
    ]),
    lines(watched, 8, 'Put → visible: 95 % of the files of a minute, ms', [
      { metric: logMetric(watched, 'PutToVisibleMilliseconds', 'Average'), label: 'average' },
      { metric: logMetric(watched, 'PutToVisibleMilliseconds', 'Maximum'), label: 'worst minute' },
    ]),
    lines(watched, 8, 'Files settled and quarantined, rows rejected and removed', [
      { metric: logMetric(watched, 'FilesSettled', 'Sum'), label: 'files settled' },
      { metric: logMetric(watched, 'FilesQuarantined', 'Sum'), label: 'files quarantined' },
      { metric: logMetric(watched, 'FilesQuarantinedOpen', 'Maximum'), label: 'still quarantined' },
      { metric: logMetric(watched, 'RowsRejected', 'Sum'), label: 'rows rejected' },
      { metric: logMetric(watched, 'RowsRemoved', 'Sum'), label: 'rows removed' },
    ]),
    lines(watched, 8, 'Loads: retried and failed', [
      { metric: logMetric(watched, 'LoadsRetried', 'Sum'), label: 'retried' },
      { metric: logMetric(watched, 'LoadsFailed', 'Sum'), label: 'failed' },
    ]),
    lines(watched, 8, 'Consumer: % of its CPU and memory', [
      { metric: taskMetric(consumer, 'CPUUtilization', 'Maximum'), label: 'CPU' },
      { metric: taskMetric(consumer, 'MemoryUtilization', 'Maximum'), label: 'memory' },
    ]),
    logTile(watched, consumer.logGroup, 16, 'Last batches', [
      'filter event = "load.committed"',
      'fields @timestamp, lane, reason, files, rows.inserted, rows.updated, rows.repaired, rows.removed, rows.rejected, loadMs, putToVisible.maxMs',
    ]),
    logTile(watched, consumer.logGroup, 24, 'Warnings and errors', [
      'filter level in ["warn", "error"]',
      'fields @timestamp, level, event, msg',
    ]),
  ];
}

function ofWarehouse(watched: Watched): readonly Tile[] {
  const { warehouse } = watched;
  if (warehouse.kind === 'workgroup') return [];
  const metric = (name: string): Metric => ({
    namespace: 'AWS/Redshift',
    name,
    dimensions: { ClusterIdentifier: warehouse.name },
    statistic: 'Maximum',
  });
  return [
    lines(watched, 8, 'Warehouse: % of CPU and disk', [
      { metric: metric('CPUUtilization'), label: 'CPU' },
      { metric: metric('PercentageDiskSpaceUsed'), label: 'disk' },
    ]),
    lines(watched, 8, 'Warehouse: healthy (1), in maintenance (1)', [
      { metric: metric('HealthStatus'), label: 'healthy' },
      { metric: metric('MaintenanceMode'), label: 'in maintenance' },
    ]),
  ];
}

function lines({ region }: Watched, width: number, title: string, series: readonly Series[]): Tile {
  const metrics = series.map(({ metric, label }) => [
    metric.namespace,
    metric.name,
    ...Object.entries(metric.dimensions).flat(),
    { stat: metric.statistic, label },
  ]);
  return {
    type: 'metric',
    width,
    properties: {
      title,
      region,
      view: 'timeSeries',
      stacked: false,
      period: 300,
      yAxis: { left: { min: 0 } },
      metrics,
    },
  };
}

function logTile({ region }: Watched, logGroup: string, width: number, title: string, steps: readonly string[]): Tile {
  const query = [`SOURCE '${logGroup}'`, ...steps, 'sort @timestamp desc', 'limit 20'].join(' | ');
  return { type: 'log', width, properties: { title, region, view: 'table', query } };
}
