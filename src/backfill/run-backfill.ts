import { batchNow } from '../core/batch-id.ts';
import type { Decision } from '../core/decision.ts';
import type { Emit } from '../core/events.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Batch, FindLacking, LoadBatch, LoadOutcome } from '../core/load.ts';
import type { Clock, ObjectStore, QueueFeed, Random } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import { someAtOnce } from '../core/some-at-once.ts';
import type { BackfillProgress } from './backfill-progress.ts';
import { NOTHING, withDone, withLookUp, withOutcome, withPage } from './backfill-progress.ts';
import { claimed } from './claim-parts.ts';
import type { ClaimedPart } from './claim-parts.ts';
import { feedQueue } from './feed-queue.ts';
import type { ListKeys, Page } from './list-files.ts';
import { listFiles } from './list-files.ts';
import { lookedUpParts, Paces, pacedBatches } from './paced-batches.ts';
import type { PacedBatch } from './paced-batches.ts';
import { loadWithRetries } from './load-with-retries.ts';
import type { BackfillGroup, BackfillLimits, BackfillRange, LookedUpPart } from './plan-backfill.ts';
import { Grouping, wantedLane } from './plan-backfill.ts';

export type BackfillParts = {
  readonly store: ObjectStore;
  readonly loadBatch: LoadBatch;
  readonly findLacking: FindLacking;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly settings: RouteSettings & BackfillLimits & { readonly consumer: string };
};

export type BackfillOptions = BackfillRange & {
  /** Only these keys; absent: everything below the prefixes. */
  readonly keys?: ListKeys | null;
  /** Only count the files that the ledger lacks, or send their notifications to a queue; absent: load them. */
  readonly instead?: 'count' | { readonly feed: QueueFeed } | undefined;
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
  const { decision, instead } = options;
  const paces = new Paces();
  const others = { wereSeen: false };
  const lookUp = async (group: BackfillGroup): Promise<readonly FileEvent[]> => {
    // A decision to load files again is about all of them.
    if (decision !== undefined) return group.files;
    const batch = backfillBatch(parts, group);
    const found = await loadWithRetries({ ...parts, loadBatch: parts.findLacking }, batch, signal);
    report(withLookUp(progress, group, found));
    return found.lacking;
  };
  const load = async (batch: PacedBatch, ended: AbortSignal): Promise<void> => {
    if (instead !== undefined) {
      const { files } = batch;
      const onSent = (sent: number): void => report({ ...progress, sent: progress.sent + sent });
      if (instead !== 'count')
        await feedQueue({ clock: parts.clock, feed: instead.feed }, { files, signal: ended, onSent });
      report(withDone({ ...progress, lacking: progress.lacking + files.length }, batch));
      return;
    }
    const loading = backfillBatch(parts, batch, decision);
    const outcome = await loadWithRetries(parts, loading, ended);
    paces.after(batch, outcome);
    announce(parts, loading, outcome);
    report(withOutcome(progress, batch, outcome));
  };

  for (const pages of listFiles(parts, { prefix: options.prefix, keys: options.keys ?? null, signal })) {
    const groups = grouped(pages, parts.settings, { options, onPage: (page) => report(withPage(progress, page)) });
    const looked = lookedUpParts(groups, { clock: parts.clock, lookUp });
    const claims = options.isShared === true ? claimed({ ...parts, others }, looked, signal) : unclaimed(looked);
    const atOnce = typeof instead === 'object' ? 1 : LOADS_AT_ONCE;
    await someAtOnce(
      pacedBatches(claims, { clock: parts.clock, paces, lookUp }),
      { atOnce, signal },
      async (batch, ended) => {
        try {
          await load(batch, ended);
        } finally {
          await batch.done();
        }
      },
    );
  }
  return progress;
}

async function* unclaimed(parts: AsyncIterable<LookedUpPart>): AsyncGenerator<ClaimedPart, void> {
  for await (const part of parts) yield { ...part, release: async () => await Promise.resolve() };
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
