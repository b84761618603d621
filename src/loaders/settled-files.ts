import type { FileStatus } from '../core/file-event.ts';
import type { FileOutcome } from '../core/loading/ledger.ts';
import { numbered } from '../core/loading/ledger.ts';
import type { Batch, ReleasedFile, SettledFile } from '../core/load.ts';
import type { KnownFiles } from './know.ts';

/**
 * How each file of a committed batch was settled, in the batch's order, without the files that the batch does not settle.
 *
 * @param retracted numbers of the files whose version a person retracted.
 */
export function settledFiles(
  batch: Batch,
  known: KnownFiles,
  outcomes: readonly FileOutcome[],
  retracted: ReadonlySet<number> = new Set(),
): readonly SettledFile[] {
  const said = new Map(outcomes.map((outcome) => [outcome.fileNumber, outcome]));
  return numbered(batch).flatMap(({ file, fileNumber }): readonly SettledFile[] => {
    const before = known.get(fileNumber);
    // Files that this batch settled in a commit whose reply was lost are reported as new.
    if (before !== undefined) {
      const isOwn = before.batchId === batch.id || before.status === 'retracted';
      const status = isOwn ? statusOf(before.status) : 'known';
      return [{ file, status, reason: null, lastModifiedMs: null }];
    }
    const { reason = null, status = 'loaded', version = null } = said.get(fileNumber) ?? {};
    const lastModifiedMs = version?.lastModifiedMs ?? null;
    if (status === 'unread' || status === 'released') return [];
    const isRetracted = status === 'loaded' && retracted.has(fileNumber);
    return [{ file, status: isRetracted ? 'retracted' : status, reason, lastModifiedMs }];
  });
}

/** The files of the batch that have to be looked at again, in the batch's order. */
export function releasedFiles(
  batch: Batch,
  known: KnownFiles,
  outcomes: readonly FileOutcome[],
): readonly ReleasedFile[] {
  return outcomes.flatMap(({ fileNumber, reason, status }) => {
    const file = batch.files[fileNumber - 1];
    const isReleased = status === 'released' && !known.has(fileNumber);
    return isReleased && file !== undefined ? [{ file, reason: reason ?? 'no reason given' }] : [];
  });
}

const SETTLED = ['loaded', 'quarantined', 'missing', 'removed', 'ignored', 'retracted'] as const;

function statusOf(word: string): FileStatus {
  return SETTLED.find((status) => status === word) ?? 'known';
}
