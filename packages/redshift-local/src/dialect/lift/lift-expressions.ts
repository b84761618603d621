import { notSupported } from '../../errors/redshift-error.ts';
import type { Edits } from './edits.ts';
import { closingIndex, nameOf } from '../tree/tokens.ts';
import type { Token } from '../tree/tokens.ts';

/** Names that stand for Redshift syntax in the parsed tree; no statement may use them itself. */
export const marker = {
  tryCast: 'redshift_marker_try_cast',
  qualify: 'redshift_marker_qualify',
  top: 'redshift_marker_top',
  listaggDistinct: 'redshift_marker_listagg_distinct',
} as const;

/**
 * Rewrites, in any statement, the Redshift spellings that PostgreSQL's grammar cannot read into ones that it can and
 * that the tree transformation recognises: `TRY_CAST(e AS t)`, `CONVERT(t, e)`, `QUALIFY`, `TOP n`, `MINUS`,
 * `APPROXIMATE`, `#temporary`, `VARCHAR(MAX)`, quoted names in capitals.
 */
export function liftExpressions(tokens: readonly Token[], edits: Edits): void {
  for (const [index, token] of tokens.entries()) {
    if (token.text.toLowerCase().includes('redshift_marker_') && token.kind !== 'string') {
      throw notSupported(`names that begin with redshift_marker_ are reserved: ${token.text}`);
    }
    if (token.kind === 'quoted') edits.replace(token, `"${nameOf(token).replaceAll('"', '""')}"`);
    else if (token.text === '#') liftTemporaryName(tokens, index, edits);
    else if (token.kind === 'word') liftWord(tokens, index, edits);
  }
}

function liftWord(tokens: readonly Token[], index: number, edits: Edits): void {
  const token = tokens[index];
  const next = tokens[index + 1];
  if (token === undefined || tokens[index - 1]?.text === '.') return;
  switch (token.word) {
    case 'minus':
      edits.replace(token, 'EXCEPT');
      return;
    case 'approximate':
      if (next?.word === 'count' || next?.word === 'percentile_disc') edits.blank(token);
      return;
    case 'top':
      if (tokens[index - 1]?.word === 'select' && next?.kind === 'number') {
        edits.replace({ start: token.start, end: next.end }, `${marker.top}(${next.text}),`);
      }
      return;
    case 'try_cast':
      if (next?.text === '(') {
        edits.replace(token, `${marker.tryCast}(CAST`);
        edits.insert(tokens[closingIndex(tokens, index + 1)]?.end ?? token.end, ')');
      }
      return;
    case 'convert':
      if (next?.text === '(') liftConvert(tokens, index, edits);
      return;
    case 'listagg':
      if (next?.text === '(' && tokens[index + 2]?.word === 'distinct') {
        edits.replace(token, marker.listaggDistinct);
        edits.blank(tokens[index + 2] ?? token);
      }
      return;
    case 'max':
      if (isLengthOfVarchar(tokens, index)) edits.replace(token, '65535');
      return;
    case 'qualify':
      liftQualify(tokens, index, edits);
      return;
    case 'respect':
      if (next?.word === 'nulls') edits.blank({ start: token.start, end: next.end });
      return;
    case 'ignore':
      if (next?.word === 'nulls')
        throw notSupported('IGNORE NULLS is Redshift SQL that the local stand-in does not run');
      return;
    default:
  }
}

/** `CONVERT(type, expression)` → `CAST((expression) AS type)`. */
function liftConvert(tokens: readonly Token[], index: number, edits: Edits): void {
  const open = tokens[index + 1];
  const close = tokens[closingIndex(tokens, index + 1)];
  const comma = tokens.findIndex(
    (token, at) => at > index && token.text === ',' && token.depth === (open?.depth ?? 0) + 1,
  );
  const typeStart = tokens[index + 2];
  const typeEnd = tokens[comma - 1];
  const separator = tokens[comma];
  if (!open || !close || !typeStart || !typeEnd || !separator || separator.start > close.start) return;
  const type = tokens.slice(index + 2, comma).map((token) => (token.word === 'max' ? '65535' : token.text));
  edits.replace({ start: tokens[index]?.start ?? 0, end: separator.end }, 'CAST((');
  edits.replace(close, `) AS ${type.join(' ')})`);
}

function isLengthOfVarchar(tokens: readonly Token[], index: number): boolean {
  if (tokens[index - 1]?.text !== '(' || tokens[index + 1]?.text !== ')') return false;
  return ['varchar', 'nvarchar', 'varying', 'varbyte'].includes(tokens[index - 2]?.word ?? '');
}

/** `#stage` is a temporary table's name where a name may stand, and PostgreSQL's XOR operator behind an operand. */
function liftTemporaryName(tokens: readonly Token[], index: number, edits: Edits): void {
  const before = tokens[index - 1];
  const hash = tokens[index];
  const name = tokens[index + 1];
  if (!hash || name?.start !== hash.end || (name.kind !== 'word' && name.kind !== 'quoted')) return;
  const isOperand =
    before !== undefined &&
    ((before.kind === 'word' && !before.isKeyword) ||
      ['number', 'string', 'quoted'].includes(before.kind) ||
      before.text === ')');
  if (isOperand && !['lock', 'delete'].includes(before.word)) return;
  edits.replace({ start: hash.start, end: name.end }, `"#${nameOf(name).replaceAll('"', '""')}"`);
}

const endsQualify = new Set(['order', 'limit', 'offset', 'union', 'except', 'intersect', 'minus']);

/**
 * `QUALIFY c` becomes part of HAVING, which stands right before it in the grammar: `HAVING marker(c)`, or
 * `HAVING (h) AND marker(c)` where there is a HAVING already. `qualify.ts` takes it out of the tree again.
 */
function liftQualify(tokens: readonly Token[], index: number, edits: Edits): void {
  const token = tokens[index];
  const first = tokens[index + 1];
  if (!token || !first) return;
  let select = index;
  while (select >= 0 && !(tokens[select]?.word === 'select' && tokens[select]?.depth === token.depth)) select -= 1;
  refuseWithoutAlias(tokens, select, index);
  const having = tokens.findIndex(
    (at, i) => i > select && i < index && at.word === 'having' && at.depth === token.depth,
  );
  if (having >= 0) {
    edits.insert(tokens[having]?.end ?? 0, ' (');
    edits.replace(token, `) AND ${marker.qualify}(`);
  } else {
    edits.replace(token, `HAVING ${marker.qualify}(`);
  }
  let last = index + 1;
  while (last < tokens.length && !endsQualifyAt(tokens[last], token.depth)) last += 1;
  edits.insert(tokens[last - 1]?.end ?? first.end, ')');
}

function endsQualifyAt(token: Token | undefined, depth: number): boolean {
  if (token === undefined) return true;
  if (token.depth < depth || token.text === ';') return true;
  return token.depth === depth && endsQualify.has(token.word);
}

/** Redshift docs, QUALIFY: directly behind FROM, the last relation must have an alias. */
function refuseWithoutAlias(tokens: readonly Token[], select: number, index: number): void {
  const depth = tokens[index]?.depth;
  const clause = tokens.findLastIndex(
    (token, at) =>
      at > select &&
      at < index &&
      token.depth === depth &&
      ['from', 'where', 'group', 'having', 'on'].includes(token.word),
  );
  if (tokens[clause]?.word !== 'from') return;
  const relation = tokens.slice(clause + 1, index);
  const tail = relation.slice(
    relation.findLastIndex((token) => (token.text === ',' || token.word === 'join') && token.depth === depth) + 1,
  );
  const names = tail.filter((token) => token.depth === depth && token.text !== '.');
  const isQualifiedName = tail.some((token) => token.text === '.' && token.depth === depth);
  const withoutAlias = tail[0]?.text === '(' ? names.length <= 2 : names.length <= (isQualifiedName ? 2 : 1);
  if (withoutAlias) {
    throw notSupported(
      'QUALIFY directly after FROM needs an alias for the relation: write FROM table AS name QUALIFY …',
    );
  }
}
