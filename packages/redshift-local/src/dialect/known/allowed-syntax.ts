import { notSupported } from '../../errors/redshift-error.ts';
import type { Body } from '../tree/tree.ts';

/**
 * The parts of PostgreSQL's grammar that are Redshift's too: node kind → fields that may be set. Everything else is
 * refused, so that new syntax of the PostgreSQL parser never reaches the database.
 */
const allowed: Readonly<Record<string, string>> = {
  SelectStmt:
    'distinctClause targetList fromClause whereClause groupClause havingClause valuesLists sortClause limitOffset limitCount limitOption withClause op all larg rarg',
  InsertStmt: 'relation cols selectStmt override',
  UpdateStmt: 'relation targetList whereClause fromClause withClause',
  DeleteStmt: 'relation usingClause whereClause withClause',
  MergeStmt: 'relation sourceRelation joinCondition mergeWhenClauses',
  MergeWhenClause: 'matchKind commandType override targetList values',
  WithClause: 'ctes recursive',
  CommonTableExpr: 'ctename aliascolnames ctematerialized ctequery',
  RangeVar: 'catalogname schemaname relname inh relpersistence alias',
  RangeSubselect: 'subquery alias',
  RangeFunction: 'functions alias',
  JoinExpr: 'jointype isNatural larg rarg usingClause quals alias rtindex',
  Alias: 'aliasname colnames',
  IntoClause: 'rel colNames onCommit',
  ResTarget: 'name val',
  ColumnRef: 'fields',
  A_Star: '',
  A_Const: 'ival fval boolval sval isnull',
  A_Expr: 'kind name lexpr rexpr',
  BoolExpr: 'boolop args',
  NullTest: 'arg nulltesttype',
  BooleanTest: 'arg booltesttype',
  CaseExpr: 'arg args defresult',
  CaseWhen: 'expr result',
  CoalesceExpr: 'args',
  MinMaxExpr: 'op args',
  SubLink: 'subLinkType testexpr operName subselect',
  RowExpr: 'args row_format',
  FuncCall: 'funcname args agg_order over agg_within_group agg_star agg_distinct funcformat',
  WindowDef: 'partitionClause orderClause frameOptions startOffset endOffset',
  SortBy: 'node sortby_dir sortby_nulls',
  GroupingSet: 'kind content',
  GroupingFunc: 'args',
  SQLValueFunction: 'op typmod',
  TypeCast: 'arg typeName',
  TypeName: 'names typmods typemod',
  ParamRef: 'number',
  SetToDefault: '',
  List: 'items',
  String: 'sval',
  Integer: 'ival',
  Float: 'fval',
  CreateStmt: 'relation tableElts oncommit if_not_exists',
  ColumnDef: 'colname typeName is_local constraints',
  Constraint:
    'contype raw_expr generated_when options keys pktable fk_attrs pk_attrs fk_matchtype fk_upd_action fk_del_action conname is_enforced initially_valid',
  DefElem: 'defname arg defaction',
  TableLikeClause: 'relation options',
  CreateTableAsStmt: 'query into objtype if_not_exists',
  CreateSchemaStmt: 'schemaname authrole if_not_exists',
  ViewStmt: 'view aliases query replace withCheckOption',
  DropStmt: 'objects removeType behavior missing_ok',
  AlterTableStmt: 'relation cmds objtype',
  AlterTableCmd: 'subtype name def behavior newowner missing_ok',
  RenameStmt: 'renameType relationType relation subname newname behavior',
  RoleSpec: 'roletype rolename',
  LockStmt: 'relations mode',
  TruncateStmt: 'relations behavior',
  ExplainStmt: 'query options',
  CommentStmt: 'objtype object comment',
};

/** Refusals that people meet often, in Redshift's words where they are known, else with what to write instead. */
const refusals: Readonly<Record<string, string>> = {
  'SelectStmt.windowClause': 'the WINDOW clause is not supported; write the window in OVER (…)',
  'SelectStmt.lockingClause': 'SELECT FOR UPDATE is not supported',
  'SelectStmt.intoClause': 'SELECT INTO is not run by the local stand-in; write CREATE TABLE … AS',
  'SelectStmt.groupDistinct': 'GROUP BY DISTINCT is not supported',
  'FuncCall.agg_filter': 'FILTER (WHERE …) is not supported; use CASE inside the aggregate',
  'FuncCall.func_variadic': 'VARIADIC arguments are not supported',
  'RangeSubselect.lateral': 'LATERAL is not supported',
  'RangeFunction.lateral': 'LATERAL is not supported',
  'InsertStmt.onConflictClause': 'INSERT … ON CONFLICT is not supported; use MERGE',
  'InsertStmt.returningClause': 'RETURNING is not supported',
  'UpdateStmt.returningClause': 'RETURNING is not supported',
  'DeleteStmt.returningClause': 'RETURNING is not supported',
  'MergeStmt.returningClause': 'RETURNING is not supported',
  'InsertStmt.withClause': 'WITH cannot stand before INSERT; write INSERT INTO table WITH … SELECT …',
  'MergeStmt.withClause': 'WITH clause is not supported in MERGE statement',
  'ResTarget.indirection': 'a column on the left of SET takes no table name, field or subscript',
  'CommonTableExpr.search_clause': 'SEARCH is not supported',
  'CommonTableExpr.cycle_clause': 'CYCLE is not supported',
  'TypeName.arrayBounds': 'array types are not supported',
  'WindowDef.name': 'the WINDOW clause is not supported; write the window in OVER (…)',
  'WindowDef.refname': 'the WINDOW clause is not supported; write the window in OVER (…)',
  'CreateStmt.inhRelations': 'table inheritance is not supported',
  'CreateStmt.partspec': 'table partitions are not supported',
  'CreateStmt.tablespacename': 'tablespaces are not supported',
  'CreateStmt.options': 'storage parameters are not supported',
  'Constraint.exclusions': 'EXCLUDE constraints are not supported',
  'Constraint.generated_kind': 'generated columns are not supported',
  'Constraint.deferrable': 'DEFERRABLE constraints are not supported',
  A_ArrayExpr: 'array constructors are not supported',
  A_Indirection: 'subscripts and SUPER navigation are not run by the local stand-in',
  CollateClause: 'the COLLATE clause is not supported here',
  MultiAssignRef: 'SET (a, b) = (…) is not supported; set each column',
  RangeTableSample: 'TABLESAMPLE is not supported',
  NamedArgExpr: 'named arguments are not supported',
  IndexStmt: 'CREATE INDEX is not supported',
  CreateSeqStmt: 'CREATE SEQUENCE is not supported',
  CreateTrigStmt: 'CREATE TRIGGER is not supported',
  CreateDomainStmt: 'CREATE DOMAIN is not supported',
  CreateEnumStmt: 'CREATE TYPE is not supported',
  CompositeTypeStmt: 'CREATE TYPE is not supported',
  RuleStmt: 'CREATE RULE is not supported',
  CreateExtensionStmt: 'CREATE EXTENSION is not supported',
  TransactionStmt: 'savepoints and prepared transactions are not supported',
  ListenStmt: 'LISTEN is not supported',
  NotifyStmt: 'NOTIFY is not supported',
  CopyStmt: 'this form of COPY is not supported',
  DoStmt: 'DO is not supported',
};

const alwaysAllowed = new Set(['location', 'name_location', 'rexpr_list_start', 'rexpr_list_end']);
const fieldSets = new Map(Object.entries(allowed).map(([kind, fields]) => [kind, new Set(fields.split(' '))]));

/**
 * Refuses a node that is not known to be Redshift SQL.
 *
 * @throws RedshiftError 0A000 that names the syntax.
 */
export function refuseUnknownSyntax(kind: string, body: Body): void {
  const fields = fieldSets.get(kind);
  if (fields === undefined)
    throw notSupported(refusals[kind] ?? `${describe(kind)} is not Redshift SQL that the local stand-in knows`);
  for (const [field, value] of Object.entries(body)) {
    if (fields.has(field) || alwaysAllowed.has(field) || value === undefined) continue;
    throw notSupported(
      refusals[`${kind}.${field}`] ??
        `${describe(kind)} with ${describe(field)} is not Redshift SQL that the local stand-in knows`,
    );
  }
}

function describe(nodeName: string): string {
  return nodeName
    .replace(/Stmt$|Expr$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase();
}
