import type { Node, TypeCast, TypeName } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { byteLength, translateType } from '../known/data-types.ts';
import { isKept } from '../../rules/rules.ts';
import {
  cast,
  compat,
  functionName,
  integer,
  integerConstant,
  name,
  stringConstant,
  typeNameOf,
} from '../tree/tree.ts';

/**
 * CAST and `::` with Redshift's meaning: a text that is too long is cut to the length in bytes, never inside a
 * character (PostgreSQL counts characters); VARCHAR without a length has 256 bytes; a BOOLEAN does not become text; a
 * CHAR holds single-byte characters.
 */
export function rewriteCast(body: TypeCast): Node {
  const { typeName } = body;
  if (typeName === undefined) return { TypeCast: body };
  const given = typeNameOf(typeName);
  translateType(typeName);
  if (hasDefaultLength(given, typeName) && isKept('cast.varchar-256')) {
    typeName.names = [name('pg_catalog'), name('varchar')];
    typeName.typmods = [integer(256)];
  }
  const limit = byteLength(typeName);
  if (limit === null || body.arg === undefined || isNull(body.arg)) return { TypeCast: body };
  const literal = stringConstant(body.arg);
  const isChar = typeNameOf(typeName) === 'bpchar' && isKept('cast.char-multibyte');
  // eslint-disable-next-line no-control-regex -- the single-byte characters
  const isPlain = literal !== null && (!isChar || /^[\x01-\x7f]*$/.test(literal));
  if (isPlain && Buffer.byteLength(literal) <= limit) return { TypeCast: body };
  if (isMd5(body.arg) && limit >= MD5_LENGTH) return { TypeCast: body };
  const isText = literal !== null || !isKept('cast.boolean');
  const cut = compat('cut_bytes', isText ? cast(body.arg, 'varchar') : body.arg, integer(limit));
  return { TypeCast: { ...body, arg: isChar ? compat('single_bytes', cut) : cut } };
}

const MD5_LENGTH = 32;

function isMd5(arg: Node): boolean {
  return 'FuncCall' in arg && functionName(arg.FuncCall) === 'md5';
}

function hasDefaultLength(given: string, type: TypeName): boolean {
  return type.typmods === undefined && ['varchar', 'nvarchar', 'text'].includes(given);
}

const tryCastTypes = new Set([
  'int2',
  'int4',
  'int8',
  'numeric',
  'float4',
  'float8',
  'bpchar',
  'timestamp',
  'timestamptz',
  'date',
  'time',
  'timetz',
]);

/**
 * TRY_CAST(e AS type): NULL where the text does not convert; an empty or blank text is an error (Redshift docs,
 * TRY_CAST).
 *
 * @throws RedshiftError 42846 for a type that TRY_CAST does not convert a text to.
 */
export function rewriteTryCast(argument: Node): Node {
  if (!('TypeCast' in argument)) throw new RedshiftError('42601', 'TRY_CAST needs an expression AS a type');
  const { arg, typeName } = unwrapCut(argument.TypeCast);
  const type = typeNameOf(typeName);
  if (arg === undefined || typeName === undefined || !tryCastTypes.has(type)) {
    throw new RedshiftError('42846', `cannot cast type character varying to ${type} with TRY_CAST`);
  }
  if (type === 'bpchar')
    return { TypeCast: { arg: compat('cut_bytes', arg, integer(byteLength(typeName) ?? 1)), typeName } };
  if (type === 'numeric') {
    const [precision, scale] = (typeName.typmods ?? []).map((typmod) => integerConstant(typmod) ?? 0);
    // The result carries its precision and scale only through a cast; NULL stays NULL.
    return {
      TypeCast: { arg: compat('try_cast_numeric', arg, integer(precision ?? 18), integer(scale ?? 0)), typeName },
    };
  }
  return compat(`try_cast_${type}`, arg);
}

/** The inner CAST was rewritten before its marker; for CHAR(n) its argument is inside calls that check and cut. */
function unwrapCut(body: TypeCast): { arg: Node | undefined; typeName: TypeName | undefined } {
  const { typeName } = body;
  let arg = body.arg;
  while (arg !== undefined && 'FuncCall' in arg && ['single_bytes', 'cut_bytes'].includes(functionName(arg.FuncCall)))
    arg = arg.FuncCall.args?.[0];
  return { arg, typeName };
}

function isNull(node: Node): boolean {
  return 'A_Const' in node && node.A_Const.isnull === true;
}
