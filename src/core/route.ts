import type { Dataset } from './dataset.ts';
import type { FileEvent } from './file-event.ts';

/**
 * Where a file goes. `load`: into a lane. `record`: not a file to load; the ledger records it as *ignored* with the reason
 * (`isElsewhere`: in another bucket, or below neither prefix).
 * `drop`: a work file of the service. It is settled without a ledger entry, because the load that writes the entry would write
 * another work file, whose notification would need another entry.
 */
export type Route =
  | { readonly kind: 'load'; readonly lane: Dataset }
  | { readonly kind: 'record'; readonly reason: string; readonly isElsewhere: boolean }
  | { readonly kind: 'drop'; readonly reason: string };

export type RouteSettings = {
  /** The data bucket; files of other buckets are not loaded. */
  readonly bucket: string;
  readonly songPrefix: string;
  readonly logPrefix: string;
  /** Where the service keeps manifests and parts, in the same bucket. */
  readonly workPrefix: string;
  /** Whether the rows of a deleted object stay or are removed. */
  readonly onDelete: 'keep' | 'remove';
};

/**
 * Decides by bucket, (decoded) key and kind of change only, so that notifications, listings and replays agree about a file.
 */
export function route(file: Pick<FileEvent, 'bucket' | 'change' | 'key'>, settings: RouteSettings): Route {
  const { bucket, change, key } = file;
  if (bucket !== settings.bucket) {
    return {
      kind: 'record',
      isElsewhere: true,
      reason: `bucket "${bucket}" is not the data bucket "${settings.bucket}"`,
    };
  }
  // First, because a work prefix may lie below a dataset's prefix.
  if (key.startsWith(settings.workPrefix)) {
    return { kind: 'drop', reason: `a work file of the service itself (below "${settings.workPrefix}")` };
  }
  const isSong = key.startsWith(settings.songPrefix);
  const isLog = key.startsWith(settings.logPrefix);
  if (!isSong && !isLog) {
    return {
      kind: 'record',
      isElsewhere: true,
      reason: `key is below neither "${settings.songPrefix}" (songs) nor "${settings.logPrefix}" (logs)`,
    };
  }
  const recorded = (reason: string): Route => ({ kind: 'record', isElsewhere: false, reason });
  if (key.endsWith('/')) return recorded('a folder marker (key ends with "/"), not a file');
  if (change === 'delete' && settings.onDelete === 'keep') {
    return recorded('the object was deleted, and SPARKIFY_ON_DELETE is keep: its rows stay');
  }
  return { kind: 'load', lane: isSong ? 'songs' : 'logs' };
}

/**
 * What a caller's prefix leaves of a dataset's prefix: the narrower of both; `null` when they do not overlap.
 *
 * @param prefix `null`: all of the dataset.
 */
export function prefixWithin(dataset: string, prefix: string | null): string | null {
  if (prefix === null || dataset.startsWith(prefix)) return dataset;
  return prefix.startsWith(dataset) ? prefix : null;
}
