import type { SqlParameter } from '@aws-sdk/client-redshift-data';

/**
 * Puts parameter values in the place of `:name` in one statement. Values become quoted literals, which Redshift and
 * PostgreSQL cast as the context asks, exactly as an untyped bind value. Nothing inside quotes, quoted identifiers or
 * comments is touched, nor is `::type`. A name without a value, or in a place that takes no value, stays
 * unchanged and becomes a syntax error in the database.
 *
 * @returns the text to run, and the names it used.
 */
export function bindParameters(
  sql: string,
  parameters: readonly SqlParameter[],
): { sql: string; used: ReadonlySet<string> } {
  const used = new Set<string>();
  if (parameters.length === 0) return { sql, used };
  const values = new Map(parameters.map((parameter) => [parameter.name, parameter.value]));
  const pieces: string[] = [];
  let previousWord = '';
  for (const { 0: token, groups } of sql.matchAll(tokens)) {
    const name = groups?.['name'];
    const value = name === undefined ? undefined : values.get(name);
    if (name === undefined || value === undefined) {
      pieces.push(token);
    } else {
      used.add(name);
      pieces.push(takesValue(sql, previousWord) ? quoteLiteral(value) : token);
    }
    if (!/^(\s|--|\/\*)/.test(token)) previousWord = token.toLowerCase();
  }
  return { sql: pieces.join(''), used };
}

/** Alternatives in order: what must be left alone as a whole, then a parameter, then words, then any character. */
const tokens =
  /[eE]'(?:[^'\\]|''|\\[^])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|(?<tag>\$[A-Za-z_]*\$)[^]*?\k<tag>|::|:(?<name>[0-9A-Za-z_]+)|[A-Za-z_][A-Za-z_0-9$]*|\s+|[^]/g;

/** Typed literals such as `date '2018-11-01'` and names do not take bind values. */
const notBeforeValue = new Set([
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timetz',
  'interval',
  'from',
  'join',
  'into',
  'table',
  'as',
]);

/** Only statements that are planned take bind values (PostgreSQL docs, PREPARE; the JDBC driver prepares). */
function takesValue(sql: string, previousWord: string): boolean {
  const first = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/|\()*([a-z]+)/i.exec(sql)?.[1]?.toLowerCase() ?? '';
  return ['select', 'with', 'insert', 'update', 'delete', 'merge'].includes(first) && !notBeforeValue.has(previousWord);
}

function quoteLiteral(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
