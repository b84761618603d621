import type { DeleteStmt, InsertStmt, MergeStmt, Node } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { writeSql } from '../tree/write-sql.ts';

/**
 * MERGE … REMOVE DUPLICATES (Redshift docs, MERGE): rows of the target that match are replaced by the source's row, the
 * other source rows are added. Source and target have the same columns in the same order.
 */
export function replaceDuplicates(merge: MergeStmt): string[] {
  const source = merge.sourceRelation;
  const { relation, joinCondition } = merge;
  if (source === undefined || relation === undefined || joinCondition === undefined) {
    throw new RedshiftError('42601', 'MERGE needs a target, a source and a condition');
  }
  const deletion: DeleteStmt = { relation, usingClause: [source], whereClause: joinCondition };
  const all: Node = {
    SelectStmt: {
      targetList: [{ ResTarget: { val: { ColumnRef: { fields: [{ A_Star: {} }] } } } }],
      fromClause: [source],
      limitOption: 'LIMIT_OPTION_DEFAULT',
      op: 'SETOP_NONE',
    },
  };
  const insertion: InsertStmt = { relation, selectStmt: all, override: 'OVERRIDING_NOT_SET' };
  return [{ DeleteStmt: deletion }, { InsertStmt: insertion }].map((node) => writeSql(node));
}
