import type { Node, SelectStmt } from 'libpg-query';

import { functionName, typeNameOf } from '../tree/tree.ts';

/** The column name that Redshift gives to a call of one of its own functions. */
const ownNames: Readonly<Record<string, string>> = {
  dateadd: 'date_add',
  datediff: 'date_diff',
  extract: 'date_part',
  pgdate_part: 'date_part',
  nvl: 'coalesce',
  nvl2: 'case',
  decode: 'case',
  redshift_marker_listagg_distinct: 'listagg',
};

/**
 * Writes the name that every unnamed column of a select list would get, before rewriting changes its expression:
 * clients read results by these names.
 */
export function nameColumns(select: SelectStmt): void {
  for (const target of select.targetList ?? []) {
    if (!('ResTarget' in target) || target.ResTarget.name !== undefined || target.ResTarget.val === undefined) continue;
    if ('ColumnRef' in target.ResTarget.val) {
      const path = target.ResTarget.val.ColumnRef.fields ?? [];
      const only = path[0];
      if (path.length === 1 && only !== undefined && 'String' in only && only.String.sval === 'sysdate')
        target.ResTarget.name = 'sysdate';
      continue;
    }
    target.ResTarget.name = figure(target.ResTarget.val).name;
  }
}

/** The rules of PostgreSQL's FigureColname: a strong name comes from a column or function, a weak one from a type. */
function figure(node: Node | undefined): { name: string; strong: boolean } {
  const unnamed = { name: '?column?', strong: false };
  if (node === undefined) return unnamed;
  if ('ColumnRef' in node) {
    const last = node.ColumnRef.fields?.at(-1);
    return last !== undefined && 'String' in last ? { name: last.String.sval ?? '', strong: true } : unnamed;
  }
  if ('FuncCall' in node) return figureCall(node);
  if ('TypeCast' in node) {
    const inner = figure(node.TypeCast.arg);
    return inner.strong ? inner : { name: typeNameOf(node.TypeCast.typeName), strong: false };
  }
  if ('CaseExpr' in node) {
    const inner = figure(node.CaseExpr.defresult);
    return inner.strong ? inner : { name: 'case', strong: false };
  }
  if ('CoalesceExpr' in node) return { name: 'coalesce', strong: true };
  if ('MinMaxExpr' in node) return { name: node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest', strong: true };
  if ('SQLValueFunction' in node) {
    return { name: (node.SQLValueFunction.op ?? '').replace('SVFOP_', '').toLowerCase(), strong: true };
  }
  if ('A_Expr' in node && node.A_Expr.kind === 'AEXPR_NULLIF') return { name: 'nullif', strong: true };
  if ('SubLink' in node) {
    if (node.SubLink.subLinkType === 'EXISTS_SUBLINK') return { name: 'exists', strong: true };
    const subselect = node.SubLink.subselect;
    if (node.SubLink.subLinkType === 'EXPR_SUBLINK' && subselect !== undefined && 'SelectStmt' in subselect) {
      const target = subselect.SelectStmt.targetList?.[0];
      if (target !== undefined && 'ResTarget' in target) {
        return target.ResTarget.name === undefined
          ? figure(target.ResTarget.val)
          : { name: target.ResTarget.name, strong: true };
      }
    }
  }
  return unnamed;
}

function figureCall(node: Extract<Node, { FuncCall: unknown }>): { name: string; strong: boolean } {
  const called = functionName(node.FuncCall);
  if (called === 'redshift_marker_try_cast') return figure(node.FuncCall.args?.[0]);
  return { name: ownNames[called] ?? called, strong: true };
}
