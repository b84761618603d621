import type { DescribeTableResponse } from '@aws-sdk/client-redshift-data';
import { describeColumn } from '../../engine/column-metadata.ts';
import { chooseCatalog, hiddenSchemas, pageOf } from '../catalog-page.ts';
import type { Action } from '../data-api.ts';
import { InputReader } from '../read-input.ts';
import type { Wire } from '../wire.ts';
import { present } from '../wire.ts';

type ColumnRow = {
  readonly name: string;
  readonly typeId: number;
  readonly typeModifier: number;
  readonly schemaName: string;
  readonly tableName: string;
  readonly notNull: boolean;
  readonly columnDefault: string | null;
};

/** The columns of a table in their order; an unknown table has none. Without `Schema` every schema is searched. */
export const describeTable: Action = async (api, { input }) => {
  const read = new InputReader(input);
  chooseCatalog(api, read, { databaseRequired: true });
  const table = read.text('Table');
  const { rows } = await api.control.query<ColumnRow>(
    `select a.attname as name, a.atttypid::int4 as "typeId", a.atttypmod as "typeModifier", n.nspname as "schemaName",
            c.relname as "tableName", a.attnotnull as "notNull", pg_catalog.pg_get_expr(d.adbin, d.adrelid) as "columnDefault"
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v') and ${hiddenSchemas}
       and c.relname = $1 and n.nspname = coalesce($2, n.nspname)
     order by n.nspname, a.attnum`,
    [table ?? '', read.text('Schema') ?? null],
  );
  const columns = rows.map((row) =>
    describeColumn(
      { name: row.name, tableID: 0, columnID: 0, dataTypeID: row.typeId, dataTypeModifier: row.typeModifier },
      { ...row, columnDefault: row.columnDefault },
    ),
  );
  const { page, nextToken } = pageOf(read, columns);
  return present({ TableName: table, ColumnList: page, NextToken: nextToken }) satisfies Wire<DescribeTableResponse>;
};
