import type { Row, Value } from '../core/ports.ts';

/** The five tables of the star, and the tables that later loads rely on (`sql/verify/compare`). */
export const COMPARED_TABLES = [
  'songplays',
  'users',
  'songs',
  'artists',
  'time',
  'play_rivals',
  'user_sources',
  'song_sources',
  'play_keys',
  'ingest_objects',
  'ingest_files',
] as const;

/** A difference in one column of a row; `column` is `(row)` if the row is on one side only. */
export type Difference = {
  readonly table: string;
  readonly key: string;
  readonly column: string;
  readonly star: string;
  readonly reload: string;
  /** Of a row of an event: when it happened, as the warehouse prints it, and to whom. */
  readonly time: string | null;
  readonly user: string | null;
  /** The key of the object that the row names. */
  readonly file: string | null;
};

/**
 * Turns rows that are on one side only into differing columns.
 *
 * @param rows that differ (`sql/verify/differences`): `row_key`, the table's columns and `side`; `row_name` if the row has a name for people that is
 *   not its key; `row_file`, the key of the object that the row names.
 */
export function pairDifferences(input: { table: string; rows: readonly Row[] }): readonly Difference[] {
  const byKey = new Map<string, { star: Row[]; reload: Row[] }>();
  for (const row of input.rows) {
    const key = String(row['row_key'] ?? '');
    const sides = byKey.get(key) ?? { star: [], reload: [] };
    byKey.set(key, sides);
    (row['side'] === 'star' ? sides.star : sides.reload).push(row);
  }
  return [...byKey].flatMap(([key, { star, reload }]) => {
    const [left, right] = [star[0], reload[0]];
    const either = left ?? right;
    const base = { table: input.table, key: String(either?.['row_name'] ?? key), ...placeOf(either) };
    if (left === undefined || right === undefined) {
      const where = (row: Row | undefined) => (row === undefined ? 'missing' : 'there');
      return [{ ...base, column: '(row)', star: where(left), reload: where(right) }];
    }
    return Object.keys(left)
      .filter((column) => !HELPERS.has(column) && left[column] !== right[column])
      .map((column) => ({ ...base, column, star: shown(left[column]), reload: shown(right[column]) }));
  });
}

/** Columns of such rows that are not columns of the table. */
const HELPERS: ReadonlySet<string> = new Set(['side', 'row_name', 'row_object', 'row_file']);

function placeOf(row: Row | undefined): Pick<Difference, 'time' | 'user' | 'file'> {
  const text = (value: Value | undefined): string | null =>
    value === null || value === undefined ? null : String(value);
  return {
    time: text(row?.['start_time'] ?? row?.['last_event_at'] ?? row?.['event_at']),
    user: text(row?.['user_id']),
    file: text(row?.['row_file']),
  };
}

function shown(value: Value | undefined): string {
  return value === null || value === undefined ? 'null' : String(value);
}
