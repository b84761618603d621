import { batchNow } from '../core/batch-id.ts';
import type { Emit } from '../core/events.ts';
import type { FileStatus } from '../core/file-event.ts';
import type { Batch, CountKnown, LoadBatch, LoadCounts, LoadOutcome } from '../core/load.ts';
import type { Clock, ObjectStore, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import { loadWithRetries } from './load-with-retries.ts';
import type { BackfillGroup, BackfillLimits, BackfillRange } from './plan-backfill.ts';
import { Grouping, prefixesToList, wantedLane } from './plan-backfill.ts';

export type BackfillParts = {
  readonly store: ObjectStore;
  readonly loadBatch: LoadBatch;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly settings: RouteSettings & BackfillLimits & { readonly consumer: string };
};

export type BackfillOptions = BackfillRange & {
  /** `null`: load. Otherwise only count the known files with this function. */
  readonly dryRun: CountKnown | null;
  /** Also read and publish settled files again, to add the object and line that their rows lack. */
  readonly isReload?: boolean;
  readonly signal: AbortSignal;
  /** Called after every page and every batch. */
  readonly onProgress: (progress: BackfillProgress) => void;
};

/** The progress; at the end the result. */
export type BackfillProgress = {
  /** Objects seen in the listing. */
  readonly listed: number;
  /** Of these, within the range and of a dataset. */
  readonly wanted: number;
  readonly wantedBytes: number;
  /** Of the wanted objects that were looked up, those that the ledger lacks. */
  readonly lacking: number;
  readonly batches: number;
  /** How the files of the committed batches were settled; `known`: settled earlier. */
  readonly files: Readonly<Record<FileStatus, number>>;
  readonly rows: LoadCounts;
};

/** The next batch is read while one is staged and published. */
const LOADS_AT_ONCE = 2;

/**
 * Lists the bucket and loads what the ledger lacks, all songs before the first log. The only state is the ledger, so a backfill can be
 * killed at any point and run again.
 *
 * @throws IngestError when listing or a load fails for good. Committed batches stay; the next run continues.
 */
export async function runBackfill(parts: BackfillParts, options: BackfillOptions): Promise<BackfillProgress> {
  const { settings, store } = parts;
  let progress = NOTHING;
  const report = (change: Partial<BackfillProgress>) => {
    progress = { ...progress, ...change };
    options.onProgress(progress);
  };
  const load = async (group: BackfillGroup, signal: AbortSignal) => {
    const batch = backfillBatch(parts, group, options.isReload === true);
    if (options.dryRun !== null) {
      const known = await loadWithRetries({ ...parts, loadBatch: options.dryRun }, batch, signal);
      report(withKnown(progress, { known, lacking: batch.files.length - known }));
      return;
    }
    const outcome = await loadWithRetries(parts, batch, signal);
    announce(parts, batch, outcome);
    report(withOutcome(progress, outcome));
  };

  async function* groupsBelow(prefix: string): AsyncGenerator<BackfillGroup, void> {
    const grouping = new Grouping(settings);
    for await (const page of store.list({ bucket: settings.bucket, prefix, signal: options.signal })) {
      const wanted = page.flatMap((file) => {
        const lane = wantedLane(file, settings, options);
        return lane === null ? [] : [{ lane, file }];
      });
      report({
        listed: progress.listed + page.length,
        wanted: progress.wanted + wanted.length,
        wantedBytes: progress.wantedBytes + wanted.reduce((sum, { file }) => sum + file.size, 0),
      });
      for (const { lane, file } of wanted) {
        const full = grouping.add(lane, file);
        if (full !== null) yield full;
      }
    }
    yield* grouping.rest();
  }

  for (const prefix of prefixesToList(settings, options.prefix)) {
    await someAtOnce(groupsBelow(prefix), { atOnce: LOADS_AT_ONCE, signal: options.signal }, load);
  }
  return progress;
}

const NOTHING: BackfillProgress = {
  listed: 0,
  wanted: 0,
  wantedBytes: 0,
  lacking: 0,
  batches: 0,
  files: { loaded: 0, quarantined: 0, missing: 0, removed: 0, ignored: 0, known: 0 },
  rows: { staged: 0, rejected: 0, inserted: 0, updated: 0, repaired: 0, removed: 0 },
};

function backfillBatch({ clock, random, settings }: BackfillParts, group: BackfillGroup, isReload: boolean): Batch {
  return batchNow({ clock, random, consumer: settings.consumer }, { ...group, source: 'backfill', isReload });
}

function withKnown(progress: BackfillProgress, counted: { known: number; lacking: number }): BackfillProgress {
  const files = { ...progress.files, known: progress.files.known + counted.known };
  return { ...progress, files, lacking: progress.lacking + counted.lacking };
}

function withOutcome(progress: BackfillProgress, outcome: LoadOutcome): BackfillProgress {
  const files = { ...progress.files };
  for (const { status } of outcome.files) files[status] += 1;
  const { counts } = outcome;
  const rows = {
    staged: progress.rows.staged + counts.staged,
    rejected: progress.rows.rejected + counts.rejected,
    inserted: progress.rows.inserted + counts.inserted,
    updated: progress.rows.updated + counts.updated,
    repaired: progress.rows.repaired + counts.repaired,
    removed: progress.rows.removed + counts.removed,
  };
  const lacking = progress.lacking + outcome.files.filter(({ status }) => status !== 'known').length;
  return { ...progress, batches: progress.batches + 1, files, rows, lacking };
}

function announce({ clock, emit }: BackfillParts, batch: Batch, outcome: LoadOutcome): void {
  const { closeReason: reason, lane, restedMs, source } = batch;
  const totalMs = clock.nowMs() - batch.openedAtMs;
  emit({ kind: 'load.committed', lane, source, reason, outcome, restedMs, totalMs, putToVisibleMs: [] });
  for (const { file, reason: why, status } of outcome.files) {
    const named = { batchId: batch.id, bucket: file.bucket, key: file.key };
    if (status === 'missing') emit({ kind: 'file.missing', ...named });
    if (status === 'quarantined') emit({ kind: 'file.quarantined', ...named, reason: why ?? 'no reason given' });
  }
}
