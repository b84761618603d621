import type { IngestEvent } from '../../core/events.ts';
import type { Metrics } from './definitions.ts';
import { LABELS } from './labels.ts';
import type { LastingTime } from './lasting-time.ts';

/** What events change. */
export type Recorded = { readonly metrics: Metrics; readonly pauses: LastingTime; readonly rests: LastingTime };

type Kind = IngestEvent['kind'];
type Recorder<K extends Kind> = (to: Recorded, event: Extract<IngestEvent, { kind: K }>, atMs: number) => void;

const RECORD: { readonly [K in Kind]?: Recorder<K> } = {
  'message.received': ({ metrics }, { count }) => metrics.received.inc(count),
  'message.deleted': ({ metrics }, { count }) => metrics.ended.inc({ result: 'deleted' }, count),
  'message.released': ({ metrics }, { count }) => metrics.ended.inc({ result: 'released' }, count),
  'message.kept': ({ metrics }, { count }) => metrics.ended.inc({ result: 'kept' }, count),
  'message.parked': ({ metrics }, { count }) => metrics.parked.inc(count),
  'lease.lost': ({ metrics }, { count }) => metrics.leasesLost.inc(count),
  'batch.closed': ({ metrics }, { lane: dataset, reason }) => metrics.batches.inc({ dataset, reason }),
  'load.retried': ({ metrics }, { code }) => metrics.retried.inc({ code }),
  'load.failed': ({ metrics }, { code }) => metrics.failed.inc({ code }),
  'load.stage_finished': ({ metrics }, { ms, readBytes, stage }) => {
    metrics.loadStage.observe({ stage }, ms / 1000);
    metrics.readBytes.inc(readBytes);
  },
  'load.committed': recordCommit,
  'intake.paused': ({ metrics, pauses }, { reason }, atMs) => {
    const labels = pauseLabels(reason);
    metrics.paused.set(labels, 1);
    pauses.begin(reason, labels, atMs);
  },
  'intake.resumed': ({ metrics, pauses }, { reason }, atMs) => {
    metrics.paused.set(pauseLabels(reason), 0);
    pauses.end(reason, atMs);
  },
  'rest.begun': ({ rests }, { reason }, atMs) => rests.begin('rest', { reason }, atMs),
  'rest.ended': ({ rests }, _event, atMs) => rests.end('rest', atMs),
};

/** Records an event, if it changes a metric. */
export function recordEvent(to: Recorded, event: IngestEvent, atMs: number): void {
  const record = RECORD[event.kind] as Recorder<Kind> | undefined;
  record?.(to, event, atMs);
}

function recordCommit({ metrics }: Recorded, event: Extract<IngestEvent, { kind: 'load.committed' }>): void {
  const { lane: dataset, liveFiles, outcome } = event;
  for (const [status, files] of Map.groupBy(outcome.files, ({ status: of }) => of)) {
    metrics.files.inc({ dataset, outcome: status }, files.length);
  }
  if (dataset === 'ignored') return;
  for (const kind of LABELS.rows) metrics.rows.inc({ dataset, outcome: kind }, outcome.counts[kind]);
  for (const { putToVisibleMs, stepMs } of liveFiles) {
    metrics.putToVisible.observe({ dataset }, putToVisibleMs / 1000);
    for (const step of LABELS.step) metrics.fileStep.observe({ dataset, step }, stepMs[step] / 1000);
  }
}

/** Of a reason such as `load: throttled`. */
function pauseLabels(reason: string): { readonly side: string; readonly code: string } {
  const [side = '', code = ''] = reason.split(': ');
  return { side, code };
}
