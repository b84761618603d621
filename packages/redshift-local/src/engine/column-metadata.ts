import type { ColumnMetadata } from '@aws-sdk/client-redshift-data';
import type pg from 'pg';

/** A result column in PostgreSQL's wire protocol. */
export type ResultField = Pick<pg.FieldDef, 'name' | 'tableID' | 'columnID' | 'dataTypeID' | 'dataTypeModifier'>;

/** The key of the Data API's Field union for a type. */
export type FieldKey = 'booleanValue' | 'longValue' | 'doubleValue' | 'blobValue' | 'stringValue';

type TypeFacts = {
  readonly name: string;
  readonly key: FieldKey;
  readonly precision: number;
  readonly signed: boolean;
};

const text = (name: string): TypeFacts => ({ name, key: 'stringValue', precision: 0, signed: false });

/**
 * Types by PostgreSQL's object id, with the names Redshift's JDBC driver gives them (Redshift docs, "JDBC data types"
 * of the Data API). Decimals, dates and times travel as text; precision of numbers counts digits.
 */
const types: Readonly<Record<number, TypeFacts>> = {
  16: { name: 'bool', key: 'booleanValue', precision: 1, signed: false },
  17: { name: 'varbyte', key: 'stringValue', precision: 0, signed: false },
  19: text('name'),
  18: text('char'),
  20: { name: 'int8', key: 'longValue', precision: 19, signed: true },
  21: { name: 'int2', key: 'longValue', precision: 5, signed: true },
  23: { name: 'int4', key: 'longValue', precision: 10, signed: true },
  26: { name: 'oid', key: 'longValue', precision: 10, signed: false },
  25: text('varchar'),
  700: { name: 'float4', key: 'doubleValue', precision: 8, signed: true },
  701: { name: 'float8', key: 'doubleValue', precision: 17, signed: true },
  705: text('varchar'),
  1042: text('bpchar'),
  1043: text('varchar'),
  1082: { ...text('date'), precision: 13 },
  1083: { ...text('time'), precision: 15 },
  1114: { ...text('timestamp'), precision: 29 },
  1184: { ...text('timestamptz'), precision: 35 },
  1186: text('interval'),
  1266: { ...text('timetz'), precision: 21 },
  1700: { name: 'numeric', key: 'stringValue', precision: 0, signed: true },
};

const characterTypes = new Set([25, 705, 1042, 1043]);
const timeTypes = new Set([1083, 1114, 1184, 1266]);
const numericId = 1700;
/** PostgreSQL adds four to a length or precision in a type modifier. */
const modifierOffset = 4;

export function fieldKeyOf(field: ResultField): FieldKey {
  return types[field.dataTypeID]?.key ?? 'stringValue';
}

export type TableColumn = {
  readonly schemaName: string;
  readonly tableName: string;
  readonly notNull: boolean;
  readonly columnDefault: string | null;
};

/** The Data API's description of a column; `origin` is the table column it was read from, if it was. */
export function describeColumn(field: ResultField, origin: TableColumn | null): ColumnMetadata {
  const facts = types[field.dataTypeID] ?? text('varchar');
  const length = characterTypes.has(field.dataTypeID) ? Math.max(0, field.dataTypeModifier - modifierOffset) : 0;
  const { precision, scale } = precisionOf(field, facts, length);
  return {
    isCaseSensitive: characterTypes.has(field.dataTypeID),
    isCurrency: false,
    isSigned: facts.signed,
    label: field.name,
    length: 0,
    name: field.name,
    nullable: origin?.notNull === true ? 0 : 1,
    precision,
    scale,
    schemaName: origin?.schemaName ?? '',
    tableName: origin?.tableName ?? '',
    typeName: facts.name,
    ...(origin?.columnDefault == null ? {} : { columnDefault: origin.columnDefault }),
  };
}

function precisionOf(field: ResultField, facts: TypeFacts, length: number): { precision: number; scale: number } {
  if (characterTypes.has(field.dataTypeID)) return { precision: length, scale: 0 };
  if (timeTypes.has(field.dataTypeID)) return { precision: facts.precision, scale: 6 };
  if (field.dataTypeID !== numericId || field.dataTypeModifier < modifierOffset)
    return { precision: facts.precision, scale: 0 };
  const modifier = field.dataTypeModifier - modifierOffset;
  return { precision: modifier >> 16, scale: modifier & 0x7ff };
}

/** Looks up the table columns behind a result; must run in the session that has the tables. */
export async function findOrigins(
  client: pg.ClientBase,
  fields: readonly ResultField[],
): Promise<readonly (TableColumn | null)[]> {
  const tables = [...new Set(fields.map((field) => field.tableID).filter((id) => id !== 0))];
  if (tables.length === 0) return fields.map(() => null);
  const { rows } = await client.query<TableColumn & { tableId: number; columnId: number }>(
    `select a.attrelid as "tableId", a.attnum as "columnId", n.nspname as "schemaName", c.relname as "tableName",
            a.attnotnull as "notNull", pg_catalog.pg_get_expr(d.adbin, d.adrelid) as "columnDefault"
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = any($1::oid[])`,
    [tables],
  );
  const byPlace = new Map(rows.map((row) => [`${row.tableId}.${row.columnId}`, row]));
  return fields.map((field) => byPlace.get(`${field.tableID}.${field.columnID}`) ?? null);
}
