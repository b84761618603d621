import { expect, test } from 'vitest';
import { pairDifferences } from '../../src/verify/differences.ts';

const NOWHERE = { time: null, user: null, file: null };
const compare = (rows: readonly Record<string, string | number | null>[]) => pairDifferences({ table: 'users', rows });

test('a row that differs is shown by the columns in which it differs', () => {
  const rows = [
    { row_key: 7, level: 'free', gender: null, side: 'star' },
    { row_key: 7, level: 'paid', gender: 'F', side: 'reload' },
  ];
  expect(compare(rows)).toEqual([
    { table: 'users', key: '7', column: 'level', star: 'free', reload: 'paid', ...NOWHERE },
    { table: 'users', key: '7', column: 'gender', star: 'null', reload: 'F', ...NOWHERE },
  ]);
});

test('a row on one side only is missing on the other', () => {
  expect(compare([{ row_key: 7, level: 'free', side: 'star' }])).toEqual([
    { table: 'users', key: '7', column: '(row)', star: 'there', reload: 'missing', ...NOWHERE },
  ]);
  expect(compare([{ row_key: 8, level: 'free', side: 'reload' }])).toEqual([
    { table: 'users', key: '8', column: '(row)', star: 'missing', reload: 'there', ...NOWHERE },
  ]);
});

test('a difference names the time, the user and the file of the row', () => {
  const row = {
    row_key: 'x',
    start_time: '2018-11-15 10:00:00',
    user_id: 7,
    row_object: 'id',
    row_file: 'log_data/a.json',
  };
  expect(compare([{ ...row, level: 'free', side: 'star' }])).toMatchObject([
    { time: '2018-11-15 10:00:00', user: '7', file: 'log_data/a.json' },
  ]);
});
