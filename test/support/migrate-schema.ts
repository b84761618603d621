import type pg from 'pg';
import { realRandom } from '../../src/app/real.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';

const TEMPLATE = 'migrated_template';
const templates = new WeakMap<pg.Pool, Promise<unknown>>();

/**
 * Makes the tables that `sparkify migrate` makes. Each stack is migrated once, in a schema that no test uses; its tables
 * are copied, because most tests are about something else. A schema that has its tables stays as it is.
 *
 * @param at the pool is one of the stack behind the warehouse.
 */
export async function migrateSchema(at: { readonly warehouse: Warehouse; readonly pool: pg.Pool }, schema: string) {
  const { pool, warehouse } = at;
  const parts = { warehouse, library: openSqlLibrary(), random: realRandom, schema: TEMPLATE };
  const template = templates.get(pool) ?? migrate(parts, { reset: false, signal: new AbortController().signal });
  templates.set(pool, template);
  await template;
  await pool.query(copySchema(schema));
}

function copySchema(schema: string): string {
  return `
    do $copy$
    declare name text;
    begin
      if to_regclass('"${schema}".schema_migrations') is not null then return; end if;
      create schema "${schema}";
      for name in select relname from pg_catalog.pg_class where relnamespace = '${TEMPLATE}'::regnamespace and relkind = 'r' loop
        execute format('create table "${schema}".%1$I (like ${TEMPLATE}.%1$I including all)', name);
        execute format('insert into "${schema}".%1$I select * from ${TEMPLATE}.%1$I', name);
      end loop;
    end $copy$`;
}
