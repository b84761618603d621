import pLimit from 'p-limit';
import type { CopyStatement } from '../core/copy.ts';
import { IngestError } from '../core/errors.ts';
import type { FileOutcome, NumberedFile } from '../core/ledger.ts';
import type { StagedRows } from '../core/load-plan.ts';
import { stagePlan } from '../core/load-plan.ts';
import { manifestBody, s3Uri } from '../core/manifest.ts';
import type { Row } from '../core/ports.ts';
import { findBadFiles } from './find-bad-files.ts';
import type { LoadContext } from './load-context.ts';
import { copyInto, runPlan } from './load-context.ts';
import { locateRejects } from './locate-rejects.ts';
import { LOG_FILES } from './log-files.ts';
import { songBundles } from './song-bundles.ts';
import type { BadFile, BadFiles, Prepared, StagingSource } from './staging-source.ts';

/** What lies in the session's staging tables, ready to be published. */
export type Staged = {
  /** `null`: there was nothing to COPY. */
  readonly rows: StagedRows | null;
  readonly outcomes: readonly FileOutcome[];
  readonly manifestUri: string | null;
  readonly queryIds: readonly number[];
  /** Where the rejected rows stand in the log files, as far as that was found. */
  readonly rejectPlaces: CopyStatement | null;
};

/** Each round leaves out at least one file more; usually the first or the second works. */
const MAX_ROUNDS = 12;

/**
 * The second step: COPY the open files into temporary staging and prepare what is published. Files that COPY refuses or
 * does not find are left out, named in the outcomes, and stop nothing.
 */
export async function stage(context: LoadContext, files: readonly NumberedFile[]): Promise<Staged> {
  const source = context.batch.lane === 'songs' ? songBundles(context) : LOG_FILES;
  let bad: BadFiles = new Map();
  for (let round = 1; ; round += 1) {
    const prepared = await source.prepare(files, bad, round);
    if (prepared.uris.length === 0) {
      return { rows: null, outcomes: prepared.outcomes, manifestUri: null, queryIds: [], rejectPlaces: null };
    }
    try {
      return await copyAndCheck(context, { source, prepared, round });
    } catch (error) {
      const found = await badFilesBehind(error, context, { source, prepared });
      if (found.size === 0 || round >= MAX_ROUNDS) throw error;
      bad = new Map([...bad, ...found]);
    }
  }
}

async function copyAndCheck(
  context: LoadContext,
  input: { source: StagingSource; prepared: Prepared; round: number },
): Promise<Staged> {
  const { signal, store, work } = context;
  const { prepared, round, source } = input;
  const manifest = { bucket: work.bucket, key: work.manifestKey(round) };
  await store.put({ ...manifest, body: manifestBody(prepared.uris), contentType: 'application/json', signal });
  const copy = copyInto(source.table, context, { key: manifest.key, isManifest: true });
  const { rows, copyQueryId } = await runPlan(
    context,
    'stage',
    stagePlan(source.dataset, copy, context.settings.rejectedRowsMax),
  );
  const staged = stagedRows(rows[0]);
  return {
    rows: staged,
    outcomes: prepared.outcomes,
    manifestUri: s3Uri(manifest),
    queryIds: copyQueryId === null ? [] : [copyQueryId],
    rejectPlaces: source.dataset === 'logs' && staged.rejected > 0 ? await locateRejects(context, prepared) : null,
  };
}

/** The files an error is about; none when it is about something else. */
async function badFilesBehind(
  error: unknown,
  context: LoadContext,
  input: { source: StagingSource; prepared: Prepared },
): Promise<BadFiles> {
  if (!(error instanceof IngestError)) return new Map();
  if (error.code === 'object_missing') return await findMissing(context, input.prepared);
  if (error.code !== 'copy_bad_data') return new Map();
  try {
    return await findBadFiles(context, { ...input, error });
  } catch (inner) {
    // The search met a file that is gone before it met the bad one. Without the gone one it will.
    if (!(inner instanceof IngestError) || inner.code !== 'object_missing') throw inner;
    return await findMissing(context, input.prepared);
  }
}

/** COPY says that a file is gone and not reliably which one; S3 knows. */
async function findMissing({ signal, store }: LoadContext, prepared: Prepared): Promise<BadFiles> {
  const limit = pLimit(32);
  const gone: BadFile = {
    status: 'missing',
    errorCode: null,
    reason: 'the object is gone',
    lineNumber: null,
    columnName: null,
  };
  const found = await Promise.all(
    prepared.uris.map((uri) =>
      limit(async () => {
        const files = prepared.locate(uri, 1);
        const file = files[0]?.file;
        if (file === undefined || (await store.exists({ bucket: file.bucket, key: file.key, signal }))) return [];
        return files.map(({ fileNumber }) => [fileNumber, gone] as const);
      }),
    ),
  );
  return new Map(found.flat());
}

function stagedRows(summary: Row | undefined): StagedRows {
  const minMs = parseTime(summary?.['min_start_time'] ?? null);
  const maxMs = parseTime(summary?.['max_start_time'] ?? null);
  const starts = minMs === null || maxMs === null ? null : { minMs, maxMs };
  const count = (name: string) => Number(summary?.[name] ?? 0);
  return { rows: count('rows_staged'), rejected: count('rows_rejected'), starts };
}

/** `YYYY-MM-DD HH:MM:SS.mmm`, UTC, as the summary writes it. */
function parseTime(text: unknown): number | null {
  if (typeof text !== 'string') return null;
  const atMs = Date.parse(`${text.trim().replace(' ', 'T')}Z`);
  return Number.isNaN(atMs) ? null : atMs;
}
