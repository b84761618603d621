import fc from 'fast-check';
import { expect, test } from 'vitest';
import { songRows } from '../../src/core/song-rows.ts';
import { splitJson } from '../../src/core/split-json.ts';

const FILE = {
  bucket: 'b',
  key: 'song_data/TR1.json',
  etag: 'old',
  versionId: null,
  sequencer: '5a',
  size: 1,
  eventTimeMs: 1,
};

function rowsOf(body: string | Uint8Array) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return songRows(FILE, { bytes, etag: 'read', lastModifiedMs: 1542672042000 });
}

test('objects between white space are split where they end, whatever their strings hold', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.dictionary(fc.string(), fc.jsonValue()),
          fc.constantFrom(0, 2),
          fc.constantFrom('', ' ', '\n', '\r\n\t'),
        ),
      ),
      (parts) => {
        const text = parts
          .map(([object, indent, gap]) => `${gap}${JSON.stringify(object, null, indent)}${gap}`)
          .join('');
        const pieces = [...splitJson(text)];
        expect(pieces.map((piece) => piece.kind === 'object' && JSON.stringify(JSON.parse(piece.text)))).toEqual(
          parts.map(([object]) => JSON.stringify(JSON.parse(JSON.stringify(object)))),
        );
      },
    ),
  );
});

test.each([
  ['[{"a": 1}]', 1, 1],
  ['{"a": 1},\n{"a": 2}', 1, 9],
  ['{"a": 1}\n\n  {"a": 2', 3, 3],
  ['{"a": 1}\n{"a" 2}', 2, 6],
  // The parser does not say where an unknown word stands; the object's beginning leads there.
  ['{"a": 1}\n{"a": oops}', 2, 1],
  ['null', 1, 1],
])('%j is broken at line %i, column %i', (text, lineNumber, columnNumber) => {
  expect([...splitJson(text)].at(-1)).toMatchObject({ kind: 'broken', problem: { lineNumber, columnNumber } });
});

test('a row carries its stamps and its values as the text they were', () => {
  const { problem, rows } = rowsOf(
    '{"song_id":"S","TITLE":99,"duration":241.47546000,"artist_latitude":-1e-7,"year":null}',
  );
  expect(problem).toBeNull();
  expect(rows).toEqual([
    {
      source_id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
      row_number: 1,
      bucket: 'b',
      object_key: 'song_data/TR1.json',
      etag: 'read',
      last_modified_ms: 1542672042000,
      sequencer: '5A'.padStart(32, '0'),
      song_id: 'S',
      title: '99',
      duration: '241.47546000',
      artist_latitude: '-1e-7',
      year: null,
      line_number: 1,
      row_text: '{"song_id":"S","TITLE":99,"duration":241.47546000,"artist_latitude":-1e-7,"year":null}',
    },
  ]);
});

test('an object without a usable song leaves a tombstone, and says why when it is broken', () => {
  const empty = rowsOf('\n');
  expect([empty.problem, empty.rows.map((row) => row.row_number)]).toEqual([null, [0]]);
  const broken = [
    ['json_invalid', '{"song_id": "S"}{'],
    ['utf8_invalid', Buffer.from([0x7b, 0xff, 0x7d])],
    ['text_invalid', '{"song_id": "S", "title": "a\\u0000b"}'],
    ['text_invalid', '{"song_id": "S", "title": "\\ud800"}'],
  ] as const;
  for (const [code, body] of broken) {
    const { problem, rows } = rowsOf(body);
    expect(problem?.code).toBe(code);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ row_number: 0, row_text: null, etag: 'read' });
    expect(rows[0]).not.toHaveProperty('title');
  }
});

test('a value wider than any column is cut only so far that it is still rejected as too long', () => {
  const { rows } = rowsOf(JSON.stringify({ song_id: 'S', title: 'ü'.repeat(50_000) }));
  const bytes = Buffer.byteLength(rows[0]?.title ?? '');
  expect(bytes).toBeLessThanOrEqual(65_535);
  expect(bytes).toBeGreaterThan(65_000);
  expect(Buffer.byteLength(rows[0]?.row_text ?? '')).toBeLessThanOrEqual(65_535);
});
