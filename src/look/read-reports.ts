import { z } from 'zod';
import { IngestError } from '../core/errors.ts';
import type { ConsumerReport } from '../core/intake/consumer-report.ts';
import { reportPrefix } from '../core/intake/consumer-report.ts';
import type { ObjectStore } from '../core/ports.ts';

/** What the consumers say of themselves; `unreadable`: a sentence for each object that is not a report. */
export type Reports = { readonly reports: readonly ConsumerReport[]; readonly unreadable: readonly string[] };

/** A process that was killed leaves its last report; what it says of its last hour is over by then. */
const MAX_AGE_MS = 3_600_000;
/** The newest ones; a crash loop leaves one for each process. */
const MAX_REPORTS = 100;
/** A report has a few kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** Only what `status` computes with; the rest is shown. */
const REPORT = z.looseObject({
  consumer: z.string(),
  state: z.string(),
  writtenAtMs: z.number(),
  heldFiles: z.number(),
  // A program of before this member says nothing of it.
  filesByLane: z.looseObject({}).default({ songs: 0, logs: 0, ignored: 0 }),
  oldestPutHeldAtMs: z.number().nullable(),
  lastReceiveWasEmpty: z.boolean(),
  pauses: z.array(z.looseObject({ reason: z.string(), sentence: z.string(), sinceMs: z.number() })),
  lastHour: z.looseObject({
    putToVisible: z.record(z.string(), z.number()),
    pauses: z.array(z.looseObject({ reason: z.string() })),
    rests: z.array(z.looseObject({ reason: z.string() })),
  }),
  drift: z.array(z.looseObject({ key: z.string() })),
});

/**
 * Reads the reports of the last hour, the newest first.
 *
 * @throws IngestError when the bucket cannot be listed or read.
 */
export async function readReports(
  store: Pick<ObjectStore, 'list' | 'open'>,
  place: { readonly bucket: string; readonly workPrefix: string; readonly nowMs: number },
  signal: AbortSignal,
): Promise<Reports> {
  const { bucket, nowMs } = place;
  const found: { key: string; atMs: number }[] = [];
  for await (const page of store.list({ bucket, prefix: reportPrefix(place.workPrefix), signal })) {
    for (const { eventTimeMs, key } of page) found.push({ key, atMs: eventTimeMs });
  }
  const recent = found
    .filter(({ atMs }) => nowMs - atMs <= MAX_AGE_MS)
    .sort((one, other) => other.atMs - one.atMs)
    .slice(0, MAX_REPORTS);
  const read = await Promise.all(recent.map(async ({ key }) => await readReport(store, { bucket, key, signal })));
  return {
    reports: read.flatMap((one) => (typeof one === 'string' || one === null ? [] : [one])),
    unreadable: read.filter((one) => typeof one === 'string'),
  };
}

/** @returns a sentence when the object is not a report; `null` when the object is gone. */
async function readReport(
  store: Pick<ObjectStore, 'open'>,
  object: { readonly bucket: string; readonly key: string; readonly signal: AbortSignal },
): Promise<ConsumerReport | string | null> {
  const opened = await store.open(object);
  if (opened === null) return null;
  try {
    if (opened.size > MAX_BYTES) return notAReport(object.key, `it has ${opened.size} bytes`);
    const chunks: Uint8Array[] = [];
    for await (const chunk of opened.body) chunks.push(chunk);
    const parsed = REPORT.safeParse(JSON.parse(Buffer.concat(chunks).toString()));
    return parsed.success ? (parsed.data as unknown as ConsumerReport) : notAReport(object.key, 'members are missing');
  } catch (error) {
    if (error instanceof IngestError) throw error;
    return notAReport(object.key, 'it is not JSON');
  } finally {
    opened.close();
  }
}

function notAReport(key: string, seen: string): string {
  return `${key} is not the state of a consumer: ${seen}. Delete the object; a consumer that runs writes its own again.`;
}
