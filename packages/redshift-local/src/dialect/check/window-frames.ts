import type { FuncCall } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { functionRules } from '../known/functions.ts';
import { functionName, stringConstant } from '../tree/tree.ts';

/** Bits of `WindowDef.frameOptions` in PostgreSQL's parsenodes.h. */
const frame = { nonDefault: 0x1, range: 0x2, groups: 0x8, exclusion: 0x8000 | 0x10000 | 0x20000 } as const;

/**
 * Redshift docs, window functions: an aggregate (or FIRST_, LAST_, NTH_VALUE) with ORDER BY needs an explicit frame,
 * and only ROWS frames exist.
 */
export function checkWindow(body: FuncCall): void {
  const over = body.over;
  if (over === undefined) return;
  if (body.agg_distinct === true) throw notSupported('DISTINCT is not supported in window functions');
  const options = over.frameOptions ?? 0;
  const explicit = (options & frame.nonDefault) !== 0;
  if (explicit && (options & frame.range) !== 0)
    throw notSupported('RANGE clause of window functions not yet implemented');
  if (explicit && (options & frame.groups) !== 0)
    throw notSupported('GROUPS clause of window functions is not supported');
  if ((options & frame.exclusion) !== 0) throw notSupported('EXCLUDE in a window frame is not supported');
  const rule = functionRules.get(functionName(body));
  const needsFrame = rule?.isAggregate === true || rule?.window === 'framed';
  const ordered = (over.orderClause ?? []).length > 0;
  if (needsFrame && ordered && !explicit) {
    throw new RedshiftError('42601', 'Aggregate window functions with an ORDER BY clause require a frame clause');
  }
  if (rule?.window === 'plain' && explicit)
    throw notSupported(`a frame clause is not supported for ${functionName(body)}`);
  for (const order of over.orderClause ?? []) {
    if ('SortBy' in order && stringConstant(order.SortBy.node) !== null) {
      throw notSupported('a string literal in the ORDER BY of a window is not supported');
    }
  }
}
