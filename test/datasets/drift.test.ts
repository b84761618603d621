import { expect, test } from 'vitest';
import type { Dataset } from '../../src/core/dataset.ts';
import type { Drift } from '../../src/core/drift.ts';
import { driftOfFiles } from '../../src/datasets/drift-of-file.ts';
import { ObjectSplitter } from '../../src/reader/split-objects.ts';
import { aPlay, aSong } from '../support/log-events.ts';

/** What the objects of one file differ in, as `change key: count (first line)`. */
function driftOf(dataset: Dataset, objects: readonly object[], differs = driftOfFiles()): readonly string[] {
  const file = differs({ dataset, bucket: 'b', key: 'k' });
  const splitter = new ObjectSplitter();
  const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  for (const piece of splitter.push(Buffer.from(text))) if (piece.kind === 'object') file.add(piece);
  const shown = ({ change, count, example, key }: Drift) => `${change} ${key}: ${count} (${example.lineNumber})`;
  return file.end().map(shown);
}

test('a file as its producers write it does not differ', () => {
  expect(driftOf('logs', [aPlay({}), aPlay({ userId: 7, length: null })])).toEqual([]);
  expect(driftOf('songs', [aSong({})])).toEqual([]);
  expect(driftOf('logs', [])).toEqual([]);
});

test('unknown keys and other JSON types are counted by object, with the first line', () => {
  const usual = aPlay({});
  expect(driftOf('logs', [usual, { ...usual, device: 'tv' }, { ...usual, device: 1, ts: '1541106106796' }])).toEqual([
    'unknown device: 2 (2)',
    'retyped ts: 1 (3)',
  ]);
  expect(driftOf('songs', [{ ...aSong({}), year: '1999', genre: [] }])).toEqual([
    'unknown genre: 1 (1)',
    'retyped year: 1 (1)',
  ]);
});

test('a key that the model reads and that no object of the file has is counted once; a key in other letters is there', () => {
  const { song, userAgent, ...others } = aPlay({}) as Record<string, unknown>;
  expect(driftOf('logs', [others, others, { ...others, SONG: song, userAgent }])).toEqual([]);
  expect(driftOf('logs', [others, { ...others, SONG: song }])).toEqual(['vanished userAgent: 1 (1)']);
});

test('a file of a thousand unknown keys is counted for a limited number of keys', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));
  expect(driftOf('logs', [{ ...aPlay({}), ...many }])).toHaveLength(50);
});
