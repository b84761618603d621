import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkSongs, songRows, songText } from '../../src/core/song-rows.ts';
import type { SongProblem, SongRow } from '../../src/core/song-rows.ts';
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

/** The first problem of a file, or its rows. */
function rowsOf(body: string | Uint8Array): { problem: SongProblem | null; rows: readonly SongRow[] } {
  const text = songText(typeof body === 'string' ? Buffer.from(body) : body);
  if (typeof text !== 'string') return { problem: text, rows: [] };
  const problem = [...checkSongs(text)].find((one) => one !== null) ?? null;
  if (problem !== null) return { problem, rows: [] };
  return { problem, rows: [...songRows(FILE, { etag: 'read', lastModifiedMs: 1542672042000 }, text)] };
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

test('a version that was read and holds no song leaves a tombstone; one that cannot be read has a problem', () => {
  const empty = rowsOf('\n');
  expect(empty.problem).toBeNull();
  expect(empty.rows).toEqual([expect.objectContaining({ row_number: 0, row_text: null, etag: 'read' })]);
  expect(empty.rows[0]).not.toHaveProperty('title');
  const broken = [
    ['json_invalid', '{"song_id": "S"}{'],
    ['json_invalid', `{"song_id": ${'['.repeat(1_000)}`],
    ['too_large', `{"song_id": [${'0,'.repeat(10_000)}0]}`],
    ['too_large', '{}'.repeat(100_001)],
    ['utf8_invalid', Buffer.from([0x7b, 0xff, 0x7d])],
    ['text_invalid', '{"song_id": "S", "title": "a\\u0000b"}'],
    ['text_invalid', '{"song_id": "S", "title": "\\ud800"}'],
  ] as const;
  for (const [code, body] of broken) expect(rowsOf(body).problem?.code).toBe(code);
});

test('a value wider than any column is cut only so far that it is still rejected as too long', () => {
  const { rows } = rowsOf(JSON.stringify({ song_id: 'S', title: 'ü'.repeat(50_000) }));
  const bytes = Buffer.byteLength(rows[0]?.title ?? '');
  expect(bytes).toBeLessThanOrEqual(65_535);
  expect(bytes).toBeGreaterThan(65_000);
  expect(Buffer.byteLength(rows[0]?.row_text ?? '')).toBeLessThanOrEqual(65_535);
});
