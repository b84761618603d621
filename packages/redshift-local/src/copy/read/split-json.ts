/** A piece of a file: a document, or bytes that cannot be one. */
export type JsonPiece = {
  readonly kind: 'document' | 'junk' | 'malformed' | 'too_long';
  /** The bytes of a document; for the other kinds their beginning, for the error's raw line. */
  readonly bytes: Buffer;
  /** The physical line (from 1) on which the piece ends. */
  readonly lineNumber: number;
  /** Bytes before the piece in the file. */
  readonly startOffset: number;
};

/** One JSON document may have at most 4 MB (Redshift docs, data format parameters). */
export const maxDocumentBytes = 4 * 1024 * 1024;

type State = 'header' | 'between' | 'document' | 'string' | 'escape' | 'junk' | 'skip_line';

/**
 * Cuts a stream of bytes into root-level JSON objects and arrays, separated by white space only. Feed it chunks of any
 * size; memory is bounded by one document. A comma, a scalar or anything else between documents is one piece `junk`
 * per run; brackets that do not match, or a line end inside a string, end the document as `malformed`, and reading
 * continues at the next line.
 */
export class JsonSplitter {
  #state: State;
  #linesToSkip: number;
  #lineEnds = 0;
  /** Bytes of the file before the chunk at hand. */
  #consumed = 0;
  /** Where the piece at hand starts: in the file, and in the chunk (0 when it began in an earlier one). */
  #startOffset = 0;
  #startInChunk = 0;
  #held: Buffer[] = [];
  #endedByLineEnd = true;
  /** The closing brackets that are due, innermost last. */
  #due: number[] = [];
  #pieces: JsonPiece[] = [];

  constructor(options: { ignoreHeader: number }) {
    this.#linesToSkip = options.ignoreHeader;
    this.#state = options.ignoreHeader > 0 ? 'header' : 'between';
  }

  /** Physical lines seen so far, an unended last one included. */
  linesScanned(): number {
    return this.#lineEnds + (this.#endedByLineEnd ? 0 : 1);
  }

  bytesScanned(): number {
    return this.#consumed;
  }

  /** The pieces that end in this chunk. */
  push(chunk: Buffer): readonly JsonPiece[] {
    this.#startInChunk = 0;
    let index = 0;
    while (index < chunk.length) index = this.#run(chunk, index);
    if (this.#inPiece() && !this.#isTooLong(chunk.length)) this.#held.push(chunk.subarray(this.#startInChunk));
    this.#consumed += chunk.length;
    if (chunk.length > 0) this.#endedByLineEnd = chunk[chunk.length - 1] === LF;
    return this.#take();
  }

  /** The piece that the end of the file cuts off, if any. */
  finish(): readonly JsonPiece[] {
    if (this.#inPiece()) {
      this.#startInChunk = 0;
      this.#end(this.#state === 'junk' ? 'junk' : 'malformed', Buffer.alloc(0), 0, this.linesScanned());
    }
    return this.#take();
  }

  #take(): readonly JsonPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** Consumes bytes as long as the state stays; returns the index of the first byte not consumed. */
  #run(chunk: Buffer, index: number): number {
    switch (this.#state) {
      case 'string':
        return this.#runString(chunk, index);
      case 'document':
        return this.#runDocument(chunk, index);
      case 'between':
        return this.#runBetween(chunk, index);
      case 'junk':
        return this.#runJunk(chunk, index);
      case 'escape':
        // A line end is not an escape: it ends the document, as in any string.
        this.#state = 'string';
        return chunk[index] === LF ? index : index + 1;
      case 'header':
      case 'skip_line':
        return this.#runLine(chunk, index);
    }
  }

  #runString(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === QUOTE) {
        this.#state = 'document';
        return index + 1;
      }
      if (byte === BACKSLASH) {
        this.#state = 'escape';
        return index + 1;
      }
      if (byte === LF) {
        this.#end('malformed', chunk, index);
        return index;
      }
    }
    return chunk.length;
  }

  #runDocument(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === QUOTE) {
        this.#state = 'string';
        return index + 1;
      }
      if (byte === LF) this.#lineEnds += 1;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#due.push(byte + openToClose);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        const matches = this.#due.pop() === byte;
        if (matches && this.#due.length > 0) continue;
        this.#end(matches ? 'document' : 'malformed', chunk, index + 1);
        if (!matches) this.#state = 'skip_line';
        return index + 1;
      }
    }
    return chunk.length;
  }

  #runBetween(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === LF) this.#lineEnds += 1;
      if (isBlank(byte)) continue;
      this.#startInChunk = index;
      this.#startOffset = this.#consumed + index;
      this.#state = isOpening(byte) ? 'document' : 'junk';
      return index;
    }
    return chunk.length;
  }

  #runJunk(chunk: Buffer, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (!isBlank(byte) && !isOpening(byte)) continue;
      this.#end('junk', chunk, index);
      return index;
    }
    return chunk.length;
  }

  #runLine(chunk: Buffer, from: number): number {
    const lineEnd = chunk.indexOf(LF, from);
    if (lineEnd < 0) return chunk.length;
    this.#lineEnds += 1;
    if (this.#state === 'header') this.#linesToSkip -= 1;
    if (this.#linesToSkip <= 0) this.#state = 'between';
    return lineEnd + 1;
  }

  #inPiece(): boolean {
    const state = this.#state;
    return state === 'document' || state === 'string' || state === 'escape' || state === 'junk';
  }

  #isTooLong(end: number): boolean {
    return this.#consumed + end - this.#startOffset > maxDocumentBytes;
  }

  #end(kind: JsonPiece['kind'], chunk: Buffer, end: number, lineNumber = this.#lineEnds + 1): void {
    const rest = chunk.subarray(this.#startInChunk, end);
    const bytes = this.#held.length === 0 ? rest : Buffer.concat([...this.#held, rest]);
    const tooLong = this.#isTooLong(end);
    this.#pieces.push({ kind: tooLong ? 'too_long' : kind, bytes, lineNumber, startOffset: this.#startOffset });
    this.#held = [];
    this.#due.length = 0;
    this.#state = 'between';
  }
}

const LF = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
/** ASCII places `]` and `}` two after `[` and `{`. */
const openToClose = 2;

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09;
}

function isOpening(byte: number | undefined): boolean {
  return byte === OPEN_BRACE || byte === OPEN_BRACKET;
}
