import type { Node } from 'libpg-query';

import { notSupported } from '../../errors/redshift-error.ts';
import type { RedshiftError } from '../../errors/redshift-error.ts';
import { isKept } from '../../rules/rules.ts';
import type { Body } from '../tree/tree.ts';
import { columnPath, functionName, isRecord } from '../tree/tree.ts';

/** A column of an outer query that a subquery names. Only qualified names are known to be of another query. */
export type Correlation = {
  /** How the subquery is used: EXISTS_SUBLINK, ANY_SUBLINK (IN), EXPR_SUBLINK … */
  readonly link: string;
  /** 1: of the query around the subquery; more: query blocks are skipped. */
  readonly levels: number;
  /** One side of `=`. */
  readonly isEquality: boolean;
  readonly isUnderOr: boolean;
  /** The subquery is in the ON clause of a join. */
  readonly isInJoin: boolean;
  /** The subquery has a window function, a LIMIT, or an aggregate with GROUP BY. */
  readonly hasWindow: boolean;
  readonly hasLimit: boolean;
  readonly isGrouped: boolean;
};

/**
 * Refuses the correlated subqueries that Redshift cannot decorrelate (Redshift docs, Correlated subqueries, "Correlated subquery
 * patterns that are not supported").
 *
 * @throws RedshiftError 0A000.
 */
export function checkCorrelations(statement: Node): void {
  for (const found of correlations(statement)) {
    const isDocumented =
      found.levels > 1 || found.isInJoin || found.hasWindow || (found.link === 'ANY_SUBLINK' && found.isGrouped);
    if (isDocumented) throw unsupported();
    if ((found.isUnderOr || found.hasLimit) && isKept('correlated.or-limit')) throw unsupported();
  }
}

function unsupported(): RedshiftError {
  return notSupported('This type of correlated subquery pattern is not supported yet');
}

/** All correlations of a statement, in the order of the text. */
export function correlations(statement: Node): readonly Correlation[] {
  const found: Correlation[] = [];
  const top: Block = { ...NO_BLOCK, outer: null, names: new Set<string>() };
  for (const body of Object.values(statement) as unknown[]) {
    if (isRecord(body)) enter(body, top, found);
  }
  return found;
}

type Block = Omit<Correlation, 'levels' | 'isEquality' | 'isUnderOr'> & {
  readonly outer: Block | null;
  readonly names: ReadonlySet<string>;
};

/** Where in a block the walk is. */
type Place = {
  readonly block: Block;
  readonly isEquality: boolean;
  readonly isUnderOr: boolean;
  readonly isInJoin: boolean;
};

const NO_BLOCK = { link: '', isInJoin: false, hasWindow: false, hasLimit: false, isGrouped: false } as const;

/** A query or a statement with a target: its own block. */
function enter(body: Body, outer: Block, found: Correlation[]): void {
  const names = new Set(
    relationNames([body['relation'], body['fromClause'], body['usingClause'], body['sourceRelation']]),
  );
  const own = ownParts(body);
  const block: Block = {
    ...NO_BLOCK,
    link: outer.link,
    isInJoin: outer.isInJoin,
    outer: outer.outer,
    names,
    hasWindow: own.some((part) => part['over'] !== undefined),
    hasLimit: body['limitCount'] !== undefined,
    isGrouped: body['groupClause'] !== undefined && own.some((part) => AGGREGATES.has(functionName(part))),
  };
  // The branches of a set operation are blocks of the same level.
  const { larg, rarg, ...rest } = body;
  for (const branch of [larg, rarg]) if (isRecord(branch)) enter(branch, outer, found);
  walk(rest, { block, isEquality: false, isUnderOr: false, isInJoin: false }, found);
}

const AGGREGATES = new Set(['count', 'sum', 'avg', 'stddev', 'variance', 'listagg', 'bool_and', 'bool_or', 'median']);

function walk(value: unknown, place: Place, found: Correlation[]): void {
  if (Array.isArray(value)) for (const item of value) walk(item, place, found);
  if (!isRecord(value)) return;
  for (const [field, child] of Object.entries(value)) {
    if (isRecord(child)) walkChild(field, child, place, found);
    else walk(child, place, found);
  }
}

function walkChild(field: string, child: Body, place: Place, found: Correlation[]): void {
  const { block } = place;
  const nested = (link: string): Block => ({
    ...NO_BLOCK,
    link: link === '' ? block.link : link,
    isInJoin: place.isInJoin || (link === '' && block.isInJoin),
    outer: block,
    names: new Set(),
  });
  switch (field) {
    case 'SelectStmt':
      enter(child, nested(''), found);
      return;
    case 'SubLink': {
      walk(child['testexpr'], place, found);
      const query = child['subselect'];
      if (isRecord(query) && isRecord(query['SelectStmt']))
        enter(query['SelectStmt'], nested(String(child['subLinkType'])), found);
      return;
    }
    case 'JoinExpr': {
      const { quals, ...sides } = child;
      walk(sides, place, found);
      walk(quals, { ...place, isInJoin: true }, found);
      return;
    }
    case 'BoolExpr':
      walk(
        child['args'],
        { ...place, isEquality: false, isUnderOr: place.isUnderOr || child['boolop'] === 'OR_EXPR' },
        found,
      );
      return;
    case 'A_Expr':
      walk(child, { ...place, isEquality: isEquality(child) }, found);
      return;
    case 'ColumnRef':
      resolve(child, place, found);
      return;
    default:
      walk(child, field === 'FuncCall' || field === 'TypeCast' ? { ...place, isEquality: false } : place, found);
  }
}

function isEquality(expression: Body): boolean {
  const [operator] = (expression['name'] ?? []) as readonly { String?: { sval?: string } }[];
  return expression['kind'] === 'AEXPR_OP' && operator?.String?.sval === '=';
}

function resolve(column: Body, { block, isEquality: equal, isUnderOr }: Place, found: Correlation[]): void {
  const qualifier = columnPath({ ColumnRef: column })?.at(-2);
  if (qualifier === undefined) return;
  let levels = 0;
  let around: Block | null = block;
  while (around !== null && !around.names.has(qualifier)) {
    around = around.outer;
    levels += 1;
  }
  if (around === null || levels === 0) return;
  const { hasLimit, hasWindow, isGrouped, isInJoin, link } = block;
  found.push({ link, levels, isEquality: equal, isUnderOr, isInJoin, hasWindow, hasLimit, isGrouped });
}

/** Aliases, or names, of what FROM, USING and the target name. */
function relationNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(relationNames);
  if (!isRecord(value)) return [];
  const alias = value['alias'];
  if (isRecord(alias) && typeof alias['aliasname'] === 'string') return [alias['aliasname']];
  if (typeof value['relname'] === 'string') return [value['relname']];
  if (value['jointype'] !== undefined) return relationNames([value['larg'], value['rarg']]);
  return ['RangeVar', 'RangeSubselect', 'RangeFunction', 'JoinExpr'].flatMap((kind) => relationNames(value[kind]));
}

/** The function calls of a block itself, without those of its subqueries. */
function ownParts(value: unknown): Body[] {
  if (Array.isArray(value)) return value.flatMap(ownParts);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([field, child]) => {
    if (['SubLink', 'RangeSubselect', 'withClause', 'larg', 'rarg'].includes(field)) return [];
    return field === 'FuncCall' && isRecord(child) ? [child, ...ownParts(child)] : ownParts(child);
  });
}
