import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { StagedRows, TimeRange } from '../core/load-plan.ts';
import { stagePlan } from '../core/load-plan.ts';
import { batchListBody, manifestBody, s3Uri } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import { SONG_ROW_MAKER, logRowMaker } from './batch-rows.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import { readBatch } from './read-batch.ts';
import type { ReadBatch } from './read-batch.ts';

/** What lies in the session's staging tables, ready to be published. */
export type Staged = {
  /** `null`: there was nothing to COPY. */
  readonly rows: StagedRows | null;
  readonly outcomes: readonly FileOutcome[];
  readonly manifestUri: string | null;
  readonly queryIds: readonly number[];
};

/**
 * The second step: read the open files, write their rows as parts, COPY the parts into temporary staging and prepare what is
 * published. Files that cannot be read are named in the outcomes, and stop nothing.
 *
 * @throws IngestError `copy_bad_data` when the warehouse refuses a part.
 */
export async function stage(context: LoadContext, files: readonly NumberedFile[]): Promise<Staged> {
  const { batch, settings, signal, store, work } = context;
  const dataset = batch.lane === 'songs' ? 'songs' : 'logs';
  const maker = dataset === 'songs' ? SONG_ROW_MAKER : logRowMaker(settings.logKeyNames);
  const read = await readBatch(context, files, maker);
  await store.put({
    bucket: work.bucket,
    key: work.batchListKey,
    body: batchListBody(files, read),
    contentType: 'application/json',
    signal,
  });
  if (read.partUris.length === 0) return { rows: null, outcomes: read.outcomes, manifestUri: null, queryIds: [] };
  const manifest = { bucket: work.bucket, key: work.manifestKey };
  await store.put({ ...manifest, body: manifestBody(read.partUris), contentType: 'application/json', signal });
  const copy = copyInto(maker.table, context, { key: manifest.key, isParts: true });
  const { rows, copyQueryId } = await runPlan(context, 'stage', stagePlan(dataset, copy, read.forgotten));
  return {
    rows: stagedRows(read, dataset === 'songs' ? reach(rows[0]) : read.starts),
    outcomes: read.outcomes,
    manifestUri: s3Uri(manifest),
    queryIds: copyQueryId === null ? [] : [copyQueryId],
  };
}

function stagedRows({ rejected, rows }: ReadBatch, starts: TimeRange | null): StagedRows {
  return { rows, rejected, starts };
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
