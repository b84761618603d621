import { countOf } from '../core/count-of.ts';
import type { BackfillProgress } from '../backfill/backfill-progress.ts';
import type { BackfillState } from '../backfill/measured-backfill.ts';
import type { ProgressNow } from './progress.ts';
import { formatNumber, megabytes } from './table.ts';

export type BackfillMode = 'load' | 'count' | 'enqueue';

/** A running backfill for the progress bar: files, bytes, speed and the time that is left. */
export function describeState(state: BackfillState, mode: BackfillMode): ProgressNow {
  const { bytes, bytesPerSecond, elapsedMs, files, leftMs, progress, total } = state;
  if (total.files === 0) {
    const listed = progress.listed === 0 ? 'listing the bucket' : `listed ${countOf(progress.listed, 'object')}`;
    return { done: 0, total: null, note: `${listed}, ${duration(elapsedMs)}` };
  }
  if (mode === 'count') {
    const found = `listed ${countOf(progress.listed, 'object')}, ${formatNumber(progress.lacking)} would be loaded`;
    return { done: 0, total: null, note: `${found}, ${duration(elapsedMs)}` };
  }
  const most = total.isComplete ? '' : 'at least ';
  const ofFiles = `${formatNumber(files)} of ${most}${countOf(total.files, 'file')}`;
  if (mode === 'enqueue') {
    const note = `${ofFiles}, ${countOf(progress.sent, 'notification')} sent, ${duration(elapsedMs)}`;
    return { done: progress.doneFiles, total: total.isComplete ? total.files : null, note };
  }
  const speed = `${megabytes(bytes)} of ${megabytes(total.bytes)} MB, ${megabytes(bytesPerSecond)} MB/s`;
  const now = state.stage === 'stage' || state.stage === 'publish' ? `, ${DOING[state.stage]}` : '';
  const left = leftMs === null ? `, ${duration(elapsedMs)}` : `, ${duration(leftMs)} left`;
  return { done: bytes, total: total.isComplete ? total.bytes : null, note: `${ofFiles}, ${speed}${left}${now}` };
}

const DOING = { stage: 'staging', publish: 'publishing' } as const;

/** The result of a backfill. */
export function describeBackfill(progress: BackfillProgress, mode: BackfillMode, ms: number): string {
  const { files, lacking, listed, rows, sent, stageMs, wanted, wantedBytes } = progress;
  const seen = `${countOf(listed, 'object')} listed, ${formatNumber(wanted)} of a dataset (${megabytes(wantedBytes)} MB)`;
  if (mode === 'count') {
    return `${seen}; ${formatNumber(files.known)} known, ${formatNumber(lacking)} would be loaded; nothing was loaded`;
  }
  if (mode === 'enqueue') {
    return `${seen}; ${formatNumber(files.known)} known, ${countOf(sent, 'notification')} sent in ${duration(ms)}; the consumers load these files`;
  }
  const others = [
    ...(files.quarantined > 0 ? [`${formatNumber(files.quarantined)} quarantined`] : []),
    ...(files.missing > 0 ? [`${formatNumber(files.missing)} missing`] : []),
  ];
  const settled = [`${formatNumber(files.loaded)} loaded`, `${formatNumber(files.known)} already settled`, ...others];
  const written = `${countOf(rows.inserted, 'new row')}, ${formatNumber(rows.updated + rows.repaired)} changed`;
  const removed = rows.removed > 0 ? `, ${formatNumber(rows.removed)} removed` : '';
  const stages = `read ${duration(stageMs.read)}, staged ${duration(stageMs.stage)}, published ${duration(stageMs.publish)}`;
  const took = `took ${duration(ms)}${progress.batches === 0 ? '' : ` (${stages})`}`;
  return `${seen}; ${settled.join(', ')}; ${written}${removed}; ${took}`;
}

/** 754 ms → "0.8 s", 4000 s → "1 h 7 min". */
function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
