import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

test('a start time is in UTC, with ISO weeks, and Sunday is day 0', async () => {
  const loading = await startLoading(stack);
  const expected = [
    // The first of January may belong to the last week of the year before, the last of December to the first of the next.
    { at: '2016-01-01T00:00:00.000Z', hour: 0, day: 1, week: 53, month: 1, year: 2016, weekday: 5 },
    { at: '2018-11-18T23:59:59.999Z', hour: 23, day: 18, week: 46, month: 11, year: 2018, weekday: 0 },
    { at: '2018-12-31T12:00:00.500Z', hour: 12, day: 31, week: 1, month: 12, year: 2018, weekday: 1 },
    { at: '2020-02-29T05:30:00.000Z', hour: 5, day: 29, week: 9, month: 2, year: 2020, weekday: 6 },
  ];
  const plays = expected.map(({ at }, n) => aPlay({ sessionId: n, ts: Date.parse(at) }));
  await loading.load('logs', [await loading.put('log_data/1.json', lines(...plays, ...plays))]);

  const columns = `to_char(start_time, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, hour, day, week, month, year, weekday`;
  expect(await loading.rows(`select ${columns} from time order by start_time`)).toEqual(expected);
});
