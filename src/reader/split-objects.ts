import type { JsonObject } from '../core/json-object.ts';
import { MAX_MEMBERS, ObjectScanner, named } from './scan-object.ts';

/** What a file is made of: objects, and stretches of bytes that are not one. */
export type Piece =
  | (JsonObject & {
      readonly kind: 'object';
      /** The object as it is written there; its characters are bytes. */
      readonly text: string;
    })
  | {
      readonly kind: 'malformed';
      /** Counts with the objects. */
      readonly ordinal: number;
      readonly lineNumber: number;
      /** Where the first byte stands that JSON does not allow, from 1. */
      readonly columnNumber: number;
      readonly reason: string;
      /** Its beginning, at most `KEPT_BYTES`; its characters are bytes. */
      readonly text: string;
    };

/** COPY takes no larger object (Amazon Redshift Database Developer Guide, "COPY from JSON format"). */
const OBJECT_MAX_BYTES = 4 * 1024 * 1024;
/** Of a malformed stretch: what `rejected_rows.row_text` takes. */
const KEPT_BYTES = 65_535;

type Malformed = {
  readonly ordinal: number;
  readonly lineNumber: number;
  readonly columnNumber: number;
  readonly reason: string;
  text: string;
  /** Whether only blanks were seen since the last line feed. */
  atLineStart: boolean;
};

/**
 * Splits a stream of bytes into JSON objects, which white space or nothing separates: one a line, several on one, or one
 * over many. After bytes that are not an object it goes on at the next line that begins one. Holds one object at most in
 * memory, and the chunk.
 */
export class ObjectSplitter {
  readonly #scanner = new ObjectScanner();
  readonly #maxBytes: number;
  /** What did not arrive whole yet. Its characters are bytes. */
  #rest = '';
  /** What came since `#rest` was looked at. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** An object that does not end in `#rest` is looked at again when there is this much of it: each byte a few times at most. */
  #scanAgainAt = 0;
  #malformed: Malformed | null = null;
  #ordinal = 0;
  #lineNumber = 1;
  /** Bytes of the line in which `#rest` begins that stand before it. */
  #lineBytesBefore = 0;
  #isBegun = false;

  constructor(maxBytes = OBJECT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The pieces that end within this chunk. */
  *push(chunk: Uint8Array): Generator<Piece, void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.byteLength;
    const held = this.#rest.length + this.#waitingBytes;
    if (held < this.#scanAgainAt || (!this.#isBegun && held < BYTE_ORDER_MARK.length)) return;
    yield* this.#pieces(false);
  }

  /** The pieces that end with the stream. */
  *end(): Generator<Piece, void> {
    yield* this.#pieces(true);
    if (this.#malformed !== null) yield ended(this.#malformed);
    this.#malformed = null;
  }

  *#pieces(isLast: boolean): Generator<Piece, void> {
    const text = this.#rest + Buffer.concat(this.#waiting).toString('latin1');
    this.#waiting = [];
    this.#waitingBytes = 0;
    let at = this.#isBegun || !text.startsWith(BYTE_ORDER_MARK) ? 0 : BYTE_ORDER_MARK.length;
    this.#isBegun = true;
    for (;;) {
      if (this.#malformed !== null) {
        at = this.#skip(text, at, this.#malformed);
        if (at >= text.length) break;
        yield ended(this.#malformed);
        this.#malformed = null;
      }
      at = this.#blank(text, at);
      if (at >= text.length) break;
      if (text.charCodeAt(at) !== 0x7b) {
        at = this.#begin(text, at, at, `expected "{", found ${named(text, at)}`);
        continue;
      }
      const flat = this.#flatObject(text, at);
      if (flat !== null) {
        yield flat;
        at += flat.text.length;
        this.#scanAgainAt = 0;
        continue;
      }
      const held = text.length - at;
      const scanned = this.#scanner.scan(text, at);
      if (scanned.kind === 'object' && scanned.end - at <= this.#maxBytes) {
        yield this.#object(text, at, scanned.end);
        this.#lineNumber += scanned.lineFeeds;
        at = scanned.end;
      } else if (scanned.kind === 'malformed') {
        at = this.#begin(text, at, scanned.at, scanned.reason);
      } else if (scanned.kind === 'object' || held > this.#maxBytes) {
        at = this.#begin(text, at, at, `the object is longer than ${this.#maxBytes} bytes`);
      } else if (isLast) {
        at = this.#begin(text, at, text.length, 'the object does not end');
      } else {
        this.#scanAgainAt = Math.min(2 * held, this.#maxBytes + 1);
        break;
      }
      this.#scanAgainAt = 0;
    }
    this.#drop(text, Math.min(at, text.length));
  }

  /**
   * An object as most files have them: no nested values and few escapes. One regular expression checks and splits it, in
   * less than half of the time that the scanner takes. `null` leaves the object to the scanner.
   */
  #flatObject(text: string, start: number): Extract<Piece, { kind: 'object' }> | null {
    const keys: string[] = [];
    const tokens: string[] = [];
    FLAT_MEMBER.lastIndex = start + 1;
    for (;;) {
      const [, key, token, behind] = FLAT_MEMBER.exec(text) ?? [];
      if (key === undefined || token === undefined || keys.length >= MAX_MEMBERS) return null;
      keys.push(key);
      tokens.push(token);
      if (behind === '}') break;
    }
    const end = FLAT_MEMBER.lastIndex;
    if (end - start > this.#maxBytes) return null;
    const lineNumber = this.#lineNumber;
    this.#lineNumber += lineFeeds(text, start, end);
    this.#ordinal += 1;
    return { kind: 'object', ordinal: this.#ordinal, lineNumber, keys, tokens, text: text.slice(start, end) };
  }

  /** What was read is not needed any more. */
  #drop(text: string, at: number): void {
    const lineFeedAt = at === 0 ? -1 : text.lastIndexOf('\n', at - 1);
    this.#lineBytesBefore = lineFeedAt < 0 ? this.#lineBytesBefore + at : at - lineFeedAt - 1;
    this.#rest = text.slice(at);
  }

  #object(text: string, start: number, end: number): Piece {
    const offsets = this.#scanner.members;
    const keys: string[] = [];
    const tokens: string[] = [];
    for (let member = 0; member < offsets.length; member += 4) {
      keys.push(decodedKey(text.slice(offsets[member], offsets[member + 1])));
      tokens.push(text.slice(offsets[member + 2], offsets[member + 3]));
    }
    this.#ordinal += 1;
    const lineNumber = this.#lineNumber;
    return { kind: 'object', ordinal: this.#ordinal, lineNumber, keys, tokens, text: text.slice(start, end) };
  }

  /**
   * A malformed stretch begins at `start`. What of it is on later lines than its first may be an object again: from the line
   * of the offending byte on, and before that where a line begins with "{", which nobody writes within an object.
   *
   * @returns where to go on.
   */
  #begin(text: string, start: number, offendingAt: number, reason: string): number {
    const lineStart = offendingAt === 0 ? 0 : text.lastIndexOf('\n', offendingAt - 1) + 1;
    const objectLineAt = lineStart > start ? text.indexOf('\n{', start) + 1 : 0;
    const goOnAt = objectLineAt > 0 ? Math.min(objectLineAt, lineStart) : Math.max(lineStart, start);
    this.#ordinal += 1;
    this.#malformed = {
      ordinal: this.#ordinal,
      lineNumber: this.#lineNumber,
      columnNumber: offendingAt - lineStart + 1 + (lineStart === 0 ? this.#lineBytesBefore : 0),
      reason,
      text: text.slice(start, Math.min(goOnAt, start + KEPT_BYTES)),
      atLineStart: goOnAt !== start,
    };
    this.#lineNumber += lineFeeds(text, start, goOnAt);
    return goOnAt;
  }

  /** @returns where the next line begins an object; the text's end when none does. */
  #skip(text: string, from: number, malformed: Malformed): number {
    let at = from;
    while (at < text.length) {
      if (malformed.atLineStart) {
        const code = text.charCodeAt(at);
        if (code === 0x7b) break;
        if (code === 0x0a) this.#lineNumber += 1;
        else if (code !== 0x20 && code !== 0x0d && code !== 0x09) malformed.atLineStart = false;
        at += 1;
      } else {
        const lineFeedAt = text.indexOf('\n', at);
        if (lineFeedAt < 0) at = text.length;
        else {
          this.#lineNumber += 1;
          malformed.atLineStart = true;
          at = lineFeedAt + 1;
        }
      }
    }
    const room = KEPT_BYTES - malformed.text.length;
    if (room > 0) malformed.text += text.slice(from, Math.min(at, from + room));
    return at;
  }

  #blank(text: string, from: number): number {
    let at = from;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x0a) this.#lineNumber += 1;
      else if (code !== 0x20 && code !== 0x0d && code !== 0x09) break;
    }
    return at;
  }
}

/**
 * A member whose key is ASCII without escapes and whose value is a text with at most sixteen short escapes, a number or a
 * word, up to the comma or brace behind it. No two parts of it match the same text in two ways, so that it takes linear time.
 */
const FLAT_MEMBER =
  // eslint-disable-next-line no-control-regex -- JSON forbids control characters in texts
  /[ \t\r\n]*"([ !#-[\]-~]*)"[ \t\r\n]*:[ \t\r\n]*("[^"\\\u0000-\u001f]*(?:\\["\\/bfnrt][^"\\\u0000-\u001f]*){0,16}"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)[ \t\r\n]*([,}])/y;

const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

function ended({ ordinal, lineNumber, columnNumber, reason, text }: Malformed): Piece {
  return { kind: 'malformed', ordinal, lineNumber, columnNumber, reason, text: withoutBlanksBehind(text) };
}

/** JSON's own blanks: the last byte of a character may look like a blank of Unicode. */
function withoutBlanksBehind(text: string): string {
  let end = text.length;
  while (' \n\r\t'.includes(text.charAt(end - 1)) && end > 0) end -= 1;
  return text.slice(0, end);
}

function lineFeeds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** @param token with its quotes. */
function decodedKey(token: string): string {
  // Almost every key is plain ASCII without escapes.
  // eslint-disable-next-line no-control-regex -- all of ASCII
  if (/^"[\u0000-\u005b\u005d-\u007f]*"$/.test(token)) return token.slice(1, -1);
  return String(JSON.parse(Buffer.from(token, 'latin1').toString()));
}
