import type {
  A_Expr,
  CommonTableExpr,
  MergeWhenClause,
  Node,
  SelectStmt,
  SQLValueFunction,
  SubLink,
} from 'libpg-query';

import { notSupported, syntaxErrorAt } from '../../errors/redshift-error.ts';
import { refuseUnknownSyntax } from '../known/allowed-syntax.ts';
import type { Body } from '../tree/tree.ts';
import { functionName, kindOf } from '../tree/tree.ts';
import { inspectNode } from '../tree/walk.ts';

const operators = new Set('+ - * / % ^ = <> != < > <= >= || ~ ~* !~ !~* & | # << >> @ |/ ||/'.split(' '));
const expressionKinds = new Set([
  'AEXPR_OP',
  'AEXPR_IN',
  'AEXPR_LIKE',
  'AEXPR_ILIKE',
  'AEXPR_SIMILAR',
  'AEXPR_BETWEEN',
  'AEXPR_NOT_BETWEEN',
  'AEXPR_NULLIF',
]);
const subqueryKinds = new Set(['EXISTS_SUBLINK', 'ALL_SUBLINK', 'ANY_SUBLINK', 'EXPR_SUBLINK']);
const valueFunctions = new Set([
  'SVFOP_CURRENT_DATE',
  'SVFOP_CURRENT_USER',
  'SVFOP_SESSION_USER',
  'SVFOP_USER',
  'SVFOP_CURRENT_TIMESTAMP',
  'SVFOP_CURRENT_TIME',
  'SVFOP_LOCALTIME',
  'SVFOP_LOCALTIMESTAMP',
  'SVFOP_CURRENT_SCHEMA',
]);

/**
 * Walks a whole statement and refuses everything that is not known to be Redshift SQL.
 *
 * @throws RedshiftError 0A000 or 42601.
 */
export function checkQuery(statement: Node): void {
  const rowsAllowed = new Set<unknown>();
  const valuesAllowed = new Set<unknown>();
  if ('InsertStmt' in statement) {
    const select = statement.InsertStmt.selectStmt;
    if (select !== undefined && 'SelectStmt' in select) valuesAllowed.add(select.SelectStmt);
  }
  inspectNode(statement, (kind, body) => {
    refuseUnknownSyntax(kind, body);
    if (kind === 'SelectStmt') checkSelect(body, valuesAllowed);
    else if (kind === 'A_Expr') checkOperator(body);
    else if (kind === 'SubLink') checkSubquery(body, rowsAllowed);
    else if (kind === 'RowExpr' && !rowsAllowed.has(body)) throw notSupported('row constructors are not supported');
    else if (kind === 'CommonTableExpr') checkCommonTable(body);
    else if (kind === 'SQLValueFunction') checkValueFunction(body);
    else if (kind === 'RangeFunction') checkRangeFunction(body);
    else if (kind === 'MergeWhenClause') checkOverride(body);
    else if (kind === 'InsertStmt') checkOverride(body);
    else if (kind === 'SortBy' && body['sortby_dir'] === 'SORTBY_USING') throw syntaxErrorAt('USING');
  });
}

function checkSelect(select: SelectStmt, valuesAllowed: ReadonlySet<unknown>): void {
  const first = select.distinctClause?.[0];
  if (first !== undefined && kindOf(first) !== '') throw notSupported('SELECT DISTINCT ON is not supported');
  if (select.valuesLists !== undefined && !valuesAllowed.has(select)) {
    throw notSupported('VALUES is supported only in INSERT; use SELECT … UNION ALL SELECT …');
  }
  const rows = select.valuesLists ?? [];
  if (rows.length > 1) {
    for (const row of rows) {
      inspectNode(row, (kind) => {
        if (kind === 'SubLink') throw notSupported('subqueries are supported only in a single-row VALUES');
      });
    }
  }
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') throw syntaxErrorAt('FETCH');
  if (select.op !== undefined && select.op !== 'SETOP_NONE' && select.all === true && select.op !== 'SETOP_UNION') {
    throw notSupported(`${select.op === 'SETOP_EXCEPT' ? 'EXCEPT' : 'INTERSECT'} ALL is not supported`);
  }
}

function checkOperator(expression: A_Expr): void {
  const kind = expression.kind ?? '';
  if (kind === 'AEXPR_DISTINCT' || kind === 'AEXPR_NOT_DISTINCT')
    throw notSupported('IS DISTINCT FROM is not supported');
  if (kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL')
    throw notSupported('ANY and ALL take a subquery, not an array');
  if (!expressionKinds.has(kind)) throw syntaxErrorAt(kind.replace('AEXPR_', '').replaceAll('_', ' '));
  if (kind !== 'AEXPR_OP') return;
  const path = (expression.name ?? []).map((part) => ('String' in part ? (part.String.sval ?? '') : ''));
  const operator = path.at(-1) ?? '';
  if (path.length > 1 || !operators.has(operator)) throw notSupported(`operator ${path.join('.')} is not supported`);
}

function checkSubquery(link: SubLink, rowsAllowed: Set<unknown>): void {
  if (!subqueryKinds.has(link.subLinkType ?? '')) throw notSupported('this form of subquery is not supported');
  if (
    link.testexpr !== undefined &&
    'RowExpr' in link.testexpr &&
    link.testexpr.RowExpr.row_format === 'COERCE_IMPLICIT_CAST'
  ) {
    rowsAllowed.add(link.testexpr.RowExpr);
  }
  const operator = link.operName?.[0];
  if (operator !== undefined && 'String' in operator && !operators.has(operator.String.sval ?? '')) {
    throw notSupported(`operator ${operator.String.sval ?? ''} is not supported`);
  }
}

function checkCommonTable(table: CommonTableExpr): void {
  if (table.ctematerialized !== undefined && table.ctematerialized !== 'CTEMaterializeDefault')
    throw syntaxErrorAt('MATERIALIZED');
  const query = table.ctequery;
  if (query === undefined || !('SelectStmt' in query)) throw notSupported('a WITH query must be a SELECT');
  if (query.SelectStmt.withClause !== undefined) throw notSupported('WITH inside a WITH query is not supported');
}

function checkValueFunction(body: SQLValueFunction): void {
  const name = (body.op ?? '').replace('SVFOP_', '');
  if (name.endsWith('_N') || !valueFunctions.has(body.op ?? ''))
    throw notSupported(`${name.replace(/_N$/, '(n)')} is not supported`);
}

/** Only `generate_series`, and that only on the leader node: `leader-node.ts` refuses it beside tables. */
function checkRangeFunction(body: Body): void {
  const [list] = (body['functions'] ?? []) as Node[];
  const call = list !== undefined && 'List' in list ? list.List.items?.[0] : undefined;
  if (call === undefined || !('FuncCall' in call) || functionName(call.FuncCall) !== 'generate_series') {
    throw notSupported('functions in FROM are not supported');
  }
}

function checkOverride(body: Body & Partial<Pick<MergeWhenClause, 'override'>>): void {
  if (body.override !== undefined && body.override !== 'OVERRIDING_NOT_SET')
    throw notSupported('OVERRIDING is not supported');
}
