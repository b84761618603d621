/**
 * Metrics that are made from the consumer's JSON log (`src/observe`). A pattern names an event of `src/core/events.ts`
 * by the field `event`, so that a new wording of a sentence changes no metric.
 */
export type MetricFilterPlan = {
  readonly metric: string;
  /** CloudWatch Logs filter pattern for JSON events. */
  readonly pattern: string;
  /** `1` counts lines; a selector such as `$.files` adds up the field. */
  readonly value: string;
  readonly unit: 'Count' | 'Milliseconds';
};

const COMMITTED = '$.event = "load.committed" && $.lane != "ignored"';

export const METRIC_FILTERS = [
  { metric: 'LoadsFailed', pattern: '{ $.event = "load.failed" }', value: '1', unit: 'Count' },
  { metric: 'LoadsRetried', pattern: '{ $.event = "load.retried" }', value: '1', unit: 'Count' },
  { metric: 'FilesQuarantined', pattern: '{ $.event = "file.quarantined" }', value: '1', unit: 'Count' },
  { metric: 'FilesSettled', pattern: `{ ${COMMITTED} }`, value: '$.files', unit: 'Count' },
  { metric: 'RowsRejected', pattern: `{ ${COMMITTED} }`, value: '$.rows.rejected', unit: 'Count' },
  { metric: 'RowsRemoved', pattern: `{ ${COMMITTED} }`, value: '$.rows.removed', unit: 'Count' },
  {
    metric: 'PutToVisibleMilliseconds',
    // Not of a batch without a file that a notification announced.
    pattern: `{ ${COMMITTED} && $.putToVisible.maxMs >= 0 }`,
    value: '$.putToVisible.maxMs',
    unit: 'Milliseconds',
  },
] as const satisfies readonly MetricFilterPlan[];

export type LogMetric = (typeof METRIC_FILTERS)[number]['metric'];

/**
 * The value of a metric for log lines that do not match its filter: 0 for a count, none for a duration, because 0 ms would
 * lower the average.
 */
export function defaultValue({ unit }: MetricFilterPlan): string | null {
  return unit === 'Count' ? '0' : null;
}
