import { isRetraction } from '../core/decision.ts';
import { IngestError } from '../core/errors.ts';
import type { FileEvent } from '../core/file-event.ts';
import { ingestErrorFrom } from '../core/ingest-error-from.ts';
import type { FileOutcome, NumberedFile } from '../core/loading/ledger.ts';
import { eventTimes, numbered } from '../core/loading/ledger.ts';
import type { ReadRows, Replaced } from '../core/loading/load-plan.ts';
import { stagePlan, stagingOf } from '../core/loading/load-plan.ts';
import { batchListBody, manifestBody, s3Uri } from '../core/loading/manifest.ts';
import { releasedDeletion } from '../core/loading/object-trouble.ts';
import type { Batch } from '../core/load.ts';
import type { Row } from '../core/ports.ts';
import { route } from '../core/route.ts';
import type { TimeRange } from '../core/time-ranges.ts';
import { logRowMaker, makeSongRow } from './batch-rows.ts';
import type { KnownFiles } from './know.ts';
import { mayChange, knownFile, knownFiles } from './know.ts';
import type { LoadContext, Refusal } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import type { ReadTroubles } from './object-troubles.ts';
import { Parts } from './part-writer.ts';
import type { ReadBatch } from './read-batch.ts';
import { fileLines, readBatch } from './read-batch.ts';
import type { TellDrift } from './tell-drift.ts';

/** The result of reading, in work files that are ready for COPY. */
export type ReadFiles = {
  readonly rows: ReadRows;
  readonly outcomes: readonly FileOutcome[];
  /** Sizes of the objects that S3 delivered. */
  readonly readBytes: number;
  readonly manifest: { readonly bucket: string; readonly key: string };
};

/** The result of staging; the rows are in temporary tables, ready to be published. */
export type Staged = {
  /** Times of the plays that a batch of songs may repair; `null`: none. */
  readonly reach: TimeRange | null;
  /** Of a backfill, which asked before, and of a reload: only what this batch committed before its reply was lost. */
  readonly known: KnownFiles;
  /** The ledger has entries of the batch's files that may change (`mayChange`). */
  readonly hasChangeable: boolean;
  readonly replaced: readonly Replaced[];
  /** The live version of an object is the version that was read. */
  readonly hasSeenAgain: boolean;
  /** Numbers of the files whose version a person retracted. */
  readonly retracted: ReadonlySet<number>;
  /** The ledger has open entries of the batch's objects. */
  readonly hasOpen: boolean;
  readonly queryIds: readonly number[];
};

/** The work files of one attempt at a load; their keys are unique, so a late PUT of another attempt cannot overwrite them. */
export type AttemptFiles = { readonly parts: Parts; readonly manifestKey: string };

export type ReadInput = AttemptFiles & {
  readonly files: readonly NumberedFile[];
  readonly troubles: ReadTroubles;
  readonly tellDrift: TellDrift;
};

/** Runs one attempt at a load. After the commit or an error, its parts are deleted. */
export async function withAttemptFiles<T>(
  context: LoadContext,
  load: (attempt: AttemptFiles) => Promise<T>,
): Promise<T> {
  const { random, reading, store, work } = context;
  const attempt = Math.floor(random() * 2 ** 30).toString(36);
  const keyOf = (part: number): string => work.partKey(attempt, part);
  const parts = new Parts({ store, bucket: work.bucket, keyOf, signal: reading });
  try {
    return await load({ parts, manifestKey: work.manifestKey(attempt) });
  } finally {
    await removeParts(context, parts);
  }
}

/**
 * Reads the open files and writes their rows and outcomes as parts with a manifest. Files that cannot be read have their reason in
 * the outcomes and do not stop the others.
 */
export async function readFiles(context: LoadContext, input: ReadInput): Promise<ReadFiles> {
  const { settings, signal, store, work } = context;
  const { files, manifestKey, parts, tellDrift, troubles } = input;
  const maker = stagingOf(context.batch) === 'songs' ? makeSongRow : logRowMaker(settings.logKeyNames);
  const read =
    (await saidOfAll(context, input)) ?? (await readBatch(context, files, { maker, parts, troubles, tellDrift }));
  const manifest = { bucket: work.bucket, key: manifestKey };
  const list = { bucket: work.bucket, key: work.batchListKey };
  const contentType = 'application/json';
  await Promise.all([
    store.put({ ...list, body: batchListBody(files, read), contentType, signal }),
    store.put({ ...manifest, body: manifestBody(read.partUris), contentType, signal }),
  ]);
  return { rows: read, outcomes: read.outcomes, readBytes: read.readBytes, manifest };
}

const NO_ROWS: ReadRows = { objects: 0, rows: 0, kept: 0, plays: 0, rejected: 0, times: [] };

/** The result for files that need no reading: ignored, refused or retracted ones. `null`: the files have to be read. */
async function saidOfAll(context: LoadContext, { files, parts }: ReadInput): Promise<ReadBatch | null> {
  const outcomes = await saidBefore(context, files);
  if (outcomes === null) return null;
  const writer = parts.writer();
  await writer.add(fileLines(files, outcomes));
  const objects = outcomes.filter(({ status }) => status === 'removed').length;
  return { ...NO_ROWS, objects, outcomes, contents: new Map(), partUris: await writer.end(), readBytes: 0 };
}

async function saidBefore(
  context: LoadContext,
  files: readonly NumberedFile[],
): Promise<readonly FileOutcome[] | null> {
  const { batch, refusal } = context;
  if (refusal !== null) return await refusedOutcomes(context, files, refusal);
  if (batch.lane === 'ignored') return ignoredOutcomes(context, files);
  return isRetraction(batch) ? files.map(retracted) : null;
}

function retracted({ fileNumber }: NumberedFile): FileOutcome {
  return { fileNumber, status: 'removed', errorCode: 'retracted', reason: 'was retracted', version: null };
}

function ignoredOutcomes({ settings }: LoadContext, files: readonly NumberedFile[]): readonly FileOutcome[] {
  return files.map(({ file, fileNumber }) => {
    const routed = route(file, settings);
    const reason = routed.kind === 'load' ? 'was not routed to a dataset when it arrived' : routed.reason;
    return { fileNumber, status: 'ignored', reason, errorCode: null, version: null };
  });
}

/** A refused object waits for a backfill, which does not find a deleted one. */
async function refusedOutcomes(
  context: LoadContext,
  files: readonly NumberedFile[],
  { advice, code, reason }: Refusal,
): Promise<readonly FileOutcome[]> {
  const asQuarantined = advice === null ? reason : `${reason}; ${advice}`;
  return await Promise.all(
    files.map(async ({ file, fileNumber }): Promise<FileOutcome> => {
      const unseen = { fileNumber, errorCode: code, version: null };
      return file.change === 'put' || (await isThere(context, file))
        ? { ...unseen, status: 'quarantined', reason: asQuarantined }
        : { ...unseen, status: 'released', reason: releasedDeletion(reason) };
    }),
  );
}

async function isThere({ reading, store }: LoadContext, { bucket, key }: FileEvent): Promise<boolean> {
  try {
    return (await store.probe({ bucket, key, signal: reading })) !== null;
  } catch (error) {
    if (!(error instanceof IngestError) || reading.aborted) throw error;
    // S3 does not say it.
    return false;
  }
}

/**
 * COPYs the parts into temporary tables, prepares the publish step, and reads which files are settled already.
 *
 * @throws IngestError `copy_bad_data` when the warehouse refuses a part.
 */
export async function stage(context: LoadContext, read: ReadFiles): Promise<Staged> {
  const { batch } = context;
  const copy = copyInto('sparkify_staging', context, { key: read.manifest.key, isParts: true });
  const plan = stagePlan({ batch, copy, read: read.rows, events: eventTimes(numbered(batch)) });
  const { results, rowsOf } = await runPlan(context, plan);
  const looks = rowsOf('known');
  const known = looks.filter(isKnown);
  const copies = plan.steps.flatMap(({ kind }, step) => (kind === 'copy' ? (results[step] ?? []) : []));
  return {
    reach: reach(rowsOf('reach')[0]),
    known: knownFiles(known),
    // A file event may have several entries.
    hasChangeable: known.some((row) => mayChange(knownFile(row))),
    replaced: looks.filter((row) => row['change'] === 'newer').map(replacedObject),
    retracted: retractedFiles(batch, looks),
    hasOpen: looks.some((row) => Number(row['is_open']) === 1),
    hasSeenAgain: looks.some((row) => row['change'] === 'same'),
    queryIds: copies.flatMap(({ queryId }) => (queryId === null ? [] : [queryId])),
  };
}

/** Parts are a second copy of the rows. A part that cannot be deleted does not fail the load, and the log reports it. */
async function removeParts({ batch, emit }: LoadContext, parts: Parts): Promise<void> {
  try {
    await parts.remove();
  } catch (error) {
    emit({ kind: 'load.parts_left', batchId: batch.id, count: parts.count, sentence: ingestErrorFrom(error).message });
  }
}

/** Whether the ledger has an entry of the file. */
function isKnown(row: Row): boolean {
  return row['status'] !== null;
}

/** All notifications of the objects whose version a person retracted. */
function retractedFiles(batch: Batch, looks: readonly Row[]): ReadonlySet<number> {
  const rows = looks.filter((row) => row['change'] === 'same' && row['was_status'] === 'retracted');
  const first = new Set(rows.map((row) => Number(row['file_number'])));
  const files = numbered(batch);
  const uris = new Set(files.flatMap(({ file, fileNumber }) => (first.has(fileNumber) ? [s3Uri(file)] : [])));
  return new Set(files.flatMap(({ file, fileNumber }) => (uris.has(s3Uri(file)) ? [fileNumber] : [])));
}

function replacedObject(row: Row): Replaced {
  const minMs = parseTime(row['was_first_event_at'] ?? null);
  const maxMs = parseTime(row['was_last_event_at'] ?? null);
  const times = minMs === null || maxMs === null ? null : { minMs, maxMs };
  const key = String(row['object_key']);
  return { fileNumber: Number(row['file_number']), key, rows: Number(row['was_rows_kept']), times };
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
