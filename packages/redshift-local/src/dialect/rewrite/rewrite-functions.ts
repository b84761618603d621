import type { FuncCall, Node } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { datePart } from '../known/date-parts.ts';
import { functionRules, unsupportedFunctions } from '../known/functions.ts';
import { rewriteTryCast } from './casts.ts';
import { call, cast, compat, functionName, name, stringConstant, text } from '../tree/tree.ts';

/**
 * Gives a function call Redshift's meaning; arguments are rewritten already.
 *
 * @throws RedshiftError 42883 for a function that Redshift does not have, or not with this number of arguments, 0A000 for
 *   one that Redshift lists as unsupported.
 */
export function rewriteFunction(body: FuncCall): Node {
  const called = functionName(body);
  const rule = functionRules.get(called);
  const args = body.args ?? [];
  if (unsupportedFunctions.has(called)) {
    throw new RedshiftError(
      '0A000',
      'Specified types or functions (one per INFO message) not supported on Redshift tables.',
      {
        detail: `Function "${called}()" not supported.`,
      },
    );
  }
  const schema = body.funcname?.length === 2 ? body.funcname[0] : undefined;
  const isForeign = schema !== undefined && 'String' in schema && schema.String.sval !== 'pg_catalog';
  if (rule === undefined || isForeign || args.length < rule.minArgs || args.length > rule.maxArgs) {
    throw new RedshiftError('42883', `function ${called}(${args.map(() => 'unknown').join(', ')}) does not exist`, {
      detail: 'No function matches the given name and argument types. You may need to add explicit type casts.',
    });
  }
  if (body.over !== undefined && !rule.isAggregate && rule.window === 'none' && called !== 'ratio_to_report') {
    throw new RedshiftError(
      '42809',
      `OVER specified, but ${called} is not a window function nor an aggregate function`,
    );
  }
  if (body.agg_distinct === true && !rule.isAggregate) throw notSupported(`DISTINCT is not supported in ${called}`);
  if (body.agg_within_group === true && !rule.computeOnly)
    throw notSupported(`WITHIN GROUP is not supported in ${called}`);
  if (body.agg_order !== undefined && body.agg_within_group !== true) {
    throw notSupported(`ORDER BY inside ${called} is not supported; use LISTAGG … WITHIN GROUP (ORDER BY …)`);
  }
  if (rule.home === 'special') return special[called]?.(args, body) ?? { FuncCall: body };
  if (body.funcformat !== 'COERCE_SQL_SYNTAX') body.funcname = [name(rule.home), name(called)];
  return { FuncCall: body };
}

type Rewrite = (args: readonly Node[], body: FuncCall) => Node;

const at = (args: readonly Node[], index: number): Node => args[index] ?? { A_Const: { isnull: true } };

const dateAdd: Rewrite = (args) => compat('dateadd', text(datePart(args[0])), at(args, 1), asTimestamp(at(args, 2)));
const dateDiff: Rewrite = (args) =>
  compat('datediff', text(datePart(args[0])), asTimestamp(at(args, 1)), asTimestamp(at(args, 2)));
const datePartOf: Rewrite = (args) => compat('date_part', text(datePart(args[0])), asTimestamp(at(args, 1)));
const length: Rewrite = (args) => call('pg_catalog', 'length', args);

const special: Readonly<Record<string, Rewrite>> = {
  // The statement's start, in the session's zone, without fraction of a second (Redshift docs, GETDATE).
  getdate: () => compat('getdate'),
  sysdate: () => compat('sysdate'),
  dateadd: dateAdd,
  date_add: dateAdd,
  datediff: dateDiff,
  date_diff: dateDiff,
  date_part: datePartOf,
  pgdate_part: datePartOf,
  extract: (args) => compat('extract_part', text(datePart(args[0])), asTimestamp(at(args, 1))),
  date_trunc: (args) => compat('date_trunc', text(truncatedPart(datePart(args[0]))), asTimestamp(at(args, 1))),
  nvl: (args) => ({ CoalesceExpr: { args: [...args] } }),
  nvl2: (args) => ({
    CaseExpr: {
      args: [
        { CaseWhen: { expr: { NullTest: { arg: at(args, 0), nulltesttype: 'IS_NOT_NULL' } }, result: at(args, 1) } },
      ],
      defresult: at(args, 2),
    },
  }),
  decode,
  len: length,
  textlen: length,
  charindex: (args) => call('pg_catalog', 'strpos', [at(args, 1), at(args, 0)]),
  // NULL when either is NULL, unlike PostgreSQL's concat (Redshift docs, CONCAT).
  concat: (args) => ({
    A_Expr: {
      kind: 'AEXPR_OP',
      name: [name('||')],
      lexpr: castTo(at(args, 0)),
      rexpr: castTo(at(args, 1)),
    },
  }),
  timezone: (args) => call('pg_catalog', 'timezone', args),
  round: (args) => (args.length === 1 ? call('pg_catalog', 'round', args) : compat('round', ...args)),
  json_extract_path_text: jsonExtractPathText,
  ratio_to_report: ratioToReport,
  listagg: (args, body) => listagg(args, body, false),
  redshift_marker_listagg_distinct: (args, body) => listagg(args, body, true),
  median: (args, body) =>
    percentile('percentile_cont', { A_Const: { fval: { fval: '0.5' } } }, [{ SortBy: sortBy(at(args, 0)) }], body),
  percentile_cont: (args, body) => percentile('percentile_cont', at(args, 0), body.agg_order ?? [], body),
  percentile_disc: (args, body) => percentile('percentile_disc', at(args, 0), body.agg_order ?? [], body),
  redshift_marker_try_cast: (args) => rewriteTryCast(at(args, 0)),
};

const castTo = (arg: Node): Node => cast(arg, 'varchar');
const sortBy = (node: Node) => ({ node, sortby_dir: 'SORTBY_DEFAULT', sortby_nulls: 'SORTBY_NULLS_DEFAULT' }) as const;

/** A bare literal is a TIMESTAMP to Redshift's date functions; PostgreSQL would take it for a TIMESTAMPTZ. */
function asTimestamp(argument: Node): Node {
  return stringConstant(argument) === null ? argument : cast(argument, 'timestamp');
}

function truncatedPart(part: string): string {
  if (['dow', 'doy', 'epoch', 'timezone', 'timezone_hour', 'timezone_minute'].includes(part)) {
    throw new RedshiftError('22023', `date part "${part}" not recognized`);
  }
  return part === 'millisecond' || part === 'microsecond' ? `${part}s` : part;
}

/** DECODE(e, s1, r1, …, default); unlike `=`, NULL matches NULL (Redshift docs, DECODE). */
function decode(args: readonly Node[]): Node {
  const expression = at(args, 0);
  const whens: Node[] = [];
  for (let index = 1; index + 1 < args.length; index += 2) {
    const same: Node = {
      A_Expr: { kind: 'AEXPR_NOT_DISTINCT', name: [name('=')], lexpr: expression, rexpr: at(args, index) },
    };
    whens.push({ CaseWhen: { expr: same, result: at(args, index + 1) } });
  }
  const defaultResult = args.length % 2 === 0 ? args.at(-1) : undefined;
  return { CaseExpr: { args: whens, ...(defaultResult === undefined ? {} : { defresult: defaultResult }) } };
}

function jsonExtractPathText(args: readonly Node[]): Node {
  const last = args.at(-1);
  const flag = last !== undefined && 'A_Const' in last && last.A_Const.boolval !== undefined ? last : undefined;
  const keys = args.slice(1, flag === undefined ? undefined : -1);
  if (keys.length > 5) throw notSupported('json_extract_path_text takes at most five path elements');
  const nullIfInvalid: Node = flag ?? { A_Const: { boolval: {} } };
  return compat('json_extract_path_text', at(args, 0), nullIfInvalid, ...keys);
}

/** `x / SUM(x) OVER (…)` as double (Redshift docs, RATIO_TO_REPORT). */
function ratioToReport(args: readonly Node[], body: FuncCall): Node {
  if (body.over === undefined) throw notSupported('ratio_to_report needs OVER (…)');
  const sum: FuncCall = {
    funcname: [name('pg_catalog'), name('sum')],
    args: [cast(at(args, 0), 'float8')],
    over: body.over,
    funcformat: 'COERCE_EXPLICIT_CALL',
  };
  const zero: Node = { A_Const: { ival: {} } };
  const total: Node = { A_Expr: { kind: 'AEXPR_NULLIF', name: [name('=')], lexpr: { FuncCall: sum }, rexpr: zero } };
  return { A_Expr: { kind: 'AEXPR_OP', name: [name('/')], lexpr: cast(at(args, 0), 'float8'), rexpr: total } };
}

function listagg(args: readonly Node[], body: FuncCall, distinct: boolean): Node {
  if (body.over !== undefined) throw notSupported('LISTAGG as a window function is not run by the local stand-in');
  const aggregate: FuncCall = {
    funcname: [name('pg_catalog'), name('string_agg')],
    args: [cast(at(args, 0), 'varchar'), args[1] ?? text('')],
    funcformat: 'COERCE_EXPLICIT_CALL',
  };
  const isDistinct = distinct || body.agg_distinct === true;
  if (isDistinct) aggregate.agg_distinct = true;
  // PostgreSQL wants the ordering of a DISTINCT aggregate to be its argument; Redshift asks for the same expression.
  if (isDistinct && body.agg_order !== undefined) {
    aggregate.agg_order = body.agg_order.map((order) =>
      'SortBy' in order ? { SortBy: { ...order.SortBy, node: cast(at(args, 0), 'varchar') } } : order,
    );
  } else if (body.agg_order !== undefined) {
    aggregate.agg_order = body.agg_order;
  }
  return compat('listagg_limit', { FuncCall: aggregate });
}

function percentile(aggregate: string, fraction: Node, order: readonly Node[], body: FuncCall): Node {
  if (body.over !== undefined)
    throw notSupported(`${functionName(body)} as a window function is not run by the local stand-in`);
  if (order.length !== 1) throw notSupported(`${functionName(body)} needs WITHIN GROUP (ORDER BY …)`);
  return {
    FuncCall: {
      funcname: [name('pg_catalog'), name(aggregate)],
      args: [fraction],
      agg_order: [...order],
      agg_within_group: true,
      funcformat: 'COERCE_EXPLICIT_CALL',
    },
  };
}
