/**
 * Finds the end of one JSON object (RFC 8259) in bytes, and the offsets of its top-level members. Checks the grammar of every token, so
 * that an accepted object is well-formed JSON; the decoder of a string checks whether its bytes are UTF-8.
 */
export type ScanResult =
  /** `end`: the offset behind the closing brace; `lineFeeds`: how many the object contains. */
  | { readonly kind: 'object'; readonly end: number; readonly lineFeeds: number }
  /** The bytes end before the object does. */
  | { readonly kind: 'more' }
  /** `at`: the offset of the first byte that JSON does not allow there. */
  | { readonly kind: 'malformed'; readonly at: number; readonly reason: string };

/** No event and no song has nearly as many; a file that nests deeper is not data. */
const MAX_DEPTH = 512;

/** Events have eighteen members and songs ten. A few megabytes can hold a million, which take a hundred times the memory. */
const MAX_MEMBERS = 10_000;

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

/** The byte that must follow the last byte: no JSON token continues with it. */
export const BEHIND_THE_LAST = 0;

/**
 * Scans one object after another. Works on bytes, which is faster than on a string.
 */
export class ObjectScanner {
  /** Offsets in the last object: for each member the begin and the end of the key's token and of the value's token. */
  readonly offsets: number[] = [];
  /** How many members the last object has. Behind their offsets are those of earlier objects. */
  members = 0;
  #bytes: Uint8Array = new Uint8Array(1);
  #end = 0;
  #failedAt = 0;
  #reason = '';
  #lineFeeds = 0;
  readonly #open = new Uint8Array(MAX_DEPTH);

  /**
   * @param bytes holds `BEHIND_THE_LAST` at `end`.
   * @param range.start the offset of the opening brace.
   * @param range.end the offset behind the last byte.
   */
  scan(bytes: Uint8Array, { start, end }: { readonly start: number; readonly end: number }): ScanResult {
    this.#bytes = bytes;
    this.#end = end;
    this.#lineFeeds = 0;
    this.members = 0;
    const behind = this.#object(start + 1);
    if (behind === MORE) return { kind: 'more' };
    if (behind === MALFORMED) return { kind: 'malformed', at: this.#failedAt, reason: this.#reason };
    return { kind: 'object', end: behind, lineFeeds: this.#lineFeeds };
  }

  #object(from: number): number {
    const bytes = this.#bytes;
    const offsets = this.offsets;
    let at = this.#blank(from);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (let next = 0; ; next += 4) {
      const keyStart = at;
      const keyEnd = this.#key(at);
      if (keyEnd < 0) return keyEnd;
      const valueStart = this.#colon(keyEnd);
      if (valueStart < 0) return valueStart;
      at = this.#value(valueStart);
      if (at < 0) return at;
      if (this.members >= MAX_MEMBERS) return this.#malformed(keyStart, `more than ${MAX_MEMBERS} members`);
      offsets[next] = keyStart;
      offsets[next + 1] = keyEnd;
      offsets[next + 2] = valueStart;
      offsets[next + 3] = at;
      this.members += 1;
      at = this.#blank(at);
      if (bytes[at] === CLOSE_BRACE) return at + 1;
      if (bytes[at] !== COMMA) return this.#unexpected(at, '"," or "}"');
      at = this.#blank(at + 1);
    }
  }

  #value(at: number): number {
    const first = this.#bytes[at] ?? BEHIND_THE_LAST;
    switch (first) {
      case QUOTE:
        return this.#string(at);
      case OPEN_BRACE:
      case OPEN_BRACKET:
        return this.#nested(at);
      case 0x74:
        return this.#word(at, TRUE);
      case 0x66:
        return this.#word(at, FALSE);
      case 0x6e:
        return this.#word(at, NULL);
      default:
        return this.#number(at, first);
    }
  }

  /** Without recursion: how deep a text nests is decided by whoever wrote it. */
  #nested(from: number): number {
    const bytes = this.#bytes;
    const open = this.#open;
    let depth = 0;
    let at = from;
    for (;;) {
      const first = bytes[at];
      if (first === OPEN_BRACE || first === OPEN_BRACKET) {
        if (depth === MAX_DEPTH) return this.#malformed(at, `nested deeper than ${MAX_DEPTH} levels`);
        open[depth] = first;
        depth += 1;
        at = this.#blank(at + 1);
        const close = first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET;
        if (bytes[at] === close) {
          depth -= 1;
          at += 1;
        } else {
          if (first === OPEN_BRACE) at = this.#memberStart(at);
          if (at < 0) return at;
          continue;
        }
      } else {
        at = this.#value(at);
        if (at < 0) return at;
      }
      for (;;) {
        if (depth === 0) return at;
        const isObject = open[depth - 1] === OPEN_BRACE;
        at = this.#blank(at);
        const next = bytes[at];
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
    return this.#bytes[at] === QUOTE ? this.#string(at) : this.#unexpected(at, 'a key in double quotes');
  }

  /** @returns where the value begins. */
  #colon(from: number): number {
    const at = this.#blank(from);
    return this.#bytes[at] === COLON ? this.#blank(at + 1) : this.#unexpected(at, '":"');
  }

  /** @param from the opening quote. */
  #string(from: number): number {
    const bytes = this.#bytes;
    let at = from + 1;
    for (;;) {
      const code = bytes[at] ?? BEHIND_THE_LAST;
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) {
        at = this.#escape(at);
        if (at < 0) return at;
      } else if (code >= 0x20) at += 1;
      else return at >= this.#end ? MORE : this.#malformed(at, 'control character in a string');
    }
  }

  #escape(at: number): number {
    const bytes = this.#bytes;
    if (at + 1 >= this.#end) return MORE;
    const letter = bytes[at + 1] ?? BEHIND_THE_LAST;
    if (IS_SHORT_ESCAPE[letter] === 1) return at + 2;
    if (letter !== 0x75) return this.#malformed(at, 'invalid escape sequence');
    for (let digit = at + 2; digit < at + 6; digit += 1) {
      if (digit >= this.#end) return MORE;
      if (!isHexDigit(bytes[digit] ?? BEHIND_THE_LAST))
        return this.#malformed(at, '"\\u" is not followed by four hexadecimal digits');
    }
    return at + 6;
  }

  #number(from: number, first: number): number {
    const bytes = this.#bytes;
    let at = first === 0x2d ? from + 1 : from;
    if (bytes[at] === 0x30) at += 1;
    else if (this.#isDigit(at)) at = this.#digits(at);
    else return this.#unexpected(at, at === from ? 'a value' : 'a digit');
    if (bytes[at] === 0x2e) {
      if (!this.#isDigit(at + 1)) return this.#unexpected(at + 1, 'a digit');
      at = this.#digits(at + 1);
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += 1;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
      if (!this.#isDigit(at)) return this.#unexpected(at, 'a digit');
      at = this.#digits(at);
    }
    // The next digit may not have arrived yet.
    return at >= this.#end ? MORE : at;
  }

  #isDigit(at: number): boolean {
    return isDigit(this.#bytes[at] ?? BEHIND_THE_LAST);
  }

  #digits(from: number): number {
    let at = from;
    while (this.#isDigit(at)) at += 1;
    return at;
  }

  #word(from: number, word: Uint8Array): number {
    for (let index = 0; index < word.length; index += 1) {
      if (from + index >= this.#end) return MORE;
      if (this.#bytes[from + index] !== word[index]) return this.#unexpected(from, 'a value');
    }
    return from + word.length;
  }

  #blank(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (;;) {
      const code = bytes[at];
      if (code === 0x0a) this.#lineFeeds += 1;
      else if (code !== 0x20 && code !== 0x0d && code !== 0x09) return at;
      at += 1;
    }
  }

  #unexpected(at: number, expected: string): number {
    if (at >= this.#end) return MORE;
    return this.#malformed(at, `expected ${expected}, found ${named(this.#bytes[at] ?? BEHIND_THE_LAST)}`);
  }

  #malformed(at: number, reason: string): number {
    this.#failedAt = at;
    this.#reason = reason;
    return MALFORMED;
  }
}

const [TRUE, FALSE, NULL] = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')];
/** By the byte behind the backslash. */
const IS_SHORT_ESCAPE = new Uint8Array(256);
for (const letter of Buffer.from('"\\/bfnrt')) IS_SHORT_ESCAPE[letter] = 1;

/** A character as a message shows it; a byte of a longer character is shown as its number. */
export function named(code: number): string {
  return code > 0x20 && code < 0x7f
    ? JSON.stringify(String.fromCharCode(code))
    : `byte 0x${code.toString(16).padStart(2, '0')}`;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x66);
}
