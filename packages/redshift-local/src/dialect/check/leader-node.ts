import type { Node, RangeVar, SQLValueFunction } from 'libpg-query';

import { RedshiftError } from '../../errors/redshift-error.ts';
import { functionRules } from '../known/functions.ts';
import { resolveRelation } from '../known/relations.ts';
import { functionName } from '../tree/tree.ts';
import { inspectNode } from '../tree/walk.ts';

/** Value functions that run on the leader node only; CURRENT_DATE and the user names run everywhere. */
const leaderValues = new Set([
  'SVFOP_CURRENT_TIMESTAMP',
  'SVFOP_CURRENT_TIME',
  'SVFOP_LOCALTIME',
  'SVFOP_LOCALTIMESTAMP',
  'SVFOP_CURRENT_SCHEMA',
]);

/**
 * Resolves the relations of a statement (system views move to the stand-in's schema) and refuses what Redshift cannot
 * run in one place: leader-node functions or catalogs beside user tables, compute-node functions without any.
 *
 * @throws RedshiftError 0A000, or 42P01 for an unknown catalog.
 */
export function checkNodes(statement: Node): void {
  const commonTables = namesOfCommonTables(statement);
  const seen = { user: false, catalog: false };
  const leader = new Set<string>();
  const compute = new Set<string>();
  inspectNode(statement, (kind, body) => {
    if (kind === 'RangeVar') {
      const relation = body as RangeVar;
      if (relation.schemaname === undefined && commonTables.has(relation.relname ?? '')) return;
      const relationKind = resolveRelation(relation);
      if (relationKind === 'catalog') seen.catalog = true;
      else seen.user = true;
    } else if (kind === 'FuncCall') {
      const called = functionName(body);
      if (functionRules.get(called)?.leaderOnly === true) leader.add(called);
      if (functionRules.get(called)?.computeOnly === true)
        compute.add(called.replace('redshift_marker_listagg_distinct', 'listagg'));
    } else if (kind === 'SQLValueFunction') {
      const op = (body as SQLValueFunction).op ?? '';
      if (leaderValues.has(op)) leader.add(op.replace('SVFOP_', '').toLowerCase());
    }
  });
  if (seen.user && (leader.size > 0 || seen.catalog)) throw leaderNodeOnly([...leader]);
  if (compute.size > 0 && !seen.user) {
    throw new RedshiftError(
      '0A000',
      'One or more of the used functions must be applied on at least one user created tables. Examples of user table only functions are LISTAGG, MEDIAN, PERCENTILE_CONT, etc',
    );
  }
}

function leaderNodeOnly(functions: readonly string[]): RedshiftError {
  const detail = functions.map((called) => `Function "${called}()" not supported.`).join(' ');
  return new RedshiftError(
    '0A000',
    'Specified types or functions (one per INFO message) not supported on Redshift tables.',
    {
      detail: detail === '' ? 'Catalog tables cannot be used together with user tables.' : detail,
    },
  );
}

function namesOfCommonTables(statement: Node): ReadonlySet<string> {
  const names = new Set<string>();
  inspectNode(statement, (kind, body) => {
    if (kind === 'CommonTableExpr') names.add(String(body['ctename']));
  });
  return names;
}
