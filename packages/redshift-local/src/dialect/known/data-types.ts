import type { TypeName } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { isKept } from '../../rules/rules.ts';
import { integer, integerConstant, name, typeNameOf } from '../tree/tree.ts';

/** Redshift's name for a type → PostgreSQL's. Aliases as in Redshift docs, Data types. */
const types: Readonly<Record<string, string>> = {
  int2: 'int2',
  int4: 'int4',
  int: 'int4',
  int8: 'int8',
  numeric: 'numeric',
  float4: 'float4',
  float8: 'float8',
  float: 'float8',
  bool: 'bool',
  bpchar: 'bpchar',
  varchar: 'varchar',
  nvarchar: 'varchar',
  text: 'text',
  date: 'date',
  time: 'time',
  timetz: 'timetz',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  interval: 'interval',
};

const notInStandIn = new Set(['super', 'varbyte', 'varbinary', 'binary', 'hllsketch', 'geometry', 'geography']);

const maxVarchar = 65535;
const maxChar = 4096;
const maxPrecision = 38;

/**
 * Checks a type against Redshift's list and makes it PostgreSQL's, in place (Redshift docs, Data types): DECIMAL without
 * precision is (18,0).
 *
 * @throws RedshiftError 42704 for a type Redshift does not have, 0A000 for one the stand-in does not run, 22023 for a
 *   length or precision out of range.
 */
export function translateType(type: TypeName): void {
  const given = typeNameOf(type);
  const known = Object.hasOwn(types, given) ? types[given] : undefined;
  if (notInStandIn.has(given)) throw notSupported(`type ${given} is Redshift SQL that the local stand-in does not run`);
  if (known === undefined || type.setof === true || type.pct_type === true) {
    throw new RedshiftError('42704', `type "${given}" does not exist`);
  }
  if ((type.arrayBounds ?? []).length > 0) throw notSupported('array types are not supported');
  type.names = known === 'text' ? [name('text')] : [name('pg_catalog'), name(known)];
  checkLimits(type, known);
}

/** The same in a column definition, where VARCHAR without a length and TEXT are VARCHAR(256), BPCHAR is CHAR(256). */
export function translateColumnType(type: TypeName): void {
  const given = typeNameOf(type);
  translateType(type);
  if (given === 'interval' && isKept('types.interval-fields')) refuseBareInterval(type);
  if (type.typmods !== undefined) return;
  if (given === 'text' || given === 'varchar' || given === 'nvarchar') {
    type.names = [name('pg_catalog'), name('varchar')];
    type.typmods = [integer(256)];
  } else if (given === 'bpchar') {
    type.typmods = [integer(256)];
  }
}

/** PostgreSQL's masks of the fields of `YEAR TO MONTH` and `DAY TO SECOND`, the two that a column may have. */
const intervalFields = new Set([0x6, 0x1c08]);

function refuseBareInterval(type: TypeName): void {
  const fields = integerConstant(type.typmods?.[0]);
  if (fields !== null && intervalFields.has(fields)) return;
  throw new RedshiftError('42601', 'INTERVAL needs its fields: INTERVAL YEAR TO MONTH or INTERVAL DAY TO SECOND');
}

/** Length in bytes of a VARCHAR(n) or CHAR(n); null for every other type. */
export function byteLength(type: TypeName | undefined): number | null {
  const given = typeNameOf(type);
  return given === 'varchar' || given === 'bpchar' ? integerConstant(type?.typmods?.[0]) : null;
}

function checkLimits(type: TypeName, known: string): void {
  const [first, second] = (type.typmods ?? []).map((typmod) => integerConstant(typmod) ?? -1);
  if (known === 'varchar' || known === 'bpchar') {
    const max = known === 'varchar' ? maxVarchar : maxChar;
    const label = known === 'varchar' ? 'character varying' : 'character';
    if (first !== undefined && first < 1) throw outOfRange(`length for type ${label} must be at least 1`);
    if (first !== undefined && first > max) throw outOfRange(`length for type ${label} cannot exceed ${max}`);
  } else if (known === 'numeric') {
    const precision = first ?? 18;
    const scale = second ?? 0;
    if (precision < 1 || precision > maxPrecision) {
      throw outOfRange(`DECIMAL precision ${precision} must be between 1 and ${maxPrecision}`);
    }
    if (scale < 0 || scale > precision)
      throw outOfRange(`DECIMAL scale ${scale} must be between 0 and precision ${precision}`);
    type.typmods = [integer(precision), integer(scale)];
  } else if (type.typmods !== undefined && known !== 'interval') {
    throw notSupported(`type ${known} takes no length here`);
  }
}

function outOfRange(message: string): RedshiftError {
  return new RedshiftError('22023', message);
}
