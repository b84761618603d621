import type { ClientBase } from 'pg';
import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyStatement } from '../parse/copy-statement.ts';
import type { ColumnType, TargetColumn } from '../convert/target-column.ts';

/** The table of a COPY as it stands in the database, with the columns that the COPY fills, in its order. */
export type CopyTarget = {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly TargetColumn[];
};

/**
 * Looks the table up as the session sees it (temporary tables first).
 *
 * @throws RedshiftError when a table or column does not exist, when the user may not insert into the table, or when an IDENTITY column is listed or left out against
 *   the rule of EXPLICIT_IDS.
 */
export async function describeTarget(client: ClientBase, statement: CopyStatement): Promise<CopyTarget> {
  const written = statement.schema === null ? statement.table : `${statement.schema}.${statement.table}`;
  const name = [statement.schema, statement.table].filter((part) => part !== null).map((part) => quoteIdentifier(part));
  const found = await client.query<TableRow>(tableQuery, [name.join('.')]);
  const table = found.rows[0];
  if (table === undefined) throw new RedshiftError('42P01', `Cannot COPY into nonexistent table ${written}`);
  if (table.kind !== 'r' && table.kind !== 'p')
    throw new RedshiftError('42809', `cannot copy to view "${statement.table}"`);
  if (!table.mayInsert) throw new RedshiftError('42501', `permission denied for relation ${table.name}`);
  const all = (await client.query<ColumnRow>(columnQuery, [table.oid])).rows;
  return {
    oid: table.oid,
    schema: table.schema,
    table: table.name,
    columns: chooseColumns(statement, all).map((row) => targetColumn(row)),
  };
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

type TableRow = { oid: number; schema: string; name: string; kind: string; mayInsert: boolean };

type ColumnRow = {
  name: string;
  type: string;
  typmod: number;
  not_null: boolean;
  identity: '' | 'a' | 'd';
};

const tableQuery = `
  select c.oid::int8::int4 as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind,
         pg_catalog.has_table_privilege(c.oid, 'insert') as "mayInsert"
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = pg_catalog.to_regclass($1)`;

const columnQuery = `
  select a.attname as name, t.typname as type, a.atttypmod as typmod, a.attnotnull as not_null, 
         a.attidentity::text as identity
  from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
  where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  order by a.attnum`;

function chooseColumns(statement: CopyStatement, all: readonly ColumnRow[]): readonly ColumnRow[] {
  if (statement.columns === null) {
    return all.filter((row) => row.identity !== 'a' || statement.explicitIds);
  }
  const chosen = statement.columns.map((name) => {
    const row = all.find((candidate) => candidate.name === name);
    if (row !== undefined) return row;
    throw new RedshiftError('42703', `column "${name}" of relation "${statement.table}" does not exist`);
  });
  const listed = chosen.find((row) => row.identity === 'a');
  if (listed !== undefined && !statement.explicitIds) {
    throw new RedshiftError(
      '42601',
      `cannot set an identity column to a value: "${listed.name}" is listed without EXPLICIT_IDS`,
    );
  }
  const identity = all.find((row) => row.identity !== '');
  if (statement.explicitIds && identity !== undefined && !chosen.includes(identity)) {
    throw new RedshiftError('42601', `EXPLICIT_IDS needs the identity column "${identity.name}" in the column list`);
  }
  return chosen;
}

function targetColumn(row: ColumnRow): TargetColumn {
  const type = columnTypes.get(row.type);
  if (type === undefined)
    throw notSupported(`COPY of JSON into a column of type ${row.type} ("${row.name}") is not supported here`);
  const declared = row.typmod < 0 ? null : row.typmod - typmodHeader;
  const common = { name: row.name, type, notNull: row.not_null, scale: 0 };
  if (type === 'varchar') return { ...common, length: declared ?? maxVarcharBytes };
  if (type === 'char') return { ...common, length: declared ?? 1 };
  if (type !== 'numeric') return { ...common, length: 0 };
  if (declared === null) return { ...common, length: 18 };
  return { ...common, length: declared >> 16, scale: declared & 0xffff };
}

/** PostgreSQL's type modifier counts its own four bytes of header. */
const typmodHeader = 4;
const maxVarcharBytes = 65_535;

/** PostgreSQL's type names, and the names of the types that stand in for Redshift's own. */
const columnTypes = new Map<string, ColumnType>([
  ['varchar', 'varchar'],
  ['text', 'varchar'],
  ['bpchar', 'char'],
  ['int2', 'int2'],
  ['int4', 'int4'],
  ['int8', 'int8'],
  ['numeric', 'numeric'],
  ['float4', 'float4'],
  ['float8', 'float8'],
  ['bool', 'bool'],
  ['date', 'date'],
  ['timestamp', 'timestamp'],
  ['timestamptz', 'timestamptz'],
  ['time', 'time'],
  ['timetz', 'timetz'],
  ['super', 'super'],
  ['json', 'super'],
  ['jsonb', 'super'],
]);
