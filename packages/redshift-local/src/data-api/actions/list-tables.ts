import type { ListTablesResponse } from '@aws-sdk/client-redshift-data';
import { chooseCatalog, hiddenSchemas, pageOf } from '../catalog-page.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import type { Wire } from '../wire.ts';
import { present } from '../wire.ts';

/** Tables and views by type, schema and name; both patterns are LIKE patterns. */
export const listTables: Action = async (api, { input }) => {
  const read = new InputReader(input);
  chooseCatalog(api, read, { databaseRequired: true });
  const { rows } = await api.control.query<{ name: string; schema: string; type: string }>(
    `select c.relname as name, n.nspname as schema,
            case when c.relkind = 'v' then 'VIEW'
                 when n.nspname in ('pg_catalog', 'information_schema') then 'SYSTEM TABLE'
                 else 'TABLE' end as type
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'v') and ${hiddenSchemas}
       and n.nspname like coalesce($1, '%') and c.relname like coalesce($2, '%')
     order by type, n.nspname, c.relname`,
    [read.pattern('SchemaPattern') ?? null, read.pattern('TablePattern') ?? null],
  );
  const { page, nextToken } = pageOf(read, rows);
  return present({ Tables: page, NextToken: nextToken }) satisfies Wire<ListTablesResponse>;
};
