import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPiece } from '../../src/copy/read/split-json.ts';
import { JsonSplitter, maxDocumentBytes } from '../../src/copy/read/split-json.ts';

describe('[copy.documents] splitting a file into JSON documents', () => {
  it('takes documents apart by any white space, pretty-printed ones and arrays too, and numbers their last lines', () => {
    expect(shown('{"a":1}{"b":\n  "x\\"}"\n}\r\n\t[1,\n{"c":2}] ')).toEqual([
      'document 1 {"a":1}',
      'document 3 {"b":\n  "x\\"}"\n}',
      'document 5 [1,\n{"c":2}]',
    ]);
  });

  it('calls every run of other characters between documents one junk', () => {
    expect(shown('{"a":1},{"b":2}\n12 "x"\n{"c":3}]')).toEqual([
      'document 1 {"a":1}',
      'junk 1 ,',
      'document 1 {"b":2}',
      'junk 2 12',
      'junk 2 "x"',
      'document 3 {"c":3}',
      'junk 3 ]',
    ]);
  });

  it('ends a document with crossed brackets, an open string or no end as malformed and continues at the next line', () => {
    expect(shown('{"a":[1} {"lost":1}\n{"b":"x\n{"c":"\\\n{"d":4}\n{"e":')).toEqual([
      'malformed 1 {"a":[1}',
      'malformed 2 {"b":"x',
      'malformed 3 {"c":"\\',
      'document 4 {"d":4}',
      'malformed 5 {"e":',
    ]);
  });

  it('skips the physical lines of IGNOREHEADER and still counts them', () => {
    expect(shown('{"head":1}\nx\n{"a":1}', 2)).toEqual(['document 3 {"a":1}']);
  });

  it('finds nothing in an empty file', () => {
    expect(shown('')).toEqual([]);
    expect(shown(' \n\n')).toEqual([]);
  });

  it('[copy.document-size] refuses a document of more than 4 MB without keeping it and loads the one behind it', () => {
    const splitter = new JsonSplitter({ ignoreHeader: 0 });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const pieces: JsonPiece[] = [...splitter.push(Buffer.from('{"a":"'))];
    for (let bytes = 0; bytes <= 2 * maxDocumentBytes; bytes += chunk.length) pieces.push(...splitter.push(chunk));
    pieces.push(...splitter.push(Buffer.from('"}\n{"b":1}')), ...splitter.finish());
    expect(pieces.map(({ kind, lineNumber }) => [kind, lineNumber])).toEqual([
      ['too_long', 1],
      ['document', 2],
    ]);
    expect(pieces[0]?.bytes.length).toBeLessThanOrEqual(maxDocumentBytes);
  });

  it('gives the same pieces, lines and offsets however the bytes are cut into chunks', () => {
    const bytesOfJson = fc
      .array(
        fc.oneof(
          fc.json(),
          fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', ',', ' ', '{"a":"\\"}"}', '{"é":"𝄞"}\n', '\r\n'),
        ),
      )
      .map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(bytesOfJson, fc.array(fc.nat(9), { minLength: 1 }), (bytes, sizes) => {
        expect(split(cut(bytes, sizes))).toEqual(split([bytes]));
      }),
      { numRuns: 500 },
    );
  });
});

function shown(text: string, ignoreHeader = 0): string[] {
  return split([Buffer.from(text)], ignoreHeader).map((piece) => `${piece.kind} ${piece.lineNumber} ${piece.text}`);
}

function split(chunks: readonly Buffer[], ignoreHeader = 0) {
  const splitter = new JsonSplitter({ ignoreHeader });
  const pieces = [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.finish()];
  return pieces.map(({ kind, lineNumber, startOffset, bytes }) => ({
    kind,
    lineNumber,
    startOffset,
    text: bytes.toString(),
  }));
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = (sizes[turn % sizes.length] ?? 0) + 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
