import type { Dataset } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import { prefixWithin } from '../core/route.ts';

/** The part of the bucket that a comparison reads. `null`: no bound. Times are epoch ms; `since` is inclusive, `until` is exclusive. */
export type VerifyPart = {
  readonly prefix: string | null;
  /** Bounds of the time at which an object was stored. */
  readonly sinceMs: number | null;
  readonly untilMs: number | null;
  /** The first moment of a day (UTC): only the logs that have events of this day, as the warehouse knows them. */
  readonly dayMs: number | null;
};

export const WHOLE: VerifyPart = { prefix: null, sinceMs: null, untilMs: null, dayMs: null };

export function isWhole({ dayMs, prefix, sinceMs, untilMs }: VerifyPart): boolean {
  return prefix === null && sinceMs === null && untilMs === null && dayMs === null;
}

/** The prefix of each dataset that a part lists; `null`: the part has no objects of the dataset. */
export function prefixesOf(
  bucket: { readonly logPrefix: string; readonly songPrefix: string },
  { dayMs, prefix }: VerifyPart,
): Readonly<Record<Dataset, string | null>> {
  return {
    logs: prefixWithin(bucket.logPrefix, prefix),
    songs: dayMs === null ? prefixWithin(bucket.songPrefix, prefix) : null,
  };
}

/** Whether an object was stored within the bounds. */
export function isStoredWithin({ eventTimeMs }: FileEvent, { sinceMs, untilMs }: VerifyPart): boolean {
  return (sinceMs === null || eventTimeMs >= sinceMs) && (untilMs === null || eventTimeMs < untilMs);
}
