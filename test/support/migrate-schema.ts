import { realRandom } from '../../src/app/real.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';

/** What `sparkify migrate` does, without a process of its own: most tests are about something else. */
export async function migrateSchema(warehouse: Warehouse, schema: string): Promise<void> {
  const signal = new AbortController().signal;
  await migrate({ warehouse, library: openSqlLibrary(), random: realRandom, schema }, { reset: false, signal });
}
