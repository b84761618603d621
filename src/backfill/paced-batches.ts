import type { Lane } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { Clock } from '../core/ports.ts';
import type { LoadOutcome } from '../core/load.ts';
import type { ClaimedPart } from './claim-parts.ts';
import type { BackfillGroup, LookedUpPart } from './plan-backfill.ts';
import { groupOf, partsOf } from './plan-backfill.ts';
import { FIRST_PACE, filesAtPace, paceAfter, pacedBytes } from './publish-pace.ts';
import type { PublishPace } from './publish-pace.ts';

/** Files of a part that are loaded at once. The caller calls `done` when their load has ended in any way. */
export type PacedBatch = BackfillGroup & { readonly done: () => Promise<void> };

/** Then a live consumer may have loaded some of the files meanwhile. A look-up reads the whole ledger. */
const LOOK_UP_AGAIN_MS = 60_000;

type LookUp = (group: BackfillGroup) => Promise<readonly FileEvent[]>;

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

/** Looks up each group as a whole, and gives its parts that lack something. */
export async function* lookedUpParts(
  groups: AsyncIterable<BackfillGroup>,
  { clock, lookUp }: { readonly clock: Clock; readonly lookUp: LookUp },
): AsyncGenerator<LookedUpPart, void> {
  for await (const group of groups) {
    const lacking = new Set(await lookUp(group));
    const lookedUpAtMs = clock.nowMs();
    for (const part of partsOf(group)) {
      const left = part.files.filter((file) => lacking.has(file));
      if (left.length > 0) yield { part, left, lookedUpAtMs };
    }
  }
}

/**
 * Divides the files of each part that the ledger lacks into batches. The pace of the moment at which the caller takes a batch decides
 * how large the batch is. The generator releases a part when the loads of all its batches have ended, also when the caller takes no
 * further batch.
 */
export async function* pacedBatches(
  claimed: AsyncIterable<ClaimedPart>,
  parts: { readonly clock: Clock; readonly paces: Paces; readonly lookUp: LookUp },
): AsyncGenerator<PacedBatch, void> {
  const { clock, lookUp, paces } = parts;
  for await (const { part, release, ...looked } of claimed) {
    let { left, lookedUpAtMs } = looked;
    let [underWay, isOver] = [0, false];
    const releaseAtEnd = async (): Promise<void> => {
      if (isOver && underWay === 0) await release();
    };
    const done = async (): Promise<void> => {
      underWay -= 1;
      await releaseAtEnd();
    };
    try {
      while (left.length > 0) {
        if (clock.nowMs() - lookedUpAtMs > LOOK_UP_AGAIN_MS) {
          left = await lookUp(groupOf(part.lane, left));
          lookedUpAtMs = clock.nowMs();
          continue;
        }
        const batch = groupOf(part.lane, left.slice(0, filesAtPace(left, paces.of(part.lane))));
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
