import { parseSync, scanSync } from 'libpg-query';

import { notSupported, RedshiftError } from '../../errors/redshift-error.ts';

/** One lexical element of a statement; comments and blanks are between tokens. */
export type Token = {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  readonly text: string;
  /** Lower-case keyword or unquoted identifier; '' for everything else. */
  readonly word: string;
  /** Whether PostgreSQL's grammar knows the word as a keyword of any class. */
  readonly isKeyword: boolean;
  /** Character (not byte) offsets into the statement. */
  readonly start: number;
  readonly end: number;
  /** Number of parentheses open before this token; `(` and its `)` have the same depth. */
  readonly depth: number;
};

/** PostgreSQL keeps 63 bytes of a name and drops the rest; Redshift keeps 127. */
const longestNameBytes = 63;

/**
 * Cuts a statement into tokens with PostgreSQL's own scanner, so that quotes, comments and dollar quotes can never be
 * mistaken for syntax.
 *
 * @throws RedshiftError 42601 for text that cannot be scanned (an unterminated literal or comment).
 */
export function tokenise(sql: string): readonly Token[] {
  const toCharacter = byteToCharacter(sql);
  const tokens: Token[] = [];
  let depth = 0;
  for (const raw of scan(sql)) {
    if (raw.tokenName === 'SQL_COMMENT' || raw.tokenName === 'C_COMMENT') continue;
    const start = toCharacter(raw.start);
    const end = toCharacter(raw.end);
    const text = sql.slice(start, end);
    const kind = kindOf(raw.tokenName, text);
    if (text === ')') depth -= 1;
    const isKeyword = raw.keywordName !== 'NO_KEYWORD';
    tokens.push({ kind, text, word: kind === 'word' ? foldCase(text) : '', isKeyword, start, end, depth });
    if (text === '(') depth += 1;
    if (kind === 'word' || kind === 'quoted') refuseLongName(text);
  }
  return tokens;
}

/** Redshift folds names to lower case, quoted ones too, and like PostgreSQL only ASCII letters. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The name a word or quoted token stands for. */
export function nameOf(token: Token): string {
  if (token.kind !== 'quoted') return token.word;
  return foldCase(token.text.slice(1, -1).replaceAll('""', '"'));
}

/** The (qualified) name that the tokens begin with, folded and quoted for SQL text; `null` when there is none. */
export function quotedName(tokens: readonly Token[]): { sql: string; length: number } | null {
  const parts: string[] = [];
  let length = 0;
  for (;;) {
    const isTemporary = tokens[length]?.text === '#';
    const token = tokens[length + (isTemporary ? 1 : 0)];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return null;
    const part = (isTemporary ? '#' : '') + nameOf(token);
    parts.push(`"${part.replaceAll('"', '""')}"`);
    length += isTemporary ? 2 : 1;
    if (tokens[length]?.text !== '.') return { sql: parts.join('.'), length };
    length += 1;
  }
}

/** Index of the `)` that closes the `(` at `open`; the number of tokens when it is never closed. */
export function closingIndex(tokens: readonly Token[], open: number): number {
  const depth = tokens[open]?.depth;
  for (let index = open + 1; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token?.text === ')' && token.depth === depth) return index;
  }
  return tokens.length;
}

type RawToken = { start: number; end: number; tokenName: string; keywordName: string };

function scan(sql: string): readonly RawToken[] {
  if (sql.includes('\0')) throw new RedshiftError('22021', 'invalid byte sequence for encoding "UTF8": 0x00');
  try {
    return scanSync(sql).tokens;
  } catch (cause) {
    // The scanner's own error text is lost in its JSON; the parser reports the same problem clearly.
    parseOrThrow(sql);
    throw new RedshiftError('42601', 'the statement cannot be read', { cause });
  }
}

/** Parses with PostgreSQL's grammar; its complaint, which Redshift shares, becomes a 42601. */
export function parseOrThrow(sql: string): ReturnType<typeof parseSync> {
  try {
    return parseSync(sql);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = (cause as { sqlDetails?: { cursorPosition?: number } }).sqlDetails?.cursorPosition ?? null;
    throw new RedshiftError('42601', message, { position: position === null ? null : position + 1, cause });
  }
}

function kindOf(tokenName: string, text: string): Token['kind'] {
  if (/^(SCONST|USCONST|BCONST|XCONST)$/.test(tokenName)) return 'string';
  if (/^(ICONST|FCONST)$/.test(tokenName)) return 'number';
  if (text.startsWith('"')) return 'quoted';
  if (/^u&"/i.test(text)) throw notSupported('Unicode escapes in names (U&"…") are not supported');
  return /^[A-Za-z_\u0080-\uffff]/.test(text) ? 'word' : 'symbol';
}

function refuseLongName(text: string): void {
  if (text.length * 3 <= longestNameBytes || Buffer.byteLength(text) <= longestNameBytes) return;
  throw notSupported(
    `names of more than ${longestNameBytes} bytes do not fit the local stand-in: ${text}; use a shorter one`,
  );
}

function byteToCharacter(sql: string): (byte: number) => number {
  if (Buffer.byteLength(sql) === sql.length) return (byte) => byte;
  const characters = new Uint32Array(Buffer.byteLength(sql) + 1);
  let byte = 0;
  let character = 0;
  for (const point of sql) {
    const bytes = Buffer.byteLength(point);
    for (let index = 0; index < bytes; index += 1) characters[byte + index] = character;
    byte += bytes;
    character += point.length;
  }
  characters[byte] = character;
  return (position) => characters[position] ?? sql.length;
}
