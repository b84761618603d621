import type { JsonObject } from '../core/json-object.ts';
import { KeyList } from './key-list.ts';
import { BEHIND_THE_LAST, ObjectScanner, named } from './scan-object.ts';

/** A piece of a file: an object, or a stretch of bytes that is not one. */
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
      /** The column of the first byte that JSON does not allow, from 1. */
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
 * Splits a stream of bytes into JSON objects, separated by white space or nothing: one per line, several on a line, or one over several
 * lines. After bytes that are not an object it continues at the next line that begins with one. Holds one object and one chunk in
 * memory.
 */
export class ObjectSplitter {
  readonly #scanner = new ObjectScanner();
  readonly #keys = new KeyList();
  readonly #maxBytes: number;
  /** What did not arrive whole yet, `#held` bytes, and room. */
  #bytes = Buffer.alloc(1);
  #held = 0;
  /** An object that does not end in the held bytes is scanned again at this size, so that no byte is scanned many times. */
  #scanAgainAt = 0;
  #malformed: Malformed | null = null;
  #ordinal = 0;
  #objects = 0;
  #lineNumber = 1;
  /** Bytes of the line in which the held bytes begin that stand before them. */
  #lineBytesBefore = 0;
  #isBegun = false;

  constructor(maxBytes = OBJECT_MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** How many pieces were found, and how many of them are objects. */
  get found(): { readonly pieces: number; readonly objects: number } {
    return { pieces: this.#ordinal, objects: this.#objects };
  }

  /** The pieces that end within this chunk. They are found one by one: go through them before the next chunk. */
  push(chunk: Uint8Array): Iterable<Piece> {
    this.#hold(chunk);
    const isTooLittle = this.#held < this.#scanAgainAt || (!this.#isBegun && this.#held < BYTE_ORDER_MARK.length);
    return isTooLittle ? [] : this.#pieces(false);
  }

  /** The pieces that end with the stream. */
  *end(): Iterable<Piece> {
    yield* this.#pieces(true);
    if (this.#malformed !== null) yield ended(this.#malformed);
    this.#malformed = null;
  }

  #hold(chunk: Uint8Array): void {
    const needed = this.#held + chunk.byteLength + 1;
    if (needed > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(2 * needed, this.#maxBytes)));
      larger.set(this.#bytes.subarray(0, this.#held));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#held);
    this.#held += chunk.byteLength;
    this.#bytes[this.#held] = BEHIND_THE_LAST;
  }

  *#pieces(isLast: boolean): Iterable<Piece> {
    const text = this.#bytes.toString('latin1', 0, this.#held);
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
        at = this.#begin(text, at, at, `expected "{", found ${named(text.charCodeAt(at))}`);
        continue;
      }
      const held = text.length - at;
      const scanned = this.#scanner.scan(this.#bytes, { start: at, end: text.length });
      if (scanned.kind === 'object' && scanned.end - at <= this.#maxBytes) {
        yield this.#object(text, at, scanned.end);
        this.#lineNumber += scanned.lineFeeds;
        at = scanned.end;
      } else if (scanned.kind === 'malformed') {
        at = this.#begin(text, at, scanned.at, scanned.reason);
      } else if (scanned.kind === 'object' || held > this.#maxBytes) {
        at = this.#begin(text, at, at, `the object is longer than ${this.#maxBytes} bytes`);
      } else if (isLast) {
        at = this.#begin(text, at, text.length, 'unterminated JSON object');
      } else {
        this.#scanAgainAt = Math.min(2 * held, this.#maxBytes + 1);
        break;
      }
      this.#scanAgainAt = 0;
    }
    this.#drop(text, Math.min(at, text.length));
  }

  /** What was read is not needed any more. */
  #drop(text: string, at: number): void {
    const lineFeedAt = at === 0 ? -1 : text.lastIndexOf('\n', at - 1);
    this.#lineBytesBefore = lineFeedAt < 0 ? this.#lineBytesBefore + at : at - lineFeedAt - 1;
    this.#bytes.copyWithin(0, at, this.#held);
    this.#held -= at;
    // The scanner may look at one byte behind the last.
    this.#bytes[this.#held] = BEHIND_THE_LAST;
  }

  #object(text: string, start: number, end: number): Piece {
    const { members, offsets } = this.#scanner;
    const tokens = new Array<string>(members);
    for (let member = 0; member < members; member += 1)
      tokens[member] = text.slice(offsets[4 * member + 2], offsets[4 * member + 3]);
    this.#ordinal += 1;
    this.#objects += 1;
    return {
      kind: 'object',
      ordinal: this.#ordinal,
      lineNumber: this.#lineNumber,
      keys: this.#keys.of(this.#bytes, this.#scanner),
      tokens,
      text: text.slice(start, end),
    };
  }

  /**
   * A malformed stretch begins at `start`. What of it is on later lines than its first may be an object again: from the line
   * of the offending byte on, and before that where a line begins with "{", which is unusual within an object.
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
