import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const signal = new AbortController().signal;

test('a result of several pages is read to its last row, and each row once', async () => {
  const loading = await startLoading(stack);
  // Some five megabytes: more than any page of the Data API.
  const plays = Array.from({ length: 2_500 }, (_, n) => aPlay({ itemInSession: n, userAgent: 'x'.repeat(2_000) }));
  await loading.load('logs', [await loading.put('log_data/1.json', lines(...plays))]);
  const session = loading.warehouse.openSession();
  const before = loading.warehouse.roundTrips();
  const [, selected] = await session.transaction({
    name: 'long result',
    isLasting: false,
    token: `long-result-${process.pid}`,
    statements: [
      `set search_path to "${loading.settings.schema}"`,
      'select item_in_session, user_agent from songplays order by item_in_session',
    ],
    signal,
  });
  if (selected === undefined) throw new Error('The select has no result.');
  const rows = await session.rows(selected, signal);

  expect(loading.warehouse.roundTrips() - before, 'calls: submit, wait, and a page each').toBeGreaterThan(3);
  expect(rows.map((row) => row['item_in_session'])).toEqual(plays.map((_, n) => n));
});
