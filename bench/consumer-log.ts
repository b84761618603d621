import type { LogLine } from '../test/support/sparkify-process.ts';

/** What the consumer's own log says about a batch. Times are epoch ms, durations ms. */
export type BatchTimes = {
  readonly closedAtMs: number;
  readonly stagingMs: number;
  readonly committedAtMs: number;
  /** Commit to the deletion of the last message; `null` while that is not in the log. */
  readonly settlingMs: number | null;
  readonly files: number;
  readonly roundTrips: number;
};

/** When messages were received, in order of time. */
export function receivedAtMs(lines: readonly LogLine[]): readonly number[] {
  return lines.filter((line) => line['event'] === 'message.received').map(timeOf);
}

/** Every committed batch by its id. */
export function batchTimes(lines: readonly LogLine[]): ReadonlyMap<string, BatchTimes> {
  const closedAtMs = new Map<unknown, number>();
  const times = new Map<string, BatchTimes>();
  for (const [index, line] of lines.entries()) {
    if (line['event'] === 'batch.closed') closedAtMs.set(line['batchId'], timeOf(line));
    if (line['event'] !== 'load.committed') continue;
    const stageMs = line['stageMs'] as { read: number; stage: number };
    const committedAtMs = timeOf(line);
    const settled = lines.slice(index).find((later) => later['event'] === 'message.deleted');
    times.set(String(line['batchId']), {
      closedAtMs: closedAtMs.get(line['batchId']) ?? committedAtMs,
      stagingMs: stageMs.read + stageMs.stage,
      committedAtMs,
      settlingMs: settled === undefined ? null : timeOf(settled) - committedAtMs,
      files: Number(line['files']),
      roundTrips: Number(line['roundTrips']),
    });
  }
  return times;
}

function timeOf(line: LogLine): number {
  return Date.parse(String(line['time']));
}
