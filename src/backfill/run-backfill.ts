import { batchNow } from '../core/batch-id.ts';
import type { Decision } from '../core/decision.ts';
import type { Emit } from '../core/events.ts';
import type { Batch, FindLacking, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Clock, ObjectStore, QueueFeed, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import type { BackfillProgress } from './backfill-progress.ts';
import { NOTHING, withGroup, withOutcome, withPage } from './backfill-progress.ts';
import { claimed } from './claim-groups.ts';
import { feedQueue } from './feed-queue.ts';
import type { ListKeys, Page } from './list-files.ts';
import { listFiles } from './list-files.ts';
import { loadWithRetries } from './load-with-retries.ts';
import type { BackfillGroup, BackfillLimits, BackfillRange } from './plan-backfill.ts';
import { Grouping, wantedLane } from './plan-backfill.ts';

export type BackfillParts = {
  readonly store: ObjectStore;
  readonly loadBatch: LoadBatch;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly settings: RouteSettings & BackfillLimits & { readonly consumer: string };
};

export type BackfillOptions = BackfillRange & {
  /** Only these keys; absent: everything below the prefixes. */
  readonly keys?: ListKeys | null;
  /** `null`: load. Otherwise only count the files that this function finds. */
  readonly dryRun: FindLacking | null;
  /** Send notifications of the files that the ledger lacks, and load nothing. */
  readonly enqueue?: { readonly feed: QueueFeed; readonly findLacking: FindLacking } | null;
  /** Share the work with other backfills of the same listing. */
  readonly isShared?: boolean;
  /** A person's decision to read and publish settled files again. */
  readonly decision?: Decision | undefined;
  readonly signal: AbortSignal;
  /** Called after every page and every batch. */
  readonly onProgress: (progress: BackfillProgress) => void;
};

/** The next batch is read while one is staged and published. */
const LOADS_AT_ONCE = 2;

/**
 * Lists the bucket and loads what the ledger lacks, all songs before the first log. The only state is the ledger, so a backfill can be
 * killed at any point and run again. In memory are the files of a few batches, whatever the size of the bucket.
 *
 * @throws IngestError when listing or a load fails for good. Committed batches stay; the next run continues.
 */
export async function runBackfill(parts: BackfillParts, options: BackfillOptions): Promise<BackfillProgress> {
  const { signal } = options;
  let progress = NOTHING;
  const report = (next: BackfillProgress): void => {
    progress = next;
    options.onProgress(progress);
  };
  const load = async (group: BackfillGroup, ended: AbortSignal): Promise<void> => {
    const batch = backfillBatch(parts, group, options.decision);
    const find = options.dryRun ?? options.enqueue?.findLacking ?? null;
    if (find !== null) {
      const lacking = await loadWithRetries({ ...parts, loadBatch: find }, batch, ended);
      report(withGroup(progress, group, lacking.length));
      if (options.enqueue == null) return;
      const onSent = (sent: number): void => report({ ...progress, sent: progress.sent + sent });
      await feedQueue({ clock: parts.clock, feed: options.enqueue.feed }, { files: lacking, signal: ended, onSent });
      return;
    }
    const outcome = await loadWithRetries(parts, batch, ended);
    announce(parts, batch, outcome);
    report(withOutcome(progress, group, outcome));
  };

  for (const pages of listFiles(parts, { prefix: options.prefix, keys: options.keys ?? null, signal })) {
    const groups = grouped(pages, parts.settings, { options, onPage: (page) => report(withPage(progress, page)) });
    const atOnce = options.enqueue == null ? LOADS_AT_ONCE : 1;
    if (options.isShared !== true) {
      await someAtOnce(groups, { atOnce, signal }, load);
      continue;
    }
    await someAtOnce(claimed(parts, groups, signal), { atOnce, signal }, async ({ group, release }, ended) => {
      try {
        await load(group, ended);
      } finally {
        await release();
      }
    });
  }
  return progress;
}

async function* grouped(
  pages: AsyncIterable<Page>,
  settings: BackfillParts['settings'],
  input: {
    readonly options: BackfillRange;
    readonly onPage: (page: Page & { readonly wanted: readonly { readonly size: number }[] }) => void;
  },
): AsyncGenerator<BackfillGroup, void> {
  const grouping = new Grouping(settings);
  for await (const page of pages) {
    const wanted = page.files.flatMap((file) => {
      const lane = wantedLane(file, settings, input.options);
      return lane === null ? [] : [{ lane, file }];
    });
    input.onPage({ ...page, wanted: wanted.map(({ file }) => file) });
    for (const { lane, file } of wanted) {
      const full = grouping.add(lane, file);
      if (full !== null) yield full;
    }
  }
  yield* grouping.rest();
}

function backfillBatch({ clock, random, settings }: BackfillParts, group: BackfillGroup, decision?: Decision): Batch {
  const source = decision === undefined ? 'backfill' : 'operator';
  return batchNow({ clock, random, consumer: settings.consumer }, { ...group, source, decision });
}

function announce({ emit }: BackfillParts, batch: Batch, outcome: LoadOutcome): void {
  const { closeReason: reason, lane, restedMs, source } = batch;
  emit({ kind: 'load.committed', lane, source, reason, outcome, restedMs, liveFiles: [] });
  for (const { file, reason: why, status } of outcome.files) {
    const named = { batchId: batch.id, bucket: file.bucket, key: file.key };
    if (status === 'missing') emit({ kind: 'file.missing', ...named });
    if (status === 'quarantined') emit({ kind: 'file.quarantined', ...named, reason: why ?? 'no reason given' });
  }
}
