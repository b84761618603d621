import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { splitSql } from '../../src/core/sql/split-sql.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';

/** The tables that grow with history, and the sort key by which a load's statements leave the rest of it unread. */
const SORT_KEYS: Readonly<Record<string, string>> = {
  songplays: 'start_time',
  play_rivals: 'start_time',
  user_sources: 'event_at',
  time: 'start_time',
  ingest_files: 'event_time',
  ingest_batches: 'published_at',
};
/** A listing has no time at which the ledger would know its objects; the files' headers say what that costs. */
const READS_ALL: readonly string[] = [
  'load/know/30_known_backfill.sql',
  'load/ledger/40_solve_quarantined.sql',
  'load/ledger/38_superseded_files.sql',
  'load/retraction/20_logs.sql',
  'load/retraction/20_songs.sql',
  'load/retraction/32_counts.sql',
  'load/know/60_settled_files.sql',
];

type Reading = { readonly path: string; readonly table: string; readonly alias: string; readonly statement: string };

function readings(): readonly Reading[] {
  const library = openSqlLibrary();
  const folder = fileURLToPath(new URL('../../sql/load', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  const paths = files.map((name) => `load/${name.replaceAll('\\', '/')}`);
  return paths.flatMap((path) =>
    splitSql(library.source(path)).flatMap(({ text: statement }) => {
      const found = statement.matchAll(
        /\b(?:from|join|update|using|into)\s+(\w+)(?:\s+(?!set\b|on\b|where\b|using\b|join\b|left\b)(\w+))?/g,
      );
      return [...found].flatMap(([whole, table = '', alias = table]) =>
        table in SORT_KEYS && !whole.startsWith('into') ? [{ path, table, alias, statement }] : [],
      );
    }),
  );
}

test.each(readings().filter(({ path }) => !READS_ALL.includes(path)))(
  '$path reads $table as $alias within literals of its sort key only',
  ({ alias, statement, table }) => {
    const key = `(?:${alias}\\.)?${SORT_KEYS[table] ?? ''}`;
    const range = new RegExp(
      `\\b${key}\\s+(?:in \\w+\\}\\}|between \\{\\{min_\\w+\\}\\} and \\{\\{max_\\w+\\}\\}|>= \\{\\{not_before\\}\\})`,
    );
    expect(statement).toMatch(range);
  },
);

test('every table that grows with history is read by some statement, so that nothing above is asked in vain', () => {
  const read = new Set(readings().map(({ table }) => table));
  expect([...read].toSorted()).toEqual(Object.keys(SORT_KEYS).toSorted());
  expect(readings().length).toBeGreaterThanOrEqual(9);
});
