/**
 * Finds the end of one JSON object (RFC 8259) in a text whose characters are bytes, and the places of its top-level
 * members. Checks the grammar of every token, so that an object that is accepted is well-formed JSON; whether the bytes of
 * a text are UTF-8 is checked by whoever decodes them.
 */
export type ScanResult =
  /** `end`: the offset behind the closing brace; `lineFeeds`: how many the object contains. */
  | { readonly kind: 'object'; readonly end: number; readonly lineFeeds: number }
  /** The text ends before the object does. */
  | { readonly kind: 'more' }
  /** `at`: the offset of the first character that JSON does not allow there. */
  | { readonly kind: 'malformed'; readonly at: number; readonly reason: string };

/** Offsets of members: for each one the begin and the end of the key's token and of the value's token. */
export type Members = number[];

/** No event and no song has nearly as many; a file that nests deeper is not data. */
const MAX_DEPTH = 512;

/** Events have eighteen members and songs ten. A few megabytes can hold a million, which take a hundred times the memory. */
export const MAX_MEMBERS = 10_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

const MORE = -1;
const MALFORMED = -2;

/** One object after another; the offsets of the last one stay in `members` until the next call. */
export class ObjectScanner {
  readonly members: Members = [];
  #text = '';
  #failedAt = 0;
  #reason = '';
  #lineFeeds = 0;
  readonly #open = new Uint8Array(MAX_DEPTH);

  /** @param start the offset of the opening brace. */
  scan(text: string, start: number): ScanResult {
    this.#text = text;
    this.#lineFeeds = 0;
    this.members.length = 0;
    const end = this.#object(start + 1);
    if (end === MORE) return { kind: 'more' };
    if (end === MALFORMED) return { kind: 'malformed', at: this.#failedAt, reason: this.#reason };
    return { kind: 'object', end, lineFeeds: this.#lineFeeds };
  }

  #object(from: number): number {
    const text = this.#text;
    let at = this.#blank(from);
    if (text.charCodeAt(at) === CLOSE_BRACE) return at + 1;
    for (;;) {
      const keyStart = at;
      at = this.#key(at);
      if (at < 0) return at;
      const keyEnd = at;
      at = this.#colon(at);
      if (at < 0) return at;
      const valueStart = at;
      const first = text.charCodeAt(at);
      at = first === QUOTE ? this.#string(at) : this.#value(at, first);
      if (at < 0) return at;
      if (this.members.length >= 4 * MAX_MEMBERS) return this.#malformed(keyStart, `more than ${MAX_MEMBERS} members`);
      this.members.push(keyStart, keyEnd, valueStart, at);
      at = this.#blank(at);
      const next = text.charCodeAt(at);
      if (next === CLOSE_BRACE) return at + 1;
      if (next !== COMMA) return this.#unexpected(at, '"," or "}"');
      at = this.#blank(at + 1);
    }
  }

  #value(at: number, first: number): number {
    switch (first) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        return this.#nested(at);
      case QUOTE:
        return this.#string(at);
      case 0x74:
        return this.#word(at, 'true');
      case 0x66:
        return this.#word(at, 'false');
      case 0x6e:
        return this.#word(at, 'null');
      default:
        return this.#number(at, first);
    }
  }

  /** Without recursion: how deep a text nests is decided by whoever wrote it. */
  #nested(from: number): number {
    const text = this.#text;
    const open = this.#open;
    let depth = 0;
    let at = from;
    for (;;) {
      const first = text.charCodeAt(at);
      if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        if (depth === MAX_DEPTH) return this.#malformed(at, `nested deeper than ${MAX_DEPTH} levels`);
        open[depth] = first;
        depth += 1;
        at = this.#blank(at + 1);
        const close = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
        if (text.charCodeAt(at) === close) {
          depth -= 1;
          at += 1;
        } else {
          if (first === OPEN_BRACE) at = this.#memberStart(at);
          if (at < 0) return at;
          continue;
        }
      } else {
        at = this.#value(at, first);
        if (at < 0) return at;
      }
      for (;;) {
        if (depth === 0) return at;
        const isObject = open[depth - 1] === OPEN_BRACE;
        at = this.#blank(at);
        const next = text.charCodeAt(at);
        if (next === (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
          depth -= 1;
          at += 1;
          continue;
        }
        if (next !== COMMA) return this.#unexpected(at, isObject ? '"," or "}"' : '"," or "]"');
        at = this.#blank(at + 1);
        if (isObject) at = this.#memberStart(at);
        if (at < 0) return at;
        break;
      }
    }
  }

  /** Key and colon of a nested member. @returns where its value begins. */
  #memberStart(at: number): number {
    const keyEnd = this.#key(at);
    return keyEnd < 0 ? keyEnd : this.#colon(keyEnd);
  }

  #key(at: number): number {
    return this.#text.charCodeAt(at) === QUOTE ? this.#string(at) : this.#unexpected(at, 'a key in double quotes');
  }

  /** @returns where the value begins. */
  #colon(from: number): number {
    const at = this.#blank(from);
    return this.#text.charCodeAt(at) === COLON ? this.#blank(at + 1) : this.#unexpected(at, '":"');
  }

  /** @param from the opening quote. */
  #string(from: number): number {
    const text = this.#text;
    let at = from + 1;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) {
        at = this.#escape(at);
        if (at < 0) return at;
      } else if (code >= 0x20) at += 1;
      else if (code < 0x20) return this.#malformed(at, 'a control character stands in a text');
      else return MORE;
    }
  }

  #escape(at: number): number {
    const text = this.#text;
    if (at + 1 >= text.length) return MORE;
    if ('"\\/bfnrt'.includes(text.charAt(at + 1))) return at + 2;
    if (text.charAt(at + 1) !== 'u') return this.#malformed(at, 'a backslash does not begin an escape');
    for (let digit = at + 2; digit < at + 6; digit += 1) {
      if (digit >= text.length) return MORE;
      if (!isHexDigit(text.charCodeAt(digit)))
        return this.#malformed(at, '"\\u" is not followed by four hexadecimal digits');
    }
    return at + 6;
  }

  #number(from: number, first: number): number {
    const text = this.#text;
    let at = from;
    if (first === 0x2d) at += 1;
    const lead = text.charCodeAt(at);
    if (lead === 0x30) at += 1;
    else if (isDigit(lead)) at = this.#digits(at);
    else return this.#unexpected(at, at === from ? 'a value' : 'a digit');
    if (text.charCodeAt(at) === 0x2e) {
      if (!isDigit(text.charCodeAt(at + 1))) return this.#unexpected(at + 1, 'a digit');
      at = this.#digits(at + 1);
    }
    if ((text.charCodeAt(at) | 0x20) === 0x65) {
      at += 1;
      const sign = text.charCodeAt(at);
      if (sign === 0x2b || sign === 0x2d) at += 1;
      if (!isDigit(text.charCodeAt(at))) return this.#unexpected(at, 'a digit');
      at = this.#digits(at);
    }
    // The next digit may not have arrived yet.
    return at >= text.length ? MORE : at;
  }

  #digits(from: number): number {
    let at = from;
    while (isDigit(this.#text.charCodeAt(at))) at += 1;
    return at;
  }

  #word(at: number, word: string): number {
    const text = this.#text;
    if (text.startsWith(word, at)) return at + word.length;
    return word.startsWith(text.slice(at)) ? MORE : this.#malformed(at, `expected a value, found ${named(text, at)}`);
  }

  #blank(from: number): number {
    const text = this.#text;
    let at = from;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x0a) this.#lineFeeds += 1;
      else if (code !== 0x20 && code !== 0x0d && code !== 0x09) return at;
      at += 1;
    }
  }

  #unexpected(at: number, expected: string): number {
    if (at >= this.#text.length) return MORE;
    return this.#malformed(at, `expected ${expected}, found ${named(this.#text, at)}`);
  }

  #malformed(at: number, reason: string): number {
    this.#failedAt = at;
    this.#reason = reason;
    return MALFORMED;
  }
}

/** A character as a message shows it; a byte of a longer character is shown as its number. */
export function named(text: string, at: number): string {
  const code = text.charCodeAt(at);
  return code > 0x20 && code < 0x7f ? JSON.stringify(text.charAt(at)) : `byte 0x${code.toString(16).padStart(2, '0')}`;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}
