import { expect, test } from 'vitest';
import { pairDifferences } from '../../src/verify/differences.ts';

const compare = (rows: readonly Record<string, string | number | null>[]) => pairDifferences({ table: 'users', rows });

test('a row that differs is shown by the columns in which it differs', () => {
  const rows = [
    { row_key: 7, level: 'free', gender: null, side: 'star' },
    { row_key: 7, level: 'paid', gender: 'F', side: 'reload' },
  ];
  expect(compare(rows)).toEqual([
    { table: 'users', key: '7', column: 'level', star: 'free', reload: 'paid' },
    { table: 'users', key: '7', column: 'gender', star: 'null', reload: 'F' },
  ]);
});

test('a row on one side only is missing on the other', () => {
  expect(compare([{ row_key: 7, level: 'free', side: 'star' }])).toEqual([
    { table: 'users', key: '7', column: '(row)', star: 'there', reload: 'missing' },
  ]);
  expect(compare([{ row_key: 8, level: 'free', side: 'reload' }])).toEqual([
    { table: 'users', key: '8', column: '(row)', star: 'missing', reload: 'there' },
  ]);
});
