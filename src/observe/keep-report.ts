import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { ConsumerReport } from '../core/intake/consumer-report.ts';
import { isReportDue, REPORT_EVERY_MS } from '../core/intake/consumer-report.ts';
import type { Emit } from '../core/events.ts';
import type { Clock, ObjectStore } from '../core/ports.ts';

/** A write that takes longer is given up: the next one follows in seconds, and the end of the process does not wait for the last. */
const WRITE_MS = 2_000;

export type ReportParts = {
  readonly store: Pick<ObjectStore, 'put'>;
  readonly bucket: string;
  readonly key: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly report: () => ConsumerReport;
};

/**
 * Writes the consumer's report while the consumer runs, and once more at the end. Nothing waits for a write but this function, and a
 * write that fails is only a warning, the first of a row of failures.
 *
 * @param ended aborted when the consumer has ended.
 */
export async function keepReport(parts: ReportParts, ended: AbortSignal): Promise<void> {
  const { clock } = parts;
  let written: ConsumerReport | null = null;
  let isFailing = false;
  for (;;) {
    const isLast = ended.aborted;
    const report = parts.report();
    if (isLast || isReportDue(report, written)) {
      const failure = await write(parts, report);
      if (failure === null) written = report;
      else if (!isFailing) parts.emit({ kind: 'process.warned', sentence: failure });
      isFailing = failure !== null;
    }
    if (isLast) return;
    await clock.sleep(REPORT_EVERY_MS, ended);
  }
}

/** @returns why the report was not written; `null` when it was. */
async function write({ bucket, clock, key, store }: ReportParts, report: ConsumerReport): Promise<string | null> {
  const tooLong = new AbortController();
  const done = new AbortController();
  const limit = clock.sleep(WRITE_MS, done.signal).then(() => tooLong.abort());
  try {
    const body = `${JSON.stringify(report, null, 1)}\n`;
    await store.put({ bucket, key, body, contentType: 'application/json', signal: tooLong.signal });
    return null;
  } catch (error) {
    const { message } = ingestErrorFrom(error);
    return `Could not write the state of this consumer, which only "sparkify status" reads: ${message}`;
  } finally {
    done.abort();
    await limit;
  }
}
