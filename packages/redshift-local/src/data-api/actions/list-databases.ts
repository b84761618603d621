import type { ListDatabasesResponse } from '@aws-sdk/client-redshift-data';
import { chooseCatalog, pageOf } from '../catalog-page.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import { present } from '../wire.ts';

/** The cluster has one database. */
export const listDatabases: Action = (api, { input }) => {
  const read = new InputReader(input);
  chooseCatalog(api, read, { databaseRequired: false });
  const { page, nextToken } = pageOf(read, [api.cluster.database]);
  return Promise.resolve(present({ Databases: [...page], NextToken: nextToken }) satisfies ListDatabasesResponse);
};
