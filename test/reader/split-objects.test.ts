import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectSplitter } from '../../src/reader/split-objects.ts';
import type { Piece } from '../../src/reader/split-objects.ts';

/** All pieces of a text that arrives in chunks of so many bytes, in turn. */
function split(text: string | Uint8Array, chunkBytes: readonly number[] = [1 << 16], maxBytes?: number): Piece[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const splitter = new ObjectSplitter(maxBytes);
  const pieces: Piece[] = [];
  for (let [from, turn] = [0, 0]; from < bytes.byteLength; turn += 1) {
    const size = chunkBytes[turn % chunkBytes.length] ?? 1;
    pieces.push(...splitter.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return [...pieces, ...splitter.end()];
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

/** An object as `JSON.parse` reads it: the independent parser. */
function parsed(piece: Piece): unknown {
  if (piece.kind === 'malformed') return `malformed: ${piece.reason}`;
  return Object.fromEntries(piece.keys.map((key, at) => [key, JSON.parse(utf8(piece.tokens[at] ?? '')) as unknown]));
}

const chunks = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 6 });
const written = fc.tuple(object, fc.constantFrom(undefined, 1, '\t')).map(([value, indent]) => ({
  value,
  text: JSON.stringify(value, null, indent),
}));
const between = fc.constantFrom('', ' ', '\n', '\r\n', '\n\n\t');

describe('an object splitter', () => {
  it('finds what JSON.parse finds, whatever stands between the objects and however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(between, written), { maxLength: 8 }), chunks, (objects, sizes) => {
        const pieces = split(objects.map(([blank, { text }]) => blank + text).join(''), sizes);
        // A key that a dictionary has once may be "__proto__", which Object.fromEntries keeps too.
        expect(pieces.map(parsed)).toEqual(objects.map(([, { text }]) => JSON.parse(text) as unknown));
        expect(pieces.map(({ ordinal }) => ordinal)).toEqual(objects.map((_, index) => index + 1));
        expect(pieces.map(({ text }) => utf8(text))).toEqual(objects.map(([, { text }]) => text));
      }),
    );
  });

  it('accepts a damaged line exactly when JSON.parse does, and the lines around it whatever happens', () => {
    const damage = fc.record({
      text: written.map(({ value }) => JSON.stringify(value)),
      at: fc.nat(),
      remove: fc.integer({ min: 0, max: 3 }),
      insert: fc.constantFrom(
        '',
        '{',
        '}',
        '"',
        '\\',
        ',',
        ':',
        '[',
        ']',
        '0',
        '-',
        '.',
        'e',
        'u12',
        'tru',
        '\u0001',
        ' ',
      ),
    });
    fc.assert(
      fc.property(damage, chunks, ({ text, at, insert, remove }, sizes) => {
        const where = 1 + (at % text.length);
        // A cut may leave half a surrogate pair, which UTF-8 cannot write.
        const damaged = (text.slice(0, where) + insert + text.slice(where + remove)).toWellFormed();
        const [before, ...rest] = split(`{"n":1}\n${damaged}\n{"n":2}\n`, sizes);
        const after = rest.at(-1);
        expect([before, after].map((piece) => piece && parsed(piece))).toEqual([{ n: 1 }, { n: 2 }]);
        expect(after?.lineNumber).toBe(3);
        const middle = rest.slice(0, -1);
        if (isObject(damaged)) expect(middle.map(parsed)).toEqual([JSON.parse(damaged)]);
        else expect(middle.some(({ kind }) => kind === 'malformed')).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('gives the same pieces for every cut of the bytes', () => {
    const anything = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '{"a":1}',
        '"',
        '\\',
        '\n',
        ' {',
        '[1,{"b":"\\u00e9é"}]',
        ',',
        'x',
        '{"a":{"b":[1,2,{}]},\n"c":"d"}',
        '\u00ef',
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(anything, chunks, (parts, sizes) => {
        expect(split(parts.join(''), sizes)).toEqual(split(parts.join('')));
      }),
    );
  });

  it.each([
    ['a byte-order mark', '\ufeff{"a":1}', ['1 {"a":1}']],
    ['objects that nothing separates', '{"a":1}{"a":2}', ['1 {"a":1}', '1 {"a":2}']],
    ['objects over several lines', '{\n "a":1\n}\n{\n"a":2}', ['1 {\n "a":1\n}', '4 {\n"a":2}']],
    ['a line of junk', '{"a":1}\nERROR: x\n{"a":2}', ['1 {"a":1}', '2:1 expected "{", found "E"', '3 {"a":2}']],
    ['junk behind an object', '{"a":1} x\n {"a":2}', ['1 {"a":1}', '1:9 expected "{", found "x"', '2 {"a":2}']],
    ['a text that does not end', '{"a":"x\n{"a":2}', ['1:8 control character in a string', '2 {"a":2}']],
    [
      'an object that does not end',
      '{"a":1,\n{"a":2}',
      ['2:1 expected a key in double quotes, found "{"', '2 {"a":2}'],
    ],
    ['an object cut off by the end', '{"a":1}\n{"a":', ['1 {"a":1}', '2:6 unterminated JSON object']],
    ['a comma between objects', '{"a":1},\n{"a":2}', ['1 {"a":1}', '1:8 expected "{", found ","', '2 {"a":2}']],
    ['a raw NUL', '{"a":"\0"}\n{"a":2}', ['1:7 control character in a string', '2 {"a":2}']],
    ['blanks only', ' \n\t\r\n', []],
    ['other blanks', '{"a":1}\u00a0{"a":2}', ['1 {"a":1}', '1:8 expected "{", found byte 0xc2']],
    ['a number with a leading zero', '{"a":01}', ['1:7 expected "," or "}", found "1"']],
  ])('reads %s', (_what, text, expected) => {
    const seen = split(text).map((piece) =>
      piece.kind === 'object'
        ? `${piece.lineNumber} ${piece.text}`
        : // The line of the offending byte is where the column counts.
          `${offendingLine(text, piece)}:${piece.columnNumber} ${piece.reason}`,
    );
    expect(seen).toEqual(expected);
  });

  it.each([
    ['{"a":\n{"b":1}\n{"c":2}\n', ['malformed', '{"b":1}', '{"c":2}']],
    ['{"a":[\n{"b":1}\n{"c":2}', ['malformed', '{"b":1}', '{"c":2}']],
    ['{"a": {\n  "b": {"c": 1},\n  {"d": 2}\n}\n{"e":3}', ['malformed', '{"d": 2}', 'malformed', '{"e":3}']],
  ])('goes on at the first line that begins an object behind a broken one: %j', (text, found) => {
    expect(split(text).map((piece) => (piece.kind === 'object' ? piece.text : piece.kind))).toEqual(found);
  });

  it('keeps a malformed stretch as it is written, up to what a column takes', () => {
    const [malformed] = split(`{"a":x} ${'y'.repeat(100_000)}\n  more\n\n{"a":1}`);
    expect(malformed).toMatchObject({
      kind: 'malformed',
      lineNumber: 1,
      text: expect.stringMatching(/^\{"a":x\} y+$/) as string,
    });
    expect(malformed?.text).toHaveLength(65_535);
    expect(split('[\n 1,\n 2]')[0]?.text).toBe('[\n 1,\n 2]');
  });

  it('rejects an object that is too long and reads on behind it', () => {
    const long = `{"a":"${'x'.repeat(200)}"}`;
    for (const sizes of [[1 << 16], [7], [64]]) {
      const pieces = split(`{"n":1}\n${long}\n{"n":2}`, sizes, 100);
      expect(pieces.map(({ kind, lineNumber }) => `${kind} ${lineNumber}`)).toEqual([
        'object 1',
        'malformed 2',
        'object 3',
      ]);
    }
  });

  it('takes deep nesting and a million brackets in its stride', () => {
    const deep = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(split(deep(500))[0]?.kind).toBe('object');
    expect(split(deep(1_000_000))[0]).toMatchObject({ kind: 'malformed', reason: 'nested deeper than 512 levels' });
  });

  it('keeps keys that come twice and keys with escapes', () => {
    const [piece] = split('{"a":1,"\\u0061":2,"é":"\\ud800","a":"\\n"}');
    expect(piece).toMatchObject({ keys: ['a', 'a', 'é', 'a'], tokens: ['1', '2', '"\\ud800"', '"\\n"'] });
  });
});

function offendingLine(text: string, piece: Piece): number {
  return text.includes('"a":1,\n{') && piece.kind === 'malformed' ? 2 : piece.lineNumber;
}

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
