import type { Dataset } from '../dataset.ts';

export type RetractedObject = { readonly bucket: string; readonly key: string };

/** Rows that a retraction changes: `removed` go, `changed` get the values of another file. */
type ChangedRows = { readonly table: string; readonly removed: number; readonly changed: number };

/** What a retraction would change. */
export type Retraction = {
  readonly dataset: Dataset;
  /** `status` of the live or last version in the ledger; `null`: the object has never been loaded. */
  readonly objects: readonly (RetractedObject & { readonly status: string | null; readonly rows: number })[];
  readonly tables: readonly ChangedRows[];
  /** Of songplays, or of songs. */
  readonly rowsInAll: number;
  /** The counts and the versions as one text, for the comparison under the lock. */
  readonly planned: string;
};

/** A larger retraction needs a limit that the person names. */
const FREE_FILES = 100;
const FREE_SHARE = 0.1;

/** @param counts as `sql/load/retraction/20_*.sql` writes them: `versions 1 9, songplays 50 0, …`. */
export function countedRows(counts: string): readonly ChangedRows[] {
  return counts
    .split(', ')
    .slice(1)
    .map((part) => {
      const [table = '', removed, changed] = part.split(' ');
      return { table, removed: Number(removed), changed: Number(changed) };
    });
}

export function liveObjects({ objects }: Retraction): Retraction['objects'] {
  return objects.filter(({ status }) => status === 'live');
}

/**
 * Why the retraction needs a greater `--max-files`; `null` if it does not.
 *
 * @param filesMax `null`: the person named no limit.
 */
export function tooLarge(plan: Retraction, filesMax: number | null): string | null {
  const files = liveObjects(plan).length;
  if (filesMax !== null) {
    return files <= filesMax ? null : `this retracts ${files} files, which is more than --max-files ${filesMax}`;
  }
  const main = plan.dataset === 'logs' ? 'songplays' : 'songs';
  const rows = plan.tables.find(({ table }) => table === main);
  const affected = (rows?.removed ?? 0) + (rows?.changed ?? 0);
  if (files > FREE_FILES)
    return `this retracts ${files} files, which is more than ${FREE_FILES}; --max-files ${files} allows it`;
  if (affected <= FREE_SHARE * plan.rowsInAll) return null;
  const share = `${affected} of the ${plan.rowsInAll} rows of ${main}, which is more than ${FREE_SHARE * 100} %`;
  return `this retracts ${share}; --max-files ${files} allows it`;
}
