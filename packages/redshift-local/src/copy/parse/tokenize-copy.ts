import { RedshiftError } from '../../errors/redshift-error.ts';

/** `word` is folded to lower case, as Redshift folds identifiers, quoted or not. `offset` counts characters from 0. */
export type CopyToken = {
  readonly kind: 'word' | 'quoted_word' | 'string' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly offset: number;
};

const patterns: readonly { kind: CopyToken['kind'] | 'blank'; pattern: RegExp }[] = [
  { kind: 'blank', pattern: /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y },
  { kind: 'string', pattern: /'(?:[^'\\]|''|\\[\s\S])*'/y },
  { kind: 'quoted_word', pattern: /"(?:[^"]|"")+"/y },
  { kind: 'word', pattern: /[a-z_#\u0080-\uffff][\w$#\u0080-\uffff]*/iy },
  { kind: 'number', pattern: /\d+/y },
  { kind: 'symbol', pattern: /[().,;=+-]/y },
];

/**
 * Splits a COPY statement into words, strings, numbers and symbols; comments go. The last token is of kind `end`.
 *
 * @throws RedshiftError 42601 at a character that begins none of them, as at a quote that is never closed.
 */
export function tokenizeCopy(sql: string): readonly CopyToken[] {
  const tokens: CopyToken[] = [];
  let offset = 0;
  while (offset < sql.length) {
    const token = tokenAt(sql, offset);
    if (token.kind !== 'blank') tokens.push({ kind: token.kind, text: meaning(token.kind, token.text), offset });
    offset += token.text.length;
  }
  tokens.push({ kind: 'end', text: '', offset: sql.length });
  return tokens;
}

function tokenAt(sql: string, offset: number): { kind: CopyToken['kind'] | 'blank'; text: string } {
  for (const { kind, pattern } of patterns) {
    pattern.lastIndex = offset;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text };
  }
  const rest = sql.slice(offset, offset + 20);
  const message = rest.startsWith("'")
    ? `unterminated quoted string at or near "${rest}"`
    : `syntax error at or near "${rest}"`;
  throw new RedshiftError('42601', message, { position: offset + 1 });
}

function meaning(kind: CopyToken['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind === 'quoted_word') return text.slice(1, -1).replaceAll('""', '"').toLowerCase();
  if (kind !== 'string') return text;
  // Redshift reads `\x` in a plain literal as `x` (`\n`, `\t` … as control characters), `''` as one quote.
  return text.slice(1, -1).replace(/''|\\([\s\S])/g, (_, escaped: string | undefined) => {
    if (escaped === undefined) return "'";
    return { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }[escaped] ?? escaped;
  });
}
