import type { Drift } from '../drift.ts';
import { sumOfDrifts } from '../drift.ts';
import type { IngestEvent } from '../events.ts';
import type { Latencies } from '../latencies.ts';
import { sumOfLatencies, withLatencies } from '../latencies.ts';
import type { BatchId, LoadStage } from '../load.ts';
import { NEXT_STAGE } from '../load.ts';
import type { RestReason } from '../rest.ts';
import type { ConsumerSnapshot } from './consumer-snapshot.ts';

/** A pause of the intake. `untilMs`: `null` while it lasts. */
type PastPause = {
  readonly reason: string;
  readonly sentence: string;
  readonly sinceMs: number;
  readonly untilMs: number | null;
};

/** The rests of a consumer that had one reason. */
type PastRests = { readonly reason: RestReason; readonly count: number; readonly totalMs: number };

/**
 * What a consumer says of itself, in `<work prefix>state/<consumer>.json`: without it only the process could know why it waits. Times
 * are epoch ms.
 */
export type ConsumerReport = ConsumerSnapshot & {
  readonly consumer: string;
  readonly version: string;
  readonly queueUrl: string;
  readonly startedAtMs: number;
  readonly writtenAtMs: number;
  /** Of the load in flight. */
  readonly stage: LoadStage | null;
  /** When the next attempt at the load begins; `null` while none is delayed. */
  readonly nextTryAtMs: number | null;
  readonly lastHour: {
    readonly pauses: readonly PastPause[];
    readonly rests: readonly PastRests[];
    /** From the put of each live file to its commit (`core/measures.ts`). */
    readonly putToVisible: Latencies;
  };
  /** Since the start. */
  readonly drift: readonly Drift[];
};

const HOUR_MS = 3_600_000;
/** Pauses, rests and latencies older than an hour leave in steps of this. */
const SLICE_MS = 300_000;
/** A queue that comes and goes could pause a consumer every second. */
const MAX_PAUSES = 100;

type Slice = {
  readonly fromMs: number;
  readonly rests: readonly PastRests[];
  readonly putToVisible: Latencies;
};

/** What a consumer remembers of its events, the oldest first. */
export type ConsumerMemory = {
  readonly pauses: readonly PastPause[];
  readonly slices: readonly Slice[];
  readonly stage: { readonly batchId: BatchId; readonly stage: LoadStage } | null;
  readonly nextTryAtMs: number | null;
  readonly drift: readonly Drift[];
};

export const NO_MEMORY: ConsumerMemory = { pauses: [], slices: [], stage: null, nextTryAtMs: null, drift: [] };

type Kind = IngestEvent['kind'];
type Remember<K extends Kind> = (
  memory: ConsumerMemory,
  event: Extract<IngestEvent, { kind: K }>,
  atMs: number,
) => ConsumerMemory;

/** What is remembered of an event; other events leave nothing. */
const REMEMBER: { readonly [K in Kind]?: Remember<K> } = {
  'intake.paused': (memory, { reason, sentence }, sinceMs) => {
    return { ...memory, pauses: [...memory.pauses, { reason, sentence, sinceMs, untilMs: null }] };
  },
  'intake.resumed': (memory, event, atMs) => {
    const isEnded = ({ reason, untilMs }: PastPause): boolean => reason === event.reason && untilMs === null;
    const pauses = memory.pauses.map((pause) => (isEnded(pause) ? { ...pause, untilMs: atMs } : pause));
    return forgetOld({ ...memory, pauses }, atMs);
  },
  'batch.closed': (memory) => ({ ...memory, stage: null }),
  'load.stage_finished': (memory, { batchId, stage }) => {
    const next = NEXT_STAGE[stage];
    return { ...memory, nextTryAtMs: null, stage: next === null ? null : { batchId, stage: next } };
  },
  'load.retried': (memory, { delayMs }, atMs) => ({ ...memory, nextTryAtMs: atMs + delayMs }),
  'load.failed': (memory) => ({ ...memory, nextTryAtMs: null }),
  'load.committed': (memory, { liveFiles }, atMs) =>
    inSlice({ ...memory, nextTryAtMs: null }, atMs, ({ putToVisible, rests }) => {
      const addedMs = liveFiles.map(({ putToVisibleMs }) => putToVisibleMs);
      return { putToVisible: withLatencies(putToVisible, addedMs), rests };
    }),
  'rest.begun': (memory, { reason, remainingMs }, atMs) =>
    inSlice(memory, atMs, ({ putToVisible, rests }) => {
      return { putToVisible, rests: sumOfRests([...rests, { reason, count: 1, totalMs: remainingMs }]) };
    }),
  'schema.drifted': (memory, { drift }) => ({ ...memory, drift: sumOfDrifts(memory.drift, [drift]) }),
};

/** The memory after an event. */
export function remember(memory: ConsumerMemory, event: IngestEvent, atMs: number): ConsumerMemory {
  const change = REMEMBER[event.kind] as Remember<Kind> | undefined;
  return change?.(memory, event, atMs) ?? memory;
}

/** What the consumer says of itself at this moment. */
export function consumerReport(
  who: Pick<ConsumerReport, 'consumer' | 'version' | 'queueUrl' | 'startedAtMs'>,
  snapshot: ConsumerSnapshot,
  memory: ConsumerMemory,
  atMs: number,
): ConsumerReport {
  const { drift, nextTryAtMs, pauses, slices, stage } = forgetOld(memory, atMs);
  const load = snapshot.loadInFlight;
  const isWaiting = load !== null && load.phase !== 'loading';
  return {
    ...who,
    writtenAtMs: atMs,
    ...snapshot,
    stage: load?.phase === 'loading' ? stageOf(load.batchId, stage) : null,
    nextTryAtMs: isWaiting ? nextTryAtMs : null,
    lastHour: {
      pauses,
      rests: sumOfRests(slices.flatMap(({ rests }) => rests)),
      putToVisible: sumOfLatencies(slices.map(({ putToVisible }) => putToVisible)),
    },
    drift,
  };
}

/** A live load asks the ledger after it has read. A part of a batch has an id of its own, and its stages are those of the batch. */
function stageOf(batchId: BatchId, last: ConsumerMemory['stage']): LoadStage {
  return last?.batchId === batchId ? last.stage : 'read';
}

function inSlice(
  memory: ConsumerMemory,
  atMs: number,
  change: (slice: Slice) => Omit<Slice, 'fromMs'>,
): ConsumerMemory {
  const { slices, ...others } = forgetOld(memory, atMs);
  const fromMs = atMs - (atMs % SLICE_MS);
  const last = slices.at(-1);
  const current = last?.fromMs === fromMs ? last : { fromMs, rests: [], putToVisible: {} };
  const before = last === current ? slices.slice(0, -1) : slices;
  return { ...others, slices: [...before, { fromMs, ...change(current) }] };
}

function forgetOld(memory: ConsumerMemory, atMs: number): ConsumerMemory {
  const fromMs = atMs - HOUR_MS;
  return {
    ...memory,
    pauses: memory.pauses.filter(({ untilMs }) => untilMs === null || untilMs >= fromMs).slice(-MAX_PAUSES),
    slices: memory.slices.filter((slice) => slice.fromMs >= fromMs - SLICE_MS),
  };
}

function sumOfRests(some: readonly PastRests[]): readonly PastRests[] {
  const sums = new Map<RestReason, PastRests>();
  for (const { count, reason, totalMs } of some) {
    const before = sums.get(reason);
    sums.set(reason, { reason, count: count + (before?.count ?? 0), totalMs: totalMs + (before?.totalMs ?? 0) });
  }
  return [...sums.values()];
}

/** Where a consumer's report is stored. */
export function reportKey(workPrefix: string, consumer: string): string {
  return `${reportPrefix(workPrefix)}${consumer}.json`;
}

export function reportPrefix(workPrefix: string): string {
  return `${workPrefix}state/`;
}

/** A report is written at changes, at most this often. */
export const REPORT_EVERY_MS = 5_000;
/** Without a change, a report is written this often. */
export const REPORT_IDLE_MS = 60_000;

/** Whether a report differs from the last written one in more than the times of polls, or is due without a change. */
export function isReportDue(report: ConsumerReport, written: ConsumerReport | null): boolean {
  if (written === null || report.writtenAtMs - written.writtenAtMs >= REPORT_IDLE_MS) return true;
  // After the clock was set back, the age of the report is unknown.
  return report.writtenAtMs < written.writtenAtMs || lasting(report) !== lasting(written);
}

/** Without what changes while nothing happens. */
function lasting({ loadInFlight, rest, ...report }: ConsumerReport): string {
  return JSON.stringify({
    ...report,
    writtenAtMs: 0,
    receivers: 0,
    receiveUnderWaySinceMs: 0,
    lastReceiveWasEmpty: true,
    rest: rest?.reason,
    loadInFlight: loadInFlight && { ...loadInFlight, lastAnsweredAtMs: 0 },
  });
}
