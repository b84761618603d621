import { countOf } from '../core/count-of.ts';
import { styleText } from 'node:util';
import { printable } from '../core/printable.ts';
import type { ConsumerStatus, Failure, QueueStatus, Status } from '../look/status.ts';
import type { WarehouseStatus } from '../look/warehouse-status.ts';
import { shortTime, span } from './spans.ts';
import { formatNumber, renderTable } from './table.ts';

const stream = process.stdout;

/** The status for a terminal: what is wrong stands last, where the eye is. */
export function renderStatus(status: Status): string {
  const { atMs, bucket, queue, warehouse } = status;
  return [
    `${bold('sparkify')} · ${bucket} · ${shortTime(new Date(atMs).toISOString()) ?? ''} UTC`,
    summary(status),
    '',
    ...consumers(status),
    queueLine(queue),
    ...(warehouse === null || 'error' in warehouse ? [] : ledger(warehouse, status)),
    ...waits(status),
    ...drift(status),
    '',
    ...problems(status),
    '',
  ].join('\n');
}

function summary({ behind, putToVisible }: Status): string {
  const how =
    behind === null ? 'unknown (no consumer reports it)' : `${behind.isAtLeast ? 'at least ' : ''}${span(behind.ms)}`;
  const { files, p50Ms, p95Ms } = putToVisible;
  const visible =
    p50Ms === null || p95Ms === null
      ? 'no file in the last hour'
      : `p50 ${span(p50Ms)}, p95 ${span(p95Ms)} (${countOf(files, 'file')} in the last hour)`;
  return `behind: ${how} · put → visible: ${visible}`;
}

function consumers({ atMs, consumers: all }: Status): string[] {
  if (all.length === 0) return [];
  const rows = all.map((one) => [
    one.consumer,
    one.isLive ? one.state : one.state === 'failed' ? 'failed' : 'silent',
    doing(one, atMs),
    one.heldFiles,
    one.behindMs === null ? null : span(one.behindMs),
    one.lastCommitAtMs === null ? null : `${span(atMs - one.lastCommitAtMs)} ago`,
    one.version,
  ]);
  return [renderTable(['consumer', 'state', 'doing', 'files held', 'behind', 'last commit', 'version'], rows), ''];
}

function doing({ loadInFlight: load, nextTryAtMs, rest, stage }: ConsumerStatus, atMs: number): string {
  if (load !== null) {
    const what = `${load.lane}, ${countOf(load.files, 'file')}`;
    if (load.phase === 'loading') return `${stage ?? 'loading'} (${what}, ${span(atMs - load.startedAtMs)})`;
    const next = nextTryAtMs === null ? '' : `, again in ${span(Math.max(0, nextTryAtMs - atMs))}`;
    return `waits to try again (${what}, attempt ${load.attempt}${next})`;
  }
  return rest === null ? '–' : `rests (${rest.reason}, ${span(rest.remainingMs)})`;
}

function queueLine(queue: QueueStatus | Failure): string {
  if ('error' in queue) return 'queue: unknown';
  const { deadLetters, delayed, inFlight, visible } = queue;
  const dead = deadLetters === null ? 'no dead-letter queue' : countOf(deadLetters, 'dead letter');
  return `queue: ${countOf(visible + delayed, 'message')} waiting, ${formatNumber(inFlight)} in flight, ${dead}`;
}

function ledger(
  { askedAtMs, batches, datasets, lock, open, schema }: WarehouseStatus,
  { atMs, waiting }: Status,
): string[] {
  const age = atMs - askedAtMs;
  const totals = datasets.map((one) => [
    one.dataset,
    one.filesLoaded,
    waiting[one.dataset],
    one.rows,
    one.openQuarantined,
    one.openRejected,
    shortTime(one.lastPublishedAt),
  ]);
  const latest = batches.map(({ batchId, closeReason, dataset, files, publishedAt, restedMs, rows, stageMs }) => [
    shortTime(publishedAt),
    batchId,
    dataset,
    closeReason,
    files,
    `+${rows.inserted} ~${rows.updated + rows.repaired} -${rows.removed}`,
    rows.rejected,
    ...[stageMs.read, stageMs.stage, stageMs.publish, restedMs],
  ]);
  const head = [
    'published',
    'batch',
    'dataset',
    'closed',
    'files',
    'rows',
    'rejected',
    'read',
    'stage',
    'publish',
    'rested',
  ];
  return [
    `warehouse: schema ${schema.name}, version ${schema.version}${age > 1000 ? `, asked ${span(age)} ago` : ''}`,
    ...lock.map(({ endStatement, isGranted, owner, pid, since }) =>
      isGranted
        ? `publish lock: session ${pid} of ${owner} since ${shortTime(since) ?? 'now'}; to end it: ${endStatement}`
        : `publish lock: session ${pid} of ${owner} waits`,
    ),
    '',
    ...section('loaded', ['dataset', 'files', 'waiting', 'rows', 'quarantined', 'with rejects', 'last batch'], totals),
    ...section('last batches (times in ms)', head, latest),
    ...section(
      'open: no later version solved it',
      ['file', 'status', 'rejected', 'reason'],
      open.map(({ key, reason, rowsRejected, status }) => [short(key), status, rowsRejected, reason && short(reason)]),
    ),
  ];
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string[] {
  return rows.length === 0 ? [] : [bold(title), renderTable(head, rows), ''];
}

/** Pauses and rests of the last hour. */
function waits({ consumers: all }: Status): string[] {
  const pauses = all.flatMap(({ consumer, lastHour }) =>
    lastHour.pauses.map(({ reason, sentence, sinceMs, untilMs }) => {
      const until = untilMs === null ? 'until now' : `for ${span(untilMs - sinceMs)}`;
      return `  ${consumer} paused ${until} since ${shortTime(new Date(sinceMs).toISOString()) ?? ''}: ${reason}: ${printable(sentence)}`;
    }),
  );
  const rests = all.flatMap(({ consumer, lastHour }) =>
    lastHour.rests.map(
      ({ count, reason, totalMs }) =>
        `  ${consumer} rested ${countOf(count, 'time')}, ${span(totalMs)} in all (${reason})`,
    ),
  );
  const lines = [...pauses, ...rests];
  return lines.length === 0 ? [] : [bold('pauses and rests of the last hour'), ...lines];
}

function drift({ drift: all }: Status): string[] {
  const rows = all.map(({ change, count, dataset, example, key }) => [
    dataset,
    key,
    change,
    count,
    `${short(example.key)}, line ${example.lineNumber}`,
  ]);
  return section('keys that differ from the usual ones', ['dataset', 'key', 'change', 'count', 'first seen in'], rows);
}

function problems({ problems: sentences }: Status): string[] {
  if (sentences.length === 0) return [styleText('green', 'nothing is wrong', { stream })];
  return sentences.map((sentence) => styleText('yellow', `! ${printable(sentence)}`, { stream }));
}

function bold(text: string): string {
  return styleText('bold', text, { stream });
}

const MOST_CHARACTERS = 70;

/** The end of a key tells more than its beginning, and the beginning of a reason more than its end; both are kept. */
function short(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const half = MOST_CHARACTERS / 2;
  return `${text.slice(0, half - 1)}…${text.slice(-half)}`;
}
