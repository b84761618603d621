import type { Node, TypeCast, TypeName } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { byteLength, translateType } from '../known/data-types.ts';
import { cast, compat, integer, integerConstant, stringConstant, typeNameOf } from '../tree/tree.ts';

/**
 * CAST and `::` with Redshift's meaning: a text that is too long is cut to the length in bytes, never inside a
 * character (PostgreSQL counts characters).
 */
export function rewriteCast(body: TypeCast): Node {
  if (body.typeName === undefined) return { TypeCast: body };
  translateType(body.typeName);
  const limit = byteLength(body.typeName);
  const literal = stringConstant(body.arg);
  if (limit === null || body.arg === undefined || isNull(body.arg)) return { TypeCast: body };
  if (literal !== null && Buffer.byteLength(literal) <= limit) return { TypeCast: body };
  return { TypeCast: { ...body, arg: compat('cut_bytes', cast(body.arg, 'varchar'), integer(limit)) } };
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

/** The inner CAST was rewritten before its marker; for CHAR(n) it holds a call that cuts. */
function unwrapCut(body: TypeCast): { arg: Node | undefined; typeName: TypeName | undefined } {
  const inner = body.arg;
  if (inner !== undefined && 'FuncCall' in inner && byteLength(body.typeName) !== null) {
    const first = inner.FuncCall.args?.[0];
    if (first !== undefined && 'TypeCast' in first) return { arg: first.TypeCast.arg, typeName: body.typeName };
  }
  return { arg: inner, typeName: body.typeName };
}

function isNull(node: Node): boolean {
  return 'A_Const' in node && node.A_Const.isnull === true;
}
