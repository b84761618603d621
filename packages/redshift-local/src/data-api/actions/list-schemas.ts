import type { ListSchemasResponse } from '@aws-sdk/client-redshift-data';
import { chooseCatalog, hiddenSchemas, pageOf } from '../catalog-page.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import { present } from '../wire.ts';

/** Schemas by name; `SchemaPattern` is a LIKE pattern. */
export const listSchemas: Action = async (api, { input }) => {
  const read = new InputReader(input);
  chooseCatalog(api, read, { databaseRequired: true });
  const { rows } = await api.control.query<{ name: string }>(
    `select n.nspname as name from pg_catalog.pg_namespace n
     where ${hiddenSchemas} and n.nspname like coalesce($1, '%')
     order by n.nspname`,
    [read.pattern('SchemaPattern') ?? null],
  );
  const { page, nextToken } = pageOf(read, rows);
  return present({ Schemas: page.map(({ name }) => name), NextToken: nextToken }) satisfies ListSchemasResponse;
};
