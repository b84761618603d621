import type { A_Expr, FuncCall, Node } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';
import { isKept } from '../../rules/rules.ts';
import { compat, functionName, stringConstant, text } from '../tree/tree.ts';

const operators = new Set(['~', '~*', '!~', '!~*']);
const functions = new Set(['regexp_substr', 'regexp_instr', 'regexp_count', 'regexp_replace']);

/** Gives the pattern of `~` and its relatives Redshift's meaning, in place. */
export function rewritePatternOperator(body: A_Expr): void {
  const operator = body.name?.[0];
  const isMatch = operator !== undefined && 'String' in operator && operators.has(operator.String.sval ?? '');
  if (body.kind === 'AEXPR_OP' && isMatch && body.rexpr !== undefined) body.rexpr = patternOf(body.rexpr);
}

/** The same for the second argument of the REGEXP functions. */
export function rewritePatternFunction(body: FuncCall): void {
  const called = functionName(body);
  const [source, pattern, ...rest] = body.args ?? [];
  if (!functions.has(called) || source === undefined || pattern === undefined) return;
  const flags = rest.map((arg) => stringConstant(arg)).find((arg) => arg !== null && called === 'regexp_count');
  if (flags?.includes('p') === true) {
    throw notSupported('the PCRE dialect of regular expressions is Redshift SQL that the local stand-in does not run');
  }
  body.args = [source, patternOf(pattern), ...rest];
}

/**
 * `^` and `$` match at the beginning and end of a line (Redshift docs, POSIX operators, metacharacters). PostgreSQL's flag `w` does
 * that, and leaves `.` and `[^…]` to match a line feed.
 */
function patternOf(pattern: Node): Node {
  const literal = stringConstant(pattern);
  if (literal !== null && isKept('pattern.posix')) refusePerl(literal);
  if (!isKept('pattern.lines')) return pattern;
  return literal === null ? compat('line_pattern', pattern) : text(`(?w)${literal}`);
}

/** Look-ahead, embedded options, lazy quantifiers and PostgreSQL's own `***` are not POSIX. */
function refusePerl(literal: string): void {
  const bare = literal.replace(/\\./gs, 'x').replace(/\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/g, 'x');
  if (!/\(\?|[*+?}]\?|^\*\*\*/.test(bare)) return;
  throw new RedshiftError(
    '2201B',
    'Invalid preceding regular expression prior to repetition operator. The error occured while parsing the regular expression',
  );
}
