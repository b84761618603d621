import type { AlterTableCmd, AlterTableStmt } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { byteCheckName, translateColumn } from './create-table.ts';
import { byteLength, translateColumnType } from '../known/data-types.ts';
import type { TableStorage } from '../lift/lift-create-table.ts';
import { quotedRelation, quoteName, quoteText, typeNameOf } from '../tree/tree.ts';
import { writeSql } from '../tree/write-sql.ts';

/**
 * ALTER TABLE (Redshift docs, ALTER TABLE): one change per statement; ADD and DROP COLUMN, OWNER, DROP CONSTRAINT of the
 * primary key, ALTER DISTSTYLE, and ALTER COLUMN TYPE for another VARCHAR length, which cannot run in a transaction block.
 *
 * @param storage names a style where the statement is ALTER DISTSTYLE.
 */
export function alterTable(
  statement: AlterTableStmt,
  storage: TableStorage,
): { sql: string[]; refusesTransactionBlock: string | null } {
  const [command, more] = statement.cmds ?? [];
  if (command === undefined || !('AlterTableCmd' in command))
    throw notSupported('this form of ALTER TABLE is not supported');
  if (more !== undefined) throw notSupported('ALTER TABLE takes one change per statement');
  if (statement.objtype !== 'OBJECT_TABLE') throw notSupported('only tables can be altered');
  if (storage.distStyle !== null) {
    const values = [quotedRelation(statement.relation ?? {}), storage.distStyle].map(quoteText);
    const key = storage.distKey === null ? 'NULL' : quoteText(storage.distKey);
    const sql = `CALL redshift_compat.alter_distribution(${values.join(', ')}, ${key})`;
    return { sql: [sql], refusesTransactionBlock: null };
  }
  const change = command.AlterTableCmd;
  switch (String(change.subtype)) {
    case 'AT_AddColumn':
      addColumn(change, storage);
      break;
    case 'AT_DropColumn':
      if (change.missing_ok === true) throw notSupported('DROP COLUMN IF EXISTS is not supported');
      break;
    case 'AT_DropConstraint':
      return { sql: [dropKey(statement, change)], refusesTransactionBlock: null };
    case 'AT_ChangeOwner':
      break;
    case 'AT_AlterColumnType':
      return {
        sql: [resize(statement, change)],
        refusesTransactionBlock: 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block',
      };
    default:
      throw notSupported(`ALTER TABLE ${describe(change.subtype ?? '')} is not supported by the local stand-in`);
  }
  return { sql: [writeSql({ AlterTableStmt: statement })], refusesTransactionBlock: null };
}

function addColumn(change: AlterTableCmd, storage: TableStorage): void {
  if (change.missing_ok === true) throw notSupported('ADD COLUMN IF NOT EXISTS is not supported');
  if (change.def === undefined || !('ColumnDef' in change.def))
    throw notSupported('ADD COLUMN needs a column definition');
  const definition = change.def.ColumnDef;
  const kinds = new Set(
    (definition.constraints ?? []).map((node) => ('Constraint' in node ? node.Constraint.contype : undefined)),
  );
  for (const kind of ['CONSTR_PRIMARY', 'CONSTR_UNIQUE', 'CONSTR_FOREIGN', 'CONSTR_IDENTITY'] as const) {
    if (kinds.has(kind)) throw notSupported('ADD COLUMN cannot add a key or an identity');
  }
  if (kinds.has('CONSTR_NOTNULL') && !kinds.has('CONSTR_DEFAULT')) {
    throw new RedshiftError(
      '42601',
      'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression',
    );
  }
  change.def = translateColumn(definition, [], storage);
}

/**
 * A key without a name is called `<table>_pkey`, as in PostgreSQL. The stand-in does not keep keys as constraints, so this
 * checks only that the table exists; the index in place of the key stays.
 */
function dropKey({ relation }: AlterTableStmt, change: AlterTableCmd): string {
  if (change.missing_ok === true) throw notSupported('DROP CONSTRAINT IF EXISTS is not supported');
  const [table, constraint] = [relation?.relname ?? '', change.name ?? ''];
  if (constraint !== `${table}_pkey`) {
    throw new RedshiftError('42704', `constraint "${constraint}" of relation "${table}" does not exist`);
  }
  return `ALTER TABLE ${quotedRelation(relation ?? {})} DROP CONSTRAINT IF EXISTS ${quoteName(constraint)}`;
}

function resize(statement: AlterTableStmt, change: AlterTableCmd): string {
  const type = change.def !== undefined && 'ColumnDef' in change.def ? change.def.ColumnDef.typeName : undefined;
  if (type === undefined) throw notSupported('ALTER COLUMN needs a TYPE');
  translateColumnType(type);
  if (typeNameOf(type) !== 'varchar')
    throw notSupported('target data type is not supported: ALTER COLUMN changes only the length of a VARCHAR');
  const columnName = change.name ?? '';
  const length = byteLength(type) ?? 256;
  const check = quoteName(byteCheckName(columnName));
  return (
    `ALTER TABLE ${quotedRelation(statement.relation ?? {})} ` +
    `ALTER COLUMN ${quoteName(columnName)} TYPE varchar(${length}), DROP CONSTRAINT IF EXISTS ${check}, ` +
    `ADD CONSTRAINT ${check} CHECK (octet_length(${quoteName(columnName)}) <= ${length})`
  );
}

function describe(subtype: string): string {
  return subtype
    .replace('AT_', '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
