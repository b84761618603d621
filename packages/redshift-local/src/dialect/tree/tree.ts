import type { FuncCall, Node, RangeVar, TypeName } from 'libpg-query';

/** Small makers and readers of PostgreSQL parse trees, as `libpg-query` gives them. */

export type Body = Record<string, unknown>;

export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? '';
}

export function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function text(value: string): Node {
  return { A_Const: { sval: { sval: value } } };
}

export function integer(value: number): Node {
  return { A_Const: { ival: { ival: value } } };
}

export function column(...fields: string[]): Node {
  return { ColumnRef: { fields: fields.map(name) } };
}

export function name(value: string): Node {
  return { String: { sval: value } };
}

export function call(schema: string, functionName: string, args: readonly Node[]): Node {
  return {
    FuncCall: { funcname: [name(schema), name(functionName)], args: [...args], funcformat: 'COERCE_EXPLICIT_CALL' },
  };
}

/** A call of one of the functions that `prelude/*.sql` defines. */
export function compat(functionName: string, ...args: Node[]): Node {
  return call('redshift_compat', functionName, args);
}

export function cast(arg: Node, typeName: string, ...typmods: number[]): Node {
  const type: TypeName = { names: [name('pg_catalog'), name(typeName)], typemod: -1 };
  if (typmods.length > 0) type.typmods = typmods.map(integer);
  return { TypeCast: { arg, typeName: type } };
}

export function functionName(body: FuncCall): string {
  const last = body.funcname?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

export function columnPath(node: Node | undefined): string[] | null {
  if (node === undefined || !('ColumnRef' in node)) return null;
  return (node.ColumnRef.fields ?? []).map((field) => ('String' in field ? (field.String.sval ?? '') : '*'));
}

export function stringConstant(node: Node | undefined): string | null {
  return node !== undefined && 'A_Const' in node && node.A_Const.sval !== undefined
    ? (node.A_Const.sval.sval ?? '')
    : null;
}

export function integerConstant(node: Node | undefined): number | null {
  return node !== undefined && 'A_Const' in node && node.A_Const.ival !== undefined
    ? (node.A_Const.ival.ival ?? 0)
    : null;
}

export function typeNameOf(type: TypeName | undefined): string {
  const last = type?.names?.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
}

/** `schema.table`, or `table`, quoted for use in SQL text. */
export function quotedRelation(relation: RangeVar): string {
  const parts = [relation.schemaname, relation.relname].filter((part) => part !== undefined && part !== '');
  return parts.map((part) => quoteName(part ?? '')).join('.');
}

export function quoteName(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

export function quoteText(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`;
  return value.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}
