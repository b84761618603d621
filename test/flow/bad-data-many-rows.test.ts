import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const ROWS = 100_000;
const stack = useStack();

/** A log of `rows` rows, all invalid and all different. */
function badLog(rows: number): Buffer {
  const [before, after] = JSON.stringify(aPlay({ sessionId: '@', ts: 'never' })).split('"@"');
  return Buffer.from(Array.from({ length: rows }, (_, number) => `${before ?? ''}${number}${after ?? ''}\n`).join(''));
}

async function openRows(loading: Loading): Promise<Record<string, unknown>[]> {
  return await loading.rows('select rows_rejected::int as n from ingest_open order by 1');
}

async function keptRows(loading: Loading): Promise<Record<string, unknown>[]> {
  return await loading.rows(
    'select object_key, column_name, count(*)::int as n from rejected_rows group by 1, 2 order by 1, 2',
  );
}

test('a hundred thousand bad rows in one file are all counted, kept up to the limit, and cost the round trips of one', async () => {
  const loading = await startLoading(stack, undefined, { rejectedRowsMax: 500 });
  const one = await loading.load('logs', [await loading.put('log_data/one.json', lines(aPlay({ ts: 'never' })))]);

  const file = await loading.put('log_data/many.json', badLog(ROWS));
  const fine = await loading.put('log_data/fine.json', lines(aPlay({ sessionId: ROWS + 1 })));
  const many = await loading.load('logs', [file, fine]);

  expect(many.counts).toMatchObject({ staged: ROWS + 1, rejected: ROWS });
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
  expect(await loading.rows('select count(*)::int as n from rejected_rows')).toEqual([{ n: 500 + 1 }]);
  const ledger = await loading.rows('select rows_rejected::int as n from ingest_batches order by published_at');
  expect(ledger).toEqual([{ n: 1 }, { n: ROWS }]);
  expect(await openRows(loading)).toEqual([{ n: 1 }, { n: ROWS }]);
  expect(many.roundTrips).toBeLessThanOrEqual(one.roundTrips);
  expect(one.roundTrips).toBeLessThanOrEqual(12);
});

test('a frequent reason does not hide a rare one, and a file full of bad rows does not hide those of another', async () => {
  const loading = await startLoading(stack, undefined, { rejectedRowsMax: 100 });
  const files = await Promise.all([
    loading.put('log_data/1.json', badLog(5_000)),
    loading.put('log_data/2.json', lines(aPlay({ userId: 'nobody' }), aPlay({ sessionId: 1, userId: 'nobody' }))),
  ]);
  const { counts } = await loading.load('logs', files);
  expect(counts.rejected).toBe(5_002);
  expect(await keptRows(loading)).toEqual([
    { object_key: 'log_data/1.json', column_name: 'ts', n: 98 },
    { object_key: 'log_data/2.json', column_name: 'user_id', n: 2 },
  ]);
});

test('of songs, too, the bound is kept, every file in turn', async () => {
  const loading = await startLoading(stack, undefined, { rejectedRowsMax: 50 });
  const bad = (number: number) => JSON.stringify(aSong({ song_id: `SO${number}`, artist_id: null }));
  const files = await Promise.all([
    loading.put('song_data/1.json', Array.from({ length: 3_000 }, (_, number) => bad(number)).join('\n')),
    loading.put('song_data/2.json', bad(3_001)),
  ]);
  const { counts } = await loading.load('songs', files);
  expect(counts.rejected).toBe(3_001);
  expect(await keptRows(loading)).toEqual([
    { object_key: 'song_data/1.json', column_name: 'artist_id', n: 49 },
    { object_key: 'song_data/2.json', column_name: 'artist_id', n: 1 },
  ]);
});

test('with a bound of zero nothing is kept and all is counted', async () => {
  const loading = await startLoading(stack, undefined, { rejectedRowsMax: 0 });
  const file = await loading.put('log_data/1.json', lines(aPlay(), aPlay({ ts: 'never' })));
  const { counts } = await loading.load('logs', [file]);
  expect(counts).toMatchObject({ staged: 2, rejected: 1 });
  expect(await keptRows(loading)).toEqual([]);
  expect(await openRows(loading)).toEqual([{ n: 1 }]);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});
