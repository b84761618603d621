import { realRandom } from '../../src/app/real.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { migrate } from '../../src/schema/migrate.ts';
import type { SqlLibrary } from '../../src/sql/sql-library.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';

/** What `sparkify migrate` does, without a process of its own and without the comments: most tests are about something else. */
export async function migrateSchema(warehouse: Warehouse, schema: string): Promise<void> {
  const signal = new AbortController().signal;
  const library = openSqlLibrary();
  const silent: SqlLibrary = {
    ...library,
    fill: (paths, values) => library.fill(paths, values).filter((statement) => !statement.startsWith('comment on ')),
  };
  await migrate({ warehouse, library: silent, random: realRandom, schema }, { reset: false, signal });
}
