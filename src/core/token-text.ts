/** A text that no VARCHAR of the warehouse can hold. */
export const UNSTORABLE: unique symbol = Symbol('unstorable');

export type TokenText = string | null | typeof UNSTORABLE;

const NOT_ASCII = /[\x80-\xff]/;
const ESCAPED_OR_NOT_ASCII = /[\\\x80-\xff]/;
const [QUOTE, OPEN_BRACE, OPEN_BRACKET] = [0x22, 0x7b, 0x5b];

/**
 * The value of a JSON token for a text column: a string decoded; a number, `true` or `false` as written; an object
 * or array as its verbatim JSON; `null` for `null`.
 *
 * @param token valid JSON, as latin1 text of its UTF-8 bytes (`JsonObject.tokens`).
 * @returns `UNSTORABLE` for a text with U+0000, an unpaired surrogate or invalid UTF-8.
 */
export function tokenText(token: string): TokenText {
  const first = token.charCodeAt(0);
  if (first === QUOTE) return ESCAPED_OR_NOT_ASCII.test(token) ? stringText(token) : token.slice(1, -1);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return utf8Text(token) ?? UNSTORABLE;
  return token === 'null' ? null : token;
}

function stringText(token: string): TokenText {
  const json = utf8Text(token);
  if (json === undefined) return UNSTORABLE;
  if (!json.includes('\\')) return json.slice(1, -1);
  const text = JSON.parse(json) as string;
  return text.includes('\0') || !text.isWellFormed() ? UNSTORABLE : text;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `undefined` for bytes that are not UTF-8. */
function utf8Text(latin1: string): string | undefined {
  if (!NOT_ASCII.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  // U+FFFD stands for a byte that belongs to no character, unless the file itself contains U+FFFD.
  return text.includes('\uFFFD') && !isUtf8(bytes) ? undefined : text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
