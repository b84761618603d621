import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { aSong } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();

test('a new version of a song adds, changes and removes the values of its artist one by one', async () => {
  const loading = await startLoading(stack);
  const nothing = { artist_location: null, artist_latitude: null, artist_longitude: null };
  const versions = [
    nothing,
    { ...nothing, artist_latitude: 36.5 },
    { ...nothing, artist_longitude: -115.25 },
    { ...nothing, artist_location: '' },
    nothing,
  ];
  for (const version of versions) {
    await loading.load('songs', [await loading.put('song_data/a.json', JSON.stringify(aSong(version)))]);
    expect(await loading.rows('select location, latitude, longitude from artists')).toEqual([
      { location: version.artist_location, latitude: version.artist_latitude, longitude: version.artist_longitude },
    ]);
  }
});
