import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

test.each([[[1, 5]], [[5, 1]]])(
  'a late song repairs the plays of every day on which its title was heard, in whatever order the days %j came',
  async (days) => {
    const loading = await startLoading(stack);
    for (const day of days) {
      const play = aPlay({ sessionId: day, ts: Date.UTC(2018, 10, day, 12) });
      await loading.load('logs', [await loading.put(`log_data/${day}.json`, lines(play))]);
    }
    await loading.load('songs', [await loading.put('song_data/a.json', JSON.stringify(aSong()))]);
    const plays = await loading.rows('select song_id from songplays');
    expect(plays).toEqual([{ song_id: 'SOREADMYMIND' }, { song_id: 'SOREADMYMIND' }]);
  },
);
