import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import { LABELS } from './labels.ts';

/** From a whole second to half a day. */
const WHOLE_SECONDS = [1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3_600, 14_400, 43_200];
const STEP_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** Label names with all their values. */
export type LabelValues = Readonly<Record<string, readonly string[]>>;

type Definition = { readonly name: string; readonly help: string; readonly labels?: LabelValues };

export type Metrics = ReturnType<typeof defineMetrics>;

/**
 * Every metric of the consumer, with the values of its labels. Their names follow Prometheus's conventions: base units, `_total` for
 * counters (prometheus.io, "Metric and label naming"). A gauge is absent while its value is unknown.
 */
export function defineMetrics(registry: Registry) {
  const labels = new Map<string, LabelValues>();
  const common = ({ help, labels: own = {}, name }: Definition) => {
    labels.set(`sparkify_${name}`, own);
    return { name: `sparkify_${name}`, help, labelNames: Object.keys(own), registers: [registry] };
  };
  const counter = (definition: Definition): Counter => {
    const made = new Counter(common(definition));
    for (const set of labelSets(definition.labels ?? {})) made.inc(set, 0);
    return made;
  };
  const gauge = (definition: Definition): Gauge => {
    const made = new Gauge(common(definition));
    if (definition.labels === undefined) made.remove();
    return made;
  };
  const histogram = (definition: Definition, buckets: number[]): Histogram => {
    const made = new Histogram({ ...common(definition), buckets });
    for (const set of labelSets(definition.labels ?? {})) made.zero(set);
    return made;
  };
  return { labels, ...counters(counter), ...histograms(histogram), ...gauges(gauge) };
}

function counters(counter: (definition: Definition) => Counter) {
  const { closeReason, dataset, failed, loaded, outcome, rest, result, retried, rows, side, statements } = LABELS;
  return {
    received: counter({ name: 'messages_received_total', help: 'Messages received from the queue.' }),
    ended: counter({
      name: 'messages_ended_total',
      help: 'Messages that left the consumer: deleted, released to the queue, or kept until SQS redelivers them.',
      labels: { result },
    }),
    parked: counter({ name: 'messages_parked_total', help: 'Messages moved to the dead-letter queue.' }),
    leasesLost: counter({ name: 'leases_lost_total', help: 'Messages whose lease could not be renewed.' }),
    batches: counter({
      name: 'batches_closed_total',
      help: 'Closed batches, by the reason.',
      labels: { dataset, reason: closeReason },
    }),
    files: counter({
      name: 'files_settled_total',
      help: 'Files whose fate is committed.',
      labels: { dataset, outcome },
    }),
    rows: counter({
      name: 'rows_total',
      help: 'Rows that committed loads changed in the star, or rejected.',
      labels: { dataset: loaded, outcome: rows },
    }),
    readBytes: counter({ name: 'read_bytes_total', help: 'Bytes of files that S3 delivered to loads.' }),
    retried: counter({
      name: 'loads_retried_total',
      help: 'Attempts at a load that failed and are repeated, by error code (docs/errors.md).',
      labels: { code: retried },
    }),
    failed: counter({
      name: 'loads_failed_total',
      help: 'Loads that failed for good, by error code. The consumer ends.',
      labels: { code: failed },
    }),
    statements: counter({
      name: 'statements_total',
      help: 'Statements of transactions that the warehouse ended without an error.',
      labels: { kind: statements },
    }),
    warehouseSeconds: counter({
      name: 'warehouse_seconds_total',
      help: 'Running time of these statements in the warehouse, with waits for the publish lock.',
      labels: { kind: statements },
    }),
    pauseSeconds: counter({
      name: 'pause_seconds_total',
      help: 'Time in which the intake was paused, the current pause included.',
      labels: { side, code: retried },
    }),
    restSeconds: counter({
      name: 'rest_seconds_total',
      help: 'Time in which a rest delayed a batch that was due, the current rest included.',
      labels: { reason: rest },
    }),
  };
}

function histograms(histogram: (definition: Definition, buckets: number[]) => Histogram) {
  const { loaded, stage, step } = LABELS;
  return {
    putToVisible: histogram(
      {
        name: 'put_to_visible_seconds',
        help: 'From the put of a file to the commit of its rows, of each file that a notification announced.',
        labels: { dataset: loaded },
      },
      WHOLE_SECONDS,
    ),
    fileStep: histogram(
      {
        name: 'file_step_seconds',
        help: 'Where that time goes: S3 announces the file, it waits in the queue, it waits for its batch, it is loaded.',
        labels: { dataset: loaded, step },
      },
      STEP_SECONDS,
    ),
    loadStage: histogram(
      { name: 'load_stage_seconds', help: 'Time of a stage of a load.', labels: { stage } },
      STEP_SECONDS,
    ),
  };
}

function gauges(gauge: (definition: Definition) => Gauge) {
  const { loaded, retried, side, state } = LABELS;
  return {
    build: gauge({ name: 'build_info', help: 'Always 1.', labels: { version: [], node: [] } }),
    state: gauge({ name: 'consumer_state', help: '1 for the state of the consumer, else 0.', labels: { state } }),
    paused: gauge({
      name: 'paused',
      help: '1 while the intake is paused for this reason, else 0.',
      labels: { side, code: retried },
    }),
    behind: gauge({
      name: 'behind_seconds',
      help: 'Age of the oldest put that the consumer holds; 0 only if it holds none and the queue was empty. Absent if unknown.',
    }),
    expected: gauge({
      name: 'expected_seconds',
      help: 'How long the settings let a file wait: linger, age, and the longest rest or interval.',
    }),
    heldMessages: gauge({ name: 'held_messages', help: 'Messages that the consumer holds.' }),
    heldFiles: gauge({ name: 'held_files', help: 'Files that the consumer holds.' }),
    oldestHeld: gauge({ name: 'oldest_held_seconds', help: 'Since the receipt of the message that is held longest.' }),
    loadInFlight: gauge({ name: 'load_in_flight_seconds', help: 'Age of the load in flight; 0 without one.' }),
    lastCommit: gauge({
      name: 'last_commit_timestamp_seconds',
      help: 'Time of the last commit. Absent before the first.',
    }),
    openQuarantined: gauge({
      name: 'open_quarantined_files',
      help: 'Quarantined files that no later version solved, from the ledger. Absent before its first read.',
      labels: { dataset: loaded },
    }),
    openRejected: gauge({
      name: 'open_rejected_files',
      help: 'Loaded files with rejected rows that no later version solved, from the ledger.',
      labels: { dataset: loaded },
    }),
    ledgerRead: gauge({
      name: 'ledger_read_timestamp_seconds',
      help: 'When the ledger was read: after an own commit, at most every ten minutes.',
    }),
  };
}

/** Every combination of values of the labels. */
export function labelSets(labels: LabelValues): readonly Record<string, string>[] {
  return Object.entries(labels).reduce<readonly Record<string, string>[]>(
    (sets, [name, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
}
