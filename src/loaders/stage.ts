import type { LimitFunction } from 'p-limit';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { StagedRows, TimeRange } from '../core/load-plan.ts';
import { stagePlan } from '../core/load-plan.ts';
import { batchListBody, manifestBody, s3Uri } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import { SONG_ROW_MAKER, logRowMaker } from './batch-rows.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import type { ReadTroubles } from './object-troubles.ts';
import { Parts } from './part-writer.ts';
import { readBatch } from './read-batch.ts';

/** What lies in the session's staging tables, ready to be published. */
export type Staged = {
  /** `null`: there was nothing to COPY. */
  readonly rows: StagedRows | null;
  readonly outcomes: readonly FileOutcome[];
  readonly manifestUri: string | null;
  readonly queryIds: readonly number[];
};

/** The files that one attempt at a load writes: a late PUT of another attempt does not meet them. */
export type AttemptFiles = { readonly parts: Parts; readonly manifestKey: string };

export type StageInput = AttemptFiles & {
  readonly files: readonly NumberedFile[];
  readonly troubles: ReadTroubles;
  /** Lets one batch of the loader be read at a time: the next one is read while this one is staged and published. */
  readonly reading: LimitFunction;
};

/** Runs one attempt at a load. When it is over, after the commit or an error, its parts are deleted. */
export async function withAttemptFiles<T>(
  context: LoadContext,
  load: (attempt: AttemptFiles) => Promise<T>,
): Promise<T> {
  const { random, signal, store, work } = context;
  const attempt = Math.floor(random() * 2 ** 30).toString(36);
  const keyOf = (part: number): string => work.partKey(attempt, part);
  const parts = new Parts({ store, bucket: work.bucket, keyOf, signal });
  try {
    return await load({ parts, manifestKey: work.manifestKey(attempt) });
  } finally {
    await removeParts(context, parts);
  }
}

/**
 * The second step: read the open files, write their rows as parts, COPY the parts into temporary staging and prepare what is
 * published. Files that cannot be read are named in the outcomes, and stop nothing.
 *
 * @throws IngestError `copy_bad_data` when the warehouse refuses a part.
 */
export async function stage(context: LoadContext, input: StageInput): Promise<Staged> {
  const { batch, settings, signal, store, work } = context;
  const { files, manifestKey, parts, reading, troubles } = input;
  const dataset = batch.lane === 'songs' ? 'songs' : 'logs';
  const maker = dataset === 'songs' ? SONG_ROW_MAKER : logRowMaker(settings.logKeyNames);
  const read = await reading(async () => await readBatch(context, files, { maker, parts, troubles }));
  await store.put({
    bucket: work.bucket,
    key: work.batchListKey,
    body: batchListBody(files, read),
    contentType: 'application/json',
    signal,
  });
  if (read.partUris.length === 0) return { rows: null, outcomes: read.outcomes, manifestUri: null, queryIds: [] };
  const manifest = { bucket: work.bucket, key: manifestKey };
  await store.put({ ...manifest, body: manifestBody(read.partUris), contentType: 'application/json', signal });
  const copy = copyInto(maker.table, context, { key: manifest.key, isParts: true });
  const { rows, copyQueryId } = await runPlan(context, 'stage', stagePlan(dataset, copy));
  return {
    rows: { rows: read.rows, rejected: read.rejected, starts: dataset === 'songs' ? reach(rows[0]) : read.starts },
    outcomes: read.outcomes,
    manifestUri: s3Uri(manifest),
    queryIds: copyQueryId === null ? [] : [copyQueryId],
  };
}

/** Parts are a second copy of the rows. One that cannot be deleted does no harm to the load, and somebody has to hear of it. */
async function removeParts({ batch, emit }: LoadContext, parts: Parts): Promise<void> {
  try {
    await parts.remove();
  } catch (error) {
    emit({ kind: 'load.parts_left', batchId: batch.id, count: parts.count, sentence: ingestErrorFrom(error).message });
  }
}

/** Of the plays that songs may repair. */
function reach(summary: Row | undefined): TimeRange | null {
  const minMs = parseTime(summary?.['min_start_time'] ?? null);
  const maxMs = parseTime(summary?.['max_start_time'] ?? null);
  return minMs === null || maxMs === null ? null : { minMs, maxMs };
}

/** `YYYY-MM-DD HH:MM:SS.mmm`, UTC, as the summary writes it. */
function parseTime(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const atMs = Date.parse(`${text.trim().replace(' ', 'T')}Z`);
  return Number.isNaN(atMs) ? null : atMs;
}
