/**
 * Metrics that are made from the line `consumer.measured`, which a consumer writes once a minute, also in a pause (`src/observe`). A
 * pattern names the event by the field `event`, so that a new wording of a sentence changes no metric.
 */
export type MetricFilterPlan = {
  readonly metric: string;
  /** CloudWatch Logs filter pattern for JSON events. */
  readonly pattern: string;
  /** A selector such as `$.behindMs`. */
  readonly value: string;
  readonly unit: 'Count' | 'Milliseconds';
  /** Whether the values of a time add up. */
  readonly isSum: boolean;
};

/** What was done in the last minute. */
function sum<M extends string>(metric: M, field: string) {
  return {
    metric,
    pattern: '{ $.event = "consumer.measured" }',
    value: `$.counts.${field}`,
    unit: 'Count',
    isSum: true,
  } as const;
}

/** A state; a line in which it is unknown (`null`) has no value. */
function state<M extends string>(metric: M, field: string, unit: 'Count' | 'Milliseconds') {
  const pattern = `{ $.event = "consumer.measured" && $.${field} >= 0 }`;
  return { metric, pattern, value: `$.${field}`, unit, isSum: false } as const;
}

export const METRIC_FILTERS = [
  sum('LoadsFailed', 'loadsFailed'),
  sum('LoadsRetried', 'loadsRetried'),
  sum('FilesSettled', 'filesSettled'),
  sum('FilesQuarantined', 'filesQuarantined'),
  sum('RowsRejected', 'rowsRejected'),
  sum('RowsRemoved', 'rowsRemoved'),
  state('PutToVisibleMilliseconds', 'putToVisible.p95Ms', 'Milliseconds'),
  state('BehindMilliseconds', 'behindMs', 'Milliseconds'),
  state('ExpectedMilliseconds', 'expectedMs', 'Milliseconds'),
  state('PausedMilliseconds', 'pausedMs', 'Milliseconds'),
  state('FilesQuarantinedOpen', 'openQuarantined', 'Count'),
] as const satisfies readonly MetricFilterPlan[];

export type LogMetric = (typeof METRIC_FILTERS)[number]['metric'];

/** The value of a metric for log lines that do not match its filter: none for a state, which a 0 would end. */
export function defaultValue({ isSum }: MetricFilterPlan): string | null {
  return isSum ? '0' : null;
}
