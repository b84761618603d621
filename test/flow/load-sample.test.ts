import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../shared/data/sparkify');
const stack = useStack();

function sampleFiles(folder: string): string[] {
  return readdirSync(join(SAMPLE, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => `${folder}/${name}`);
}

test.skipIf(!existsSync(SAMPLE))(
  'three real days of logs and 47 real songs give 827 plays, 52 users, 47 songs, 45 artists and 827 times (skipped without the sample)',
  async () => {
    const loading = await startLoading(stack);
    const put = (name: string) => loading.put(name, readFileSync(join(SAMPLE, name)));
    const logs = await Promise.all(sampleFiles('log_data').map(put));
    const songs = await Promise.all(sampleFiles('song_data').map(put));

    const loadedSongs = await loading.load('songs', songs);
    const loadedLogs = await loading.load('logs', logs);

    expect(await loading.counts()).toEqual({ songplays: 827, users: 52, songs: 47, artists: 45, time: 827 });
    expect(loadedSongs.counts).toEqual({ staged: 47, rejected: 0, inserted: 92, updated: 0, repaired: 0, removed: 0 });
    expect(loadedLogs.counts).toMatchObject({ rejected: 0, inserted: 827 + 52, updated: 0 });
    expect(loadedLogs.roundTrips).toBeLessThanOrEqual(12);
    expect(loadedSongs.roundTrips).toBeLessThanOrEqual(12);
  },
);
