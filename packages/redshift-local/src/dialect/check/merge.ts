import type { MergeStmt, MergeWhenClause, Node, RangeVar } from 'libpg-query';

import { notSupported, RedshiftError, syntaxErrorAt } from '../../errors/redshift-error.ts';
import { columnPath } from '../tree/tree.ts';
import { inspectNode } from '../tree/walk.ts';

/**
 * The rules of Redshift's MERGE that PostgreSQL does not have (Redshift docs, MERGE): no target alias, both clauses in
 * this order, no further condition, a source that does not read the target, equality of columns only.
 *
 * @throws RedshiftError in Redshift's words.
 */
export function checkMerge(merge: MergeStmt, removeDuplicates: boolean): void {
  const target = merge.relation ?? {};
  if (target.alias !== undefined) throw syntaxErrorAt(target.alias.aliasname ?? 'AS');
  if (merge.withClause !== undefined) throw notSupported('WITH clause is not supported in MERGE statement');
  if (merge.sourceRelation !== undefined) checkSource(merge.sourceRelation, target);
  if (merge.joinCondition !== undefined) checkCondition(merge.joinCondition, target);
  if (!removeDuplicates) checkClauses(merge.mergeWhenClauses ?? []);
}

function checkSource(source: Node, target: RangeVar): void {
  if ('RangeVar' in source && isTarget(source.RangeVar, target)) {
    throw notSupported('Source and target table of MERGE statement cannot be the same.');
  }
  inspectNode(source, (kind, body) => {
    if (kind === 'RangeVar' && isTarget(body, target)) {
      throw notSupported('Source view/subquery in Merge statement cannot reference target table.');
    }
    if (kind === 'WithClause') throw notSupported('WITH clause is not supported in MERGE statement');
  });
}

function isTarget(relation: RangeVar, target: RangeVar): boolean {
  if (relation.relname !== target.relname) return false;
  return (
    relation.schemaname === undefined || target.schemaname === undefined || relation.schemaname === target.schemaname
  );
}

/** Equality of a column of the target with a column of the source, several joined by AND. */
function checkCondition(condition: Node, target: RangeVar): void {
  if ('BoolExpr' in condition && condition.BoolExpr.boolop === 'AND_EXPR') {
    for (const arg of condition.BoolExpr.args ?? []) checkCondition(arg, target);
    return;
  }
  const equality = 'A_Expr' in condition && condition.A_Expr.kind === 'AEXPR_OP' ? condition.A_Expr : undefined;
  const operator = equality?.name?.[0];
  const isEquality = operator !== undefined && 'String' in operator && operator.String.sval === '=';
  const sides = [columnPath(equality?.lexpr), columnPath(equality?.rexpr)];
  if (!isEquality || sides.some((side) => side === null)) throw nestedLoop();
  const fromTarget = sides.filter((side) => side !== null && side.length > 1 && side.at(-2) === target.relname).length;
  const qualified = sides.filter((side) => side !== null && side.length > 1).length;
  // Both from the target, or both from the source: nothing joins the two.
  if (fromTarget === 2 || (qualified === 2 && fromTarget === 0)) throw nestedLoop();
}

function nestedLoop(): RedshiftError {
  return notSupported('NestedLoop join is not supported in MERGE');
}

function checkClauses(clauses: readonly Node[]): void {
  const whens = clauses.map((clause): MergeWhenClause => ('MergeWhenClause' in clause ? clause.MergeWhenClause : {}));
  for (const when of whens) {
    if (when.condition !== undefined) {
      const clause = when.matchKind === 'MERGE_WHEN_MATCHED' ? 'WHEN MATCHED' : 'WHEN NOT MATCHED';
      throw notSupported(`Additional predicate in ${clause} clause is not supported`);
    }
    if (when.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE')
      throw notSupported('WHEN NOT MATCHED BY SOURCE is not supported in MERGE statement');
    if (when.commandType === 'CMD_NOTHING') throw notSupported('DO NOTHING is not supported in MERGE statement');
  }
  const [matched, notMatched, more] = whens;
  const inOrder =
    matched?.matchKind === 'MERGE_WHEN_MATCHED' && notMatched?.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_TARGET';
  if (!inOrder || more !== undefined) {
    throw new RedshiftError('42601', 'MERGE needs WHEN MATCHED and then WHEN NOT MATCHED, each once');
  }
}
