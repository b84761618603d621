import type { A_Expr, JoinExpr, Node, RangeVar, UpdateStmt } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { isKept } from '../../rules/rules.ts';
import { columnPath } from '../tree/tree.ts';

/**
 * `UPDATE … FROM` joins its target by an equality, and not by an outer join (Redshift docs, UPDATE). Only qualified names are judged:
 * a name without a table may be a column of either side.
 *
 * @throws RedshiftError 0A000 in Redshift's words.
 */
export function checkUpdate({ fromClause = [], relation = {}, whereClause }: UpdateStmt): void {
  if (fromClause.some((from) => 'JoinExpr' in from && hasOuterJoin(from.JoinExpr))) throw noEquijoin();
  if (fromClause.length === 0 || !isKept('update.equijoin')) return;
  if (!conjuncts(whereClause).some((condition) => mayJoin(condition, relation))) throw noEquijoin();
}

function noEquijoin(): RedshiftError {
  return new RedshiftError('0A000', 'Target table must be part of an equijoin predicate');
}

function hasOuterJoin(join: JoinExpr): boolean {
  if (join.jointype !== 'JOIN_INNER') return true;
  return [join.larg, join.rarg].some((side) => side !== undefined && 'JoinExpr' in side && hasOuterJoin(side.JoinExpr));
}

function conjuncts(condition: Node | undefined): readonly Node[] {
  if (condition === undefined) return [];
  if ('BoolExpr' in condition && condition.BoolExpr.boolop === 'AND_EXPR')
    return (condition.BoolExpr.args ?? []).flatMap(conjuncts);
  return [condition];
}

/** An equality whose sides may be a column of the target and something of another relation. */
function mayJoin(condition: Node, target: RangeVar): boolean {
  if (!('A_Expr' in condition) || !isEquality(condition.A_Expr)) return false;
  const sides = [condition.A_Expr.lexpr, condition.A_Expr.rexpr].map((side) => sideOf(side, target));
  const [left = 'unknown', right = 'unknown'] = sides;
  return left === 'unknown' || right === 'unknown' || left !== right;
}

function isEquality({ kind, name: [operator] = [] }: A_Expr): boolean {
  return kind === 'AEXPR_OP' && operator !== undefined && 'String' in operator && operator.String.sval === '=';
}

function sideOf(side: Node | undefined, { alias, relname }: RangeVar): 'target' | 'other' | 'unknown' {
  const path = columnPath(side);
  if (path === null) return side !== undefined && 'A_Const' in side ? 'target' : 'unknown';
  if (path.length === 1) return 'unknown';
  return path.at(-2) === (alias?.aliasname ?? relname) ? 'target' : 'other';
}
