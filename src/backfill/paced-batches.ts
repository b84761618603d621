import type { Lane } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Clock } from '../core/ports.ts';
import type { LoadOutcome } from '../core/load.ts';
import type { BackfillGroup } from './plan-backfill.ts';
import { FIRST_PACE, filesAtPace, paceAfter, pacedBytes } from './publish-pace.ts';
import type { PublishPace } from './publish-pace.ts';

/** A group that nobody else works on until it is released. */
export type ClaimedGroup = { readonly group: BackfillGroup; readonly release: () => Promise<void> };

/** Files of a group that are loaded at once. `done`: to be called when their load has ended in any way. */
export type PacedBatch = BackfillGroup & { readonly done: () => Promise<void> };

/** Then a live consumer may have loaded some of the files meanwhile. A look-up reads the whole ledger. */
const LOOK_UP_AGAIN_MS = 60_000;

/** The pace of each lane. */
export class Paces {
  readonly #paces = new Map<Lane, PublishPace>();

  of(lane: Lane): PublishPace {
    return this.#paces.get(lane) ?? FIRST_PACE;
  }

  /** A publish without rows says nothing about others. */
  after({ files, lane }: BackfillGroup, { counts, lockedMs }: LoadOutcome): void {
    if (counts.staged === 0 || lockedMs === 0) return;
    this.#paces.set(lane, paceAfter(this.of(lane), { bytes: pacedBytes(files), lockedMs }));
  }
}

/**
 * Divides the files of each group that the ledger lacks into batches, each as large as the pace allows when it is asked for. A group is
 * released when the loads of all its batches have ended, or when no further batch is asked for.
 */
export async function* pacedBatches(
  groups: AsyncIterable<ClaimedGroup>,
  parts: {
    readonly clock: Clock;
    readonly paces: Paces;
    readonly lookUp: (group: BackfillGroup) => Promise<readonly FileEvent[]>;
  },
): AsyncGenerator<PacedBatch, void> {
  const { clock, lookUp, paces } = parts;
  for await (const { group, release } of groups) {
    let [underWay, isOver] = [0, false];
    const releaseAtEnd = async (): Promise<void> => {
      if (isOver && underWay === 0) await release();
    };
    const done = async (): Promise<void> => {
      underWay -= 1;
      await releaseAtEnd();
    };
    try {
      let lookedUpAtMs = clock.nowMs();
      let left = await lookUp(group);
      while (left.length > 0) {
        if (clock.nowMs() - lookedUpAtMs > LOOK_UP_AGAIN_MS) {
          lookedUpAtMs = clock.nowMs();
          left = await lookUp(groupOf(group.lane, left));
        }
        const batch = groupOf(group.lane, left.slice(0, filesAtPace(left, paces.of(group.lane))));
        if (batch.files.length === 0) break;
        left = left.slice(batch.files.length);
        underWay += 1;
        yield { ...batch, done };
      }
    } finally {
      isOver = true;
      await releaseAtEnd();
    }
  }
}

function groupOf(lane: BackfillGroup['lane'], files: readonly FileEvent[]): BackfillGroup {
  return { lane, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}
