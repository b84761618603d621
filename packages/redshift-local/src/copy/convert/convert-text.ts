import { hiddenByte } from './decode-document.ts';
import { FieldError } from './field-error.ts';
import type { ConversionOptions } from '../parse/copy-statement.ts';
import type { TargetColumn } from './target-column.ts';
import { unconfirmed } from './unconfirmed.ts';

/** A value's text as PostgreSQL's COPY text format takes it (escaped); `null` = NULL. Throws FieldError. */
export type Convert = (text: string) => string | null;

/**
 * VARCHAR(n): n counts bytes. An empty or blank text stays, unless EMPTYASNULL or BLANKSASNULL says otherwise.
 * 1204 too long, 1220 not UTF-8 (Redshift docs, data conversion parameters and load error reference).
 */
export function convertVarchar(column: TargetColumn, options: ConversionOptions): Convert {
  return (source) => {
    let text = options.trimBlanks ? source.trimEnd() : source;
    if (text === '' && options.emptyAsNull) return null;
    if (options.blanksAsNull && /^\s+$/.test(source)) return null;
    const special = needsCare.test(text);
    if (special) text = storable(text, options.acceptInvalidChars);
    // A code unit takes three bytes of UTF-8 at most, so most texts need no counting.
    if (text.length * 3 > column.length && Buffer.byteLength(text) > column.length) {
      if (!options.truncateColumns) throw new FieldError(1204, 'String length exceeds DDL length');
      text = truncate(text, column.length);
    }
    return special ? escapeForCopy(text) : text;
  };
}

/** CHAR(n): single-byte characters only, blanks at the end do not count. */
export function convertChar(column: TargetColumn, options: ConversionOptions): Convert {
  return (source) => {
    if (source === '' && options.emptyAsNull) return null;
    if (options.blanksAsNull && /^\s+$/.test(source)) return null;
    const foreign = foreignToChar.exec(source);
    if (foreign !== null) {
      const hex = hexOf(foreign[0]);
      throw new FieldError(
        1220,
        `Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: ${hex}`,
        foreign.index,
      );
    }
    let text = source.replace(/ +$/, '');
    if (text.length > column.length) {
      if (!options.truncateColumns) throw new FieldError(1204, 'Char length exceeds DDL length');
      text = text.slice(0, column.length);
    }
    return escapeForCopy(text);
  };
}

// eslint-disable-next-line no-control-regex -- every control character but NUL is allowed
const foreignToChar = /[^\u0001-\u007f]+/;

/** SUPER: the JSON text as it stands. */
export const convertSuper: Convert = (text) => escapeForCopy(storable(text, null));

/** The four characters that mean something in PostgreSQL's COPY text format. */
export function escapeForCopy(text: string): string {
  return text.replace(/[\\\n\r\t]/g, (character) => copyEscapes[character] ?? character);
}

const copyEscapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** What has to be escaped for COPY, or looked at because a VARCHAR may not hold it. */
const needsCare = /[\\\n\r\t\0\ud800-\udfff]/;

/** The text with only what UTF-8 and PostgreSQL can hold. */
function storable(text: string, replacement: string | null): string {
  let result = text;
  if (!result.isWellFormed()) {
    result = result.replace(loneSurrogates, (run, offset: number) => {
      if (replacement === null) throw invalidUtf8(run, offset);
      return replacement.repeat(run.length);
    });
  }
  if (!result.includes('\0')) return result;
  if (replacement === null && unconfirmed.nulCharacter === 'error')
    throw invalidCodepoint('00', 3, result.indexOf('\0'));
  return result.replaceAll('\0', replacement ?? '');
}

const loneSurrogates = /(?:[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])+/g;

/** Sub-codes of Redshift docs, multibyte character load errors: 1 too long, 2 incomplete, 3 not a start, 5 surrogate. */
function invalidUtf8(run: string, offset: number): FieldError {
  const lead = hiddenByte(run.charCodeAt(0));
  if (lead === null) return invalidCodepoint(hexOf(run.slice(0, 1)), 5, offset);
  const subCode = lead >= 0xf8 && lead < 0xfe ? 1 : lead >= 0xc2 && lead < 0xf8 ? 2 : 3;
  return invalidCodepoint(hexOf(run), subCode, offset);
}

function invalidCodepoint(hex: string, subCode: number, offset: number): FieldError {
  return new FieldError(
    1220,
    `String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: ${hex} (error ${subCode})`,
    offset,
  );
}

function hexOf(text: string): string {
  const bytes: number[] = [];
  for (const character of text) {
    const unit = character.charCodeAt(0);
    const hidden = hiddenByte(unit);
    if (hidden !== null) bytes.push(hidden);
    else if (character.isWellFormed()) bytes.push(...Buffer.from(character));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The longest beginning of whole characters that takes at most `maxBytes`. */
function truncate(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}
