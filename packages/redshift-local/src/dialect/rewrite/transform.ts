import type { ColumnRef, DeleteStmt, Node, SelectStmt } from 'libpg-query';

import { notSupported } from '../../errors/redshift-error.ts';
import { rewriteCast } from './casts.ts';
import { checkCorrelations } from '../check/correlations.ts';
import { checkQuery } from '../check/check-query.ts';
import { nameColumns } from './column-names.ts';
import { checkNodes } from '../check/leader-node.ts';
import { marker } from '../lift/lift-expressions.ts';
import { rewriteQualify } from './qualify.ts';
import { rewritePatternFunction, rewritePatternOperator } from './patterns.ts';
import { rewriteFunction } from './rewrite-functions.ts';
import { compat, functionName } from '../tree/tree.ts';
import { inspectNode, transformNode } from '../tree/walk.ts';
import { checkUpdate } from '../check/update-join.ts';
import { checkWindow } from '../check/window-frames.ts';

/**
 * Checks a parsed statement against what Redshift knows and gives every expression in it Redshift's meaning. The given
 * tree is used up.
 *
 * @throws RedshiftError for everything that is not known to be Redshift SQL.
 */
export function transformStatement(statement: Node): Node {
  checkQuery(statement);
  checkNodes(statement);
  checkCorrelations(statement);
  inspectNode(statement, (kind, body) => {
    if (kind === 'SelectStmt') nameColumns(body);
    else if (kind === 'FuncCall') checkWindow(body);
    else if (kind === 'UpdateStmt') checkUpdate(body);
    else if (kind === 'DeleteStmt') checkDelete(body);
  });
  return transformNode(statement, (kind, body) => {
    switch (kind) {
      case 'ColumnRef':
        return rewriteColumn(body);
      case 'TypeCast':
        return rewriteCast(body);
      case 'A_Expr':
        rewritePatternOperator(body);
        return undefined;
      case 'FuncCall':
        rewritePatternFunction(body);
        return rewriteFunction(body);
      case 'SelectStmt':
        rewriteSelect(body);
        return undefined;
      default:
        return undefined;
    }
  });
}

/** SYSDATE is written like a column (Redshift docs, SYSDATE). */
function rewriteColumn(body: ColumnRef): Node | undefined {
  const [first, second] = body.fields ?? [];
  const isSysdate = first !== undefined && second === undefined && 'String' in first && first.String.sval === 'sysdate';
  return isSysdate ? compat('sysdate') : undefined;
}

function rewriteSelect(select: SelectStmt): void {
  const first = select.targetList?.[0];
  if (first !== undefined && 'ResTarget' in first) {
    const value = first.ResTarget.val;
    if (value !== undefined && 'FuncCall' in value && functionName(value.FuncCall) === marker.top) {
      if (select.limitCount !== undefined) throw notSupported('TOP and LIMIT cannot be used together');
      const count = value.FuncCall.args?.[0];
      select.targetList = (select.targetList ?? []).slice(1);
      if (count !== undefined) select.limitCount = count;
      select.limitOption = 'LIMIT_OPTION_COUNT';
    }
  }
  rewriteQualify(select);
}

/** Redshift docs, DELETE: the target takes no alias. */
function checkDelete(body: DeleteStmt): void {
  if (body.relation?.alias !== undefined) throw notSupported('DELETE takes no alias for its target table');
}
