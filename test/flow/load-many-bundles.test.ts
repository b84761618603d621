import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aSong } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

test('songs that fill more than one bundle are all loaded, each bundle under a name of its own', async () => {
  const loading = await startLoading(stack);
  // Each row keeps the text it came from, up to 64 KB; a bundle is full at 16 MB.
  const remark = 'x'.repeat(60_000);
  const song = (n: number) => JSON.stringify({ ...aSong({ song_id: `SO${n}`, artist_id: `AR${n}` }), remark });
  const file = (from: number) => Array.from({ length: 100 }, (_, n) => song(from + n)).join('\n');
  const files = await Promise.all([0, 100, 200, 300].map((from) => loading.put(`song_data/${from}.json`, file(from))));
  const outcome = await loading.load('songs', files);

  expect(outcome.counts.staged).toBe(400);
  expect(await loading.counts()).toMatchObject({ songs: 400, artists: 400 });
});
