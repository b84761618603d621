import type { LogLine } from '../test/support/sparkify-process.ts';
import { batchTimes, receivedAtMs } from './consumer-log.ts';
import type { BatchTimes } from './consumer-log.ts';
import { spread } from './quantiles.ts';
import type { Spread } from './quantiles.ts';

/** Where the time of a file goes, in the order of its way. `settling` comes after the rows are visible. */
export const STAGES = ['notification', 'queue', 'batching', 'staging', 'publishing', 'settling'] as const;
type Stage = (typeof STAGES)[number];

/** A file's way as it was seen from outside. Epoch ms. */
export type Journey = {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly seenAtMs: number;
  readonly batchId: string;
};

export type Phase = {
  /** Put to rows visible, ms. */
  readonly visibleMs: Spread;
  readonly stageMs: Readonly<Record<Stage, Spread>>;
  readonly batches: number;
  readonly filesPerBatch: Spread;
  readonly roundTripsPerBatch: Spread;
};

/**
 * What the files of a phase took, and where.
 *
 * @param lines the consumer's log at debug, of the whole run.
 * @throws Error when the log does not know a batch that wrote rows.
 */
export function describePhase(journeys: readonly Journey[], lines: readonly LogLine[]): Phase {
  const received = receivedAtMs(lines);
  const batches = batchTimes(lines);
  const used = new Map<string, BatchTimes>();
  const splits: Record<Stage, number>[] = [];
  for (const journey of journeys) {
    const batch = batches.get(journey.batchId);
    if (batch === undefined) throw new Error(`The consumer's log has no batch ${journey.batchId}.`);
    used.set(journey.batchId, batch);
    splits.push(split(journey, batch, received));
  }
  const stageMs = STAGES.map((stage) => [stage, spread(splits.map((each) => each[stage]))]);
  return {
    visibleMs: spread(journeys.map((journey) => journey.seenAtMs - journey.sentAtMs)),
    stageMs: Object.fromEntries(stageMs) as Record<Stage, Spread>,
    batches: used.size,
    filesPerBatch: spread([...used.values()].map((batch) => batch.files)),
    roundTripsPerBatch: spread([...used.values()].map((batch) => batch.roundTrips)),
  };
}

/** The stages of one file; all but `settling` add up to what it took until its rows were visible. */
function split(journey: Journey, batch: BatchTimes, received: readonly number[]): Record<Stage, number> {
  const { sentAtMs, answeredAtMs, seenAtMs } = journey;
  const arrivedAtMs = received.find((atMs) => atMs >= sentAtMs && atMs <= batch.closedAtMs) ?? batch.closedAtMs;
  // S3 sends the notification before it answers, so the consumer may have the message by then.
  const notifiedAtMs = Math.min(answeredAtMs, arrivedAtMs);
  const stagedAtMs = batch.closedAtMs + batch.stagingMs;
  return {
    notification: notifiedAtMs - sentAtMs,
    queue: arrivedAtMs - notifiedAtMs,
    batching: batch.closedAtMs - arrivedAtMs,
    staging: batch.stagingMs,
    // To the rows, not to the consumer's hearing of the commit, which is a little later.
    publishing: seenAtMs - stagedAtMs,
    settling: batch.settlingMs ?? Number.NaN,
  };
}
