import type { FileStatus } from '../core/file-event.ts';
import type { FileOutcome } from '../core/loading/ledger.ts';
import { numbered } from '../core/loading/ledger.ts';
import type { Batch, SettledFile } from '../core/load.ts';
import type { KnownFiles } from './know.ts';

/** How each file of a committed batch was settled, in the batch's order, without unread files. */
export function settledFiles(
  batch: Batch,
  known: KnownFiles,
  outcomes: readonly FileOutcome[],
): readonly SettledFile[] {
  const said = new Map(outcomes.map((outcome) => [outcome.fileNumber, outcome]));
  return numbered(batch).flatMap(({ file, fileNumber }): readonly SettledFile[] => {
    const before = known.get(fileNumber);
    // Files that this batch settled in a commit whose reply was lost are reported as new.
    if (before !== undefined) {
      const status = before.batchId === batch.id ? statusOf(before.status) : 'known';
      return [{ file, status, reason: null, lastModifiedMs: null }];
    }
    const { reason = null, status = 'loaded', version = null } = said.get(fileNumber) ?? {};
    return status === 'unread' ? [] : [{ file, status, reason, lastModifiedMs: version?.lastModifiedMs ?? null }];
  });
}

const SETTLED = ['loaded', 'quarantined', 'missing', 'removed', 'ignored'] as const;

function statusOf(word: string): FileStatus {
  return SETTLED.find((status) => status === word) ?? 'known';
}
