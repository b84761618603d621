import type {
  ColumnDef,
  Constraint,
  CreateStmt,
  CreateTableAsStmt,
  Node,
  RangeVar,
  TableLikeClause,
} from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { byteLength, translateColumnType } from '../known/data-types.ts';
import { checkEncoding } from '../known/encodings.ts';
import type { TableStorage } from '../lift/lift-create-table.ts';
import { call, column, integer, name, quotedRelation, quoteName, quoteText, typeNameOf } from '../tree/tree.ts';
import { writeSql } from '../tree/write-sql.ts';

const unsupported: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'CHECK constraints are not supported',
  CONSTR_EXCLUSION: 'EXCLUDE constraints are not supported',
  CONSTR_GENERATED: 'generated columns are not supported',
  CONSTR_ATTR_DEFERRABLE: 'DEFERRABLE constraints are not supported',
  CONSTR_ATTR_NOT_DEFERRABLE: 'DEFERRABLE constraints are not supported',
  CONSTR_ATTR_DEFERRED: 'DEFERRABLE constraints are not supported',
  CONSTR_ATTR_IMMEDIATE: 'DEFERRABLE constraints are not supported',
};

/** TableLikeClause.options of PostgreSQL: defaults, check constraints (our byte lengths), indexes (our keys). */
const like = { constraints: 0x4, defaults: 0x8, indexes: 0x40 } as const;

/**
 * CREATE TABLE (Redshift docs, CREATE TABLE). Primary, unique and foreign keys are read and never enforced; lengths in
 * bytes are CHECKs named `redshift_bytes_<column>`; sort, distribution and declared primary keys become plain indexes.
 *
 * @param statement its defaults are transformed already.
 */
export function createTable(statement: CreateStmt, storage: TableStorage): string[] {
  const relation = statement.relation ?? {};
  checkTarget(relation);
  if (statement.oncommit !== undefined && statement.oncommit !== 'ONCOMMIT_NOOP')
    throw notSupported('ON COMMIT is not supported');
  const primaryKey: string[] = [];
  const elements: Node[] = [];
  for (const element of statement.tableElts ?? []) {
    if ('ColumnDef' in element) elements.push(translateColumn(element.ColumnDef, primaryKey, storage));
    else if ('TableLikeClause' in element) elements.push(translateLike(element.TableLikeClause, storage));
    else if ('Constraint' in element) primaryKey.push(...tableConstraint(element.Constraint));
  }
  if (elements.length === 0) throw new RedshiftError('42601', 'a table must have at least one column');
  requireColumns(elements, primaryKey, storage);
  for (const element of elements) {
    if ('ColumnDef' in element && primaryKey.includes(element.ColumnDef.colname ?? '')) addNotNull(element.ColumnDef);
  }
  statement.tableElts = elements;
  return [writeSql({ CreateStmt: statement }), finishTable(relation, storage, primaryKey)];
}

/**
 * CREATE TABLE AS: the table is made empty, finished (lengths, keys) and then filled, so that the last statement counts
 * the rows.
 */
export function createTableAs(statement: CreateTableAsStmt, storage: TableStorage): string[] {
  const relation = statement.into?.rel ?? {};
  checkTarget(relation);
  if (statement.objtype === 'OBJECT_MATVIEW')
    throw notSupported('materialized views are not run by the local stand-in');
  if (statement.if_not_exists === true)
    throw new RedshiftError('42601', 'CREATE TABLE IF NOT EXISTS … AS is not supported');
  if (statement.query === undefined || !('SelectStmt' in statement.query))
    throw notSupported('CREATE TABLE … AS takes a SELECT');
  const query = writeSql(statement.query);
  const columns = (statement.into?.colNames ?? []).map((node) =>
    'String' in node ? quoteName(node.String.sval ?? '') : '',
  );
  const columnList = columns.length === 0 ? '' : ` (${columns.join(', ')})`;
  const temporary = relation.relpersistence === 't' ? 'TEMPORARY ' : '';
  const target = quotedRelation(relation);
  return [
    `CREATE ${temporary}TABLE ${target}${columnList} AS ${query} WITH NO DATA`,
    finishTable(relation, storage, []),
    `INSERT INTO ${target} ${query}`,
  ];
}

/** ALTER TABLE ADD COLUMN shares the column rules; keys cannot be added with a column. */
export function translateColumn(definition: ColumnDef, primaryKey: string[], storage: TableStorage): Node {
  const type = definition.typeName;
  const columnName = definition.colname ?? '';
  if (type === undefined) throw new RedshiftError('42601', `column "${columnName}" has no type`);
  translateColumnType(type);
  checkEncoding(columnName, typeNameOf(type), storage.encodings[columnName]);
  const constraints: Node[] = [];
  for (const node of definition.constraints ?? []) {
    if (!('Constraint' in node)) continue;
    const kind = node.Constraint.contype ?? '';
    refuseConstraint(kind);
    if (kind === 'CONSTR_PRIMARY') primaryKey.push(columnName);
    if (kind === 'CONSTR_IDENTITY' && !['int4', 'int8'].includes(typeNameOf(type))) {
      throw new RedshiftError('42804', `identity column "${columnName}" must be of type INT or BIGINT`);
    }
    if (['CONSTR_DEFAULT', 'CONSTR_NOTNULL', 'CONSTR_NULL', 'CONSTR_IDENTITY'].includes(kind)) constraints.push(node);
  }
  const limit = byteLength(type);
  if (limit !== null) constraints.push(byteCheck(columnName, limit));
  definition.constraints = constraints;
  return { ColumnDef: definition };
}

function tableConstraint(constraint: Constraint): string[] {
  const kind = constraint.contype ?? '';
  refuseConstraint(kind);
  if (kind !== 'CONSTR_PRIMARY') return [];
  return (constraint.keys ?? []).map((key) => ('String' in key ? (key.String.sval ?? '') : ''));
}

function refuseConstraint(kind: string): void {
  const message = unsupported[kind];
  if (message !== undefined) throw notSupported(message);
}

/** Redshift counts a VARCHAR's and CHAR's length in bytes, PostgreSQL in characters. */
function byteCheck(columnName: string, limit: number): Node {
  const bytes = call('pg_catalog', 'octet_length', [column(columnName)]);
  const check: Constraint = {
    contype: 'CONSTR_CHECK',
    conname: byteCheckName(columnName),
    raw_expr: { A_Expr: { kind: 'AEXPR_OP', name: [name('<=')], lexpr: bytes, rexpr: integer(limit) } },
    initially_valid: true,
    is_enforced: true,
  };
  return { Constraint: check };
}

/** Cut to what PostgreSQL keeps of a name; the same rule as in `prelude/70-tables.sql`. */
export function byteCheckName(columnName: string): string {
  return `redshift_bytes_${columnName}`.slice(0, 63);
}

function translateLike(clause: TableLikeClause, storage: TableStorage): Node {
  if (((clause.options ?? 0) & ~like.defaults) !== 0)
    throw notSupported('LIKE takes only INCLUDING DEFAULTS or EXCLUDING DEFAULTS');
  if (storage.distStyle !== null || storage.distKey !== null || storage.sortKey.length > 0) {
    throw notSupported('distribution and sort keys cannot be set in CREATE TABLE … LIKE: they are inherited');
  }
  clause.options = (clause.options ?? 0) | like.constraints | like.indexes;
  return { TableLikeClause: clause };
}

function addNotNull(definition: ColumnDef): void {
  const constraints = definition.constraints ?? [];
  const has = constraints.some((node) => 'Constraint' in node && node.Constraint.contype === 'CONSTR_NOTNULL');
  if (!has)
    definition.constraints = [
      ...constraints,
      { Constraint: { contype: 'CONSTR_NOTNULL', initially_valid: true, is_enforced: true } },
    ];
}

function requireColumns(elements: readonly Node[], primaryKey: readonly string[], storage: TableStorage): void {
  const known = new Set(elements.map((element) => ('ColumnDef' in element ? element.ColumnDef.colname : undefined)));
  if (elements.some((element) => 'TableLikeClause' in element)) return;
  const keys = [...primaryKey, ...storage.sortKey, ...(storage.distKey === null ? [] : [storage.distKey])];
  const missing = keys.find((key) => !known.has(key));
  if (missing !== undefined) throw new RedshiftError('42703', `column "${missing}" named in key does not exist`);
}

function checkTarget(relation: RangeVar): void {
  if (relation.relpersistence === 'u') throw notSupported('UNLOGGED tables are not supported');
  if (relation.relpersistence === 't' && relation.schemaname !== undefined) {
    throw new RedshiftError('42P16', 'cannot create temporary relation in non-temporary schema');
  }
  // Redshift docs, CREATE TABLE: a name that begins with # is a temporary table.
  if (relation.relname?.startsWith('#') === true) relation.relpersistence = 't';
}

function finishTable(relation: RangeVar, storage: TableStorage, primaryKey: readonly string[]): string {
  const list = (columns: readonly string[]): string => `ARRAY[${columns.map(quoteText).join(', ')}]::text[]`;
  const distKey = storage.distKey === null ? [] : [storage.distKey];
  const shown = quoteText(
    JSON.stringify({ distStyle: storage.distStyle, interleaved: storage.interleaved, encodings: storage.encodings }),
  );
  return (
    `CALL redshift_compat.finish_table(${quoteText(quotedRelation(relation))}, ` +
    `${list(storage.sortKey)}, ${list(distKey)}, ${list(primaryKey)}, ${shown})`
  );
}
