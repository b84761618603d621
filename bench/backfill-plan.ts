import type { GenerateOptions } from '../src/generate/events.ts';

export type BackfillPlan = {
  readonly events: number;
  readonly logFiles: number;
  readonly songs: number;
  /** With the metrics of a consumer, which are read every second. */
  readonly isMeasured: boolean;
};

/** As the service starts a batch: the bench names its own limits, so that a number is about limits that it knows. */
export const BATCH_LIMITS = { maxFiles: 5_000, maxBytes: 128 * 1024 * 1024 };

const DAYS = 30;

export function generateOptions({ events, logFiles, songs }: Omit<BackfillPlan, 'isMeasured'>): GenerateOptions {
  return {
    ...{ seed: 1, users: Math.ceil(events / 200), songs, days: DAYS, firstDayMs: Date.UTC(2018, 10, 1), events },
    ...{ files: logFiles, matchShare: 0.8, logPrefix: 'log_data/', songPrefix: 'song_data/' },
  };
}
