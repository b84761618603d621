import type { Node, ResTarget, SelectStmt } from 'libpg-query';

import { notSupported } from '../../errors/redshift-error.ts';
import { marker } from '../lift/lift-expressions.ts';
import { column, columnPath, functionName, integerConstant } from '../tree/tree.ts';
import { transformNode } from '../tree/walk.ts';

/**
 * Turns `SELECT … QUALIFY c ORDER BY … LIMIT …` into a query over a subquery that computes `c` as a column (Redshift
 * docs, QUALIFY): windows are computed there, the condition filters outside. Changes `select` in place.
 *
 * `*` and `t.*` travel as whole rows, because the columns of a table are not known here.
 */
export function rewriteQualify(select: SelectStmt): void {
  const condition = takeCondition(select);
  if (condition === null) return;
  const inner: Node[] = [];
  const outer: Node[] = [];
  const names = new Map<string, string>();
  const aliases = new Map<string, Node>();
  const add = (value: Node): string => {
    const hidden = `redshift_${inner.length}`;
    inner.push({ ResTarget: { name: hidden, val: value } });
    return hidden;
  };
  for (const target of select.targetList ?? []) {
    if (!('ResTarget' in target) || target.ResTarget.val === undefined) continue;
    const path = columnPath(target.ResTarget.val);
    if (path?.at(-1) === '*') {
      for (const relation of path.length > 1 ? [path.at(-2) ?? ''] : relationNames(select.fromClause ?? [])) {
        outer.push(wholeRow(add(column(relation))));
      }
      continue;
    }
    const hidden = add(target.ResTarget.val);
    const shown = outputName(target.ResTarget);
    outer.push({ ResTarget: { name: shown, val: column('redshift_qualified', hidden) } });
    names.set(shown, hidden);
    if (path === null) aliases.set(shown, target.ResTarget.val);
  }
  const flag = add(replaceAliases(condition, aliases));
  const order = (select.sortClause ?? []).map((item) => moveSort(item, names, outer.length, add));
  const core: SelectStmt = { ...select, targetList: inner };
  for (const field of ['sortClause', 'limitCount', 'limitOffset', 'withClause', 'distinctClause'] as const)
    Reflect.deleteProperty(core, field);
  core.limitOption = 'LIMIT_OPTION_DEFAULT';
  for (const field of ['groupClause', 'havingClause', 'whereClause'] as const) Reflect.deleteProperty(select, field);
  select.targetList = outer;
  select.fromClause = [
    { RangeSubselect: { subquery: { SelectStmt: core }, alias: { aliasname: 'redshift_qualified' } } },
  ];
  select.whereClause = column('redshift_qualified', flag);
  if (order.length > 0) select.sortClause = order;
}

/** Takes the marker that the lifting left in HAVING, and leaves the real HAVING. */
function takeCondition(select: SelectStmt): Node | null {
  const having = select.havingClause;
  if (having === undefined) return null;
  if (isMarker(having)) {
    delete select.havingClause;
    return argumentOf(having);
  }
  if (!('BoolExpr' in having)) return null;
  const args = having.BoolExpr.args ?? [];
  const found = args.find(isMarker);
  if (found === undefined || having.BoolExpr.boolop !== 'AND_EXPR') return null;
  const rest = args.filter((arg) => arg !== found);
  const [only] = rest;
  select.havingClause =
    rest.length === 1 && only !== undefined ? only : { BoolExpr: { boolop: 'AND_EXPR', args: rest } };
  return argumentOf(found);
}

function isMarker(node: Node): boolean {
  return 'FuncCall' in node && functionName(node.FuncCall) === marker.qualify;
}

function argumentOf(node: Node): Node | null {
  return 'FuncCall' in node ? (node.FuncCall.args?.[0] ?? null) : null;
}

function outputName(target: ResTarget): string {
  return target.name ?? columnPath(target.val)?.at(-1) ?? '?column?';
}

/** The condition may name a column of the select list; the subquery cannot, so the expression stands in. */
function replaceAliases(condition: Node, aliases: ReadonlyMap<string, Node>): Node {
  return transformNode(condition, (kind, body) => {
    if (kind !== 'ColumnRef') return undefined;
    const path = columnPath({ ColumnRef: body });
    return path?.length === 1 ? aliases.get(path[0] ?? '') : undefined;
  });
}

function wholeRow(hidden: string): Node {
  const row: Node = { A_Indirection: { arg: column('redshift_qualified', hidden), indirection: [{ A_Star: {} }] } };
  return { ResTarget: { val: row } };
}

function relationNames(from: readonly Node[]): string[] {
  return from.flatMap((item): string[] => {
    if ('RangeVar' in item) return [item.RangeVar.alias?.aliasname ?? item.RangeVar.relname ?? ''];
    if ('RangeSubselect' in item) return [item.RangeSubselect.alias?.aliasname ?? ''];
    if ('JoinExpr' in item && item.JoinExpr.usingClause === undefined && item.JoinExpr.isNatural !== true) {
      return relationNames([item.JoinExpr.larg, item.JoinExpr.rarg].filter((side) => side !== undefined));
    }
    throw notSupported(
      'SELECT * with QUALIFY over this kind of join is not run by the local stand-in; list the columns',
    );
  });
}

function moveSort(item: Node, names: ReadonlyMap<string, string>, columns: number, add: (value: Node) => string): Node {
  if (!('SortBy' in item) || item.SortBy.node === undefined) return item;
  const position = integerConstant(item.SortBy.node);
  if (position !== null && position <= columns) return item;
  const path = columnPath(item.SortBy.node);
  const known = path?.length === 1 ? names.get(path[0] ?? '') : undefined;
  return { SortBy: { ...item.SortBy, node: column('redshift_qualified', known ?? add(item.SortBy.node)) } };
}
