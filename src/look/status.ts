import { countOf } from '../core/count-of.ts';
import type { Lane } from '../core/dataset.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Drift } from '../core/drift.ts';
import { sumOfDrifts } from '../core/drift.ts';
import type { ConsumerReport } from '../core/intake/consumer-report.ts';
import { REPORT_IDLE_MS } from '../core/intake/consumer-report.ts';
import type { FileLatencies } from '../core/latencies.ts';
import { fileLatencies, sumOfLatencies } from '../core/latencies.ts';
import type { ServiceBehind } from '../core/measures.ts';
import { behindLimitMs, behindMs, serviceBehind } from '../core/measures.ts';
import type { WarehouseStatus } from './warehouse-status.ts';

/** Why a part of the status is missing. */
export type Failure = { readonly error: { readonly code: ErrorCode; readonly message: string } };

export type ConsumerStatus = ConsumerReport & {
  /** The consumer has written its state lately, and has not ended. */
  readonly isLive: boolean;
  readonly behindMs: number | null;
  /** Of the live files of the last hour. */
  readonly putToVisible: FileLatencies;
};

/** The queue and its dead letters, approximately, as SQS counts. */
export type QueueStatus = {
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** `null`: the queue has no dead-letter queue. */
  readonly deadLetters: number | null;
};

/** What was read, each part on its own. */
export type Seen = {
  readonly atMs: number;
  readonly bucket: string;
  readonly reports: { readonly reports: readonly ConsumerReport[]; readonly unreadable: readonly string[] } | Failure;
  readonly queue: QueueStatus | Failure;
  /** `null`: not asked. */
  readonly warehouse: WarehouseStatus | Failure | null;
  /** As `core/measures.ts` defines it. */
  readonly expectedMs: number;
};

export type Status = {
  readonly atMs: number;
  readonly bucket: string;
  readonly behind: ServiceBehind | null;
  /** Of the live files of the last hour. */
  readonly putToVisible: FileLatencies;
  /** Files that live consumers hold and that are not committed; `queue` has those that no consumer has received. */
  readonly waiting: Readonly<Record<Lane, number>>;
  readonly consumers: readonly ConsumerStatus[];
  readonly queue: QueueStatus | Failure;
  readonly warehouse: WarehouseStatus | Failure | null;
  readonly drift: readonly Drift[];
  /** Sentences; without one, `--check` succeeds. */
  readonly problems: readonly string[];
};

/** A consumer that has missed three reports does not run. */
const SILENT_MS = 3 * REPORT_IDLE_MS;
/** A load holds the lock for seconds. */
const LONG_LOCK_MS = 600_000;

/** The status from what was read. */
export function statusOf(seen: Seen): Status {
  const { atMs, bucket, queue, warehouse } = seen;
  const reports = 'error' in seen.reports ? [] : seen.reports.reports;
  const consumers = reports.map((report) => consumerStatus(report, atMs)).filter(isOfInterest);
  const live = consumers.filter(({ isLive }) => isLive);
  const behind = serviceBehind(
    live.map((consumer) => consumer.behindMs),
    'error' in queue ? null : queue.visible + queue.delayed,
  );
  return {
    atMs,
    bucket,
    behind,
    putToVisible: fileLatencies(sumOfLatencies(reports.map(({ lastHour }) => lastHour.putToVisible))),
    waiting: waitingFiles(live),
    consumers,
    queue,
    warehouse,
    drift: reports.reduce<readonly Drift[]>((sum, { drift }) => sumOfDrifts(sum, drift), []),
    problems: [
      ...failures(seen),
      ...consumerProblems(seen, consumers),
      ...behindProblems(seen, behind),
      ...queueProblems(queue),
      ...(warehouse === null || 'error' in warehouse ? [] : warehouseProblems(warehouse, atMs)),
    ],
  };
}

function consumerStatus(report: ConsumerReport, atMs: number): ConsumerStatus {
  const isEnded = report.state === 'stopped' || report.state === 'failed';
  const isLive = !isEnded && atMs - report.writtenAtMs <= SILENT_MS;
  // What the consumer holds has aged since the report; that it held nothing is as old as the report.
  const behind = isLive ? behindMs({ atMs, ...report }) : null;
  return { ...report, isLive, behindMs: behind, putToVisible: fileLatencies(report.lastHour.putToVisible) };
}

/** Live ones, and those that ended in another way than by a signal. */
function isOfInterest({ isLive, state }: ConsumerStatus): boolean {
  return isLive || state !== 'stopped';
}

function waitingFiles(live: readonly ConsumerStatus[]): Readonly<Record<Lane, number>> {
  const sum = (lane: Lane): number => live.reduce((files, { filesByLane }) => files + filesByLane[lane], 0);
  return { songs: sum('songs'), logs: sum('logs'), ignored: sum('ignored') };
}

function failures({ queue, reports, warehouse }: Seen): readonly string[] {
  const parts = [reports, queue, ...(warehouse === null ? [] : [warehouse])];
  const errors = parts.flatMap((part) => ('error' in part ? [`${part.error.message} [${part.error.code}]`] : []));
  return [...errors, ...('error' in reports ? [] : reports.unreadable)];
}

function consumerProblems({ atMs, reports }: Seen, consumers: readonly ConsumerStatus[]): readonly string[] {
  if ('error' in reports) return [];
  const live = consumers.filter(({ isLive }) => isLive);
  const each = consumers.flatMap(({ consumer, isLive, pauses, state, writtenAtMs }) => {
    if (state === 'failed') return [`consumer ${consumer} failed; its log says why.`];
    if (!isLive)
      return [`consumer ${consumer} has not written its state since ${iso(writtenAtMs)}; see whether it runs.`];
    return pauses.map(({ reason, sentence, sinceMs }) => {
      return `consumer ${consumer} has been paused for ${seconds(atMs - sinceMs)} (${reason}): ${sentence}`;
    });
  });
  return live.length > 0 ? each : ['no consumer is running: start one with "sparkify consume".', ...each];
}

function behindProblems({ expectedMs }: Seen, behind: ServiceBehind | null): readonly string[] {
  const limitMs = behindLimitMs(expectedMs);
  if (behind === null || behind.ms <= limitMs) return [];
  return [
    `the service is behind by ${behind.isAtLeast ? 'at least ' : ''}${seconds(behind.ms)}; expected at most ${seconds(limitMs)}.`,
  ];
}

function queueProblems(queue: QueueStatus | Failure): readonly string[] {
  if ('error' in queue || queue.deadLetters === null || queue.deadLetters === 0) return [];
  return [
    `${countOf(queue.deadLetters, 'message')} on the dead-letter queue: "sparkify dead-letters" lists them with the reason.`,
  ];
}

function warehouseProblems({ datasets, lock }: WarehouseStatus, atMs: number): readonly string[] {
  const quarantined = datasets.reduce((sum, { openQuarantined }) => sum + openQuarantined, 0);
  const holder = lock.find(
    ({ isGranted, since }) => isGranted && since !== null && atMs - Date.parse(since) > LONG_LOCK_MS,
  );
  return [
    ...(quarantined === 0
      ? []
      : [`${countOf(quarantined, 'quarantined file')}: "sparkify files --bad" lists them with the reason.`]),
    ...(holder === undefined
      ? []
      : [
          `session ${holder.pid} has held the publish lock since ${holder.since ?? ''}; "${holder.endStatement}" ends it.`,
        ]),
  ];
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
