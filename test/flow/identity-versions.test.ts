import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { RELOADED } from '../support/retracting.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { aRecord, anEventBridgeEvent, anSnsEnvelope, s3Message } from '../unit/s3-messages.ts';
import { forgetAll, loadBatches, storedAt } from './support/every-way.ts';

const stack = useStack();
const NOON = Date.UTC(2018, 10, 15, 12);

/** Three versions are stored one after the other; the notice of each is loaded at any later time. */
type Step = 'put 2' | 'put 3' | 'load 1' | 'load 2' | 'load 3';
const FOLLOWS: Readonly<Record<Step, Step | null>> = {
  'put 2': null,
  'put 3': 'put 2',
  'load 1': null,
  'load 2': 'put 2',
  'load 3': 'put 3',
};

function everyCourse(done: readonly Step[] = []): readonly (readonly Step[])[] {
  const possible = (Object.keys(FOLLOWS) as Step[]).filter((step) => {
    const before = FOLLOWS[step];
    return !done.includes(step) && (before === null || done.includes(before));
  });
  if (possible.length === 0) return [done];
  return possible.flatMap((step) => everyCourse([...done, step]));
}

// Text would sort them 10, 100, 9, and numbers are longer than what a number of JavaScript holds.
const SEQUENCERS = ['9', '10', '100'].map((end) => `55AED6DCD90281E${end}`);

describe('three versions of a log and of a song, stored within one second', () => {
  const COURSES = everyCourse();

  test(`in all ${COURSES.length} orders of puts and loads the song and the plays are those of the last version`, async () => {
    const loading = await startLoading(stack);
    const store = storedAt(loading.store, () => NOON);
    const put = async (version: number): Promise<FileEvent[]> => {
      const song = aSong({ song_id: `SO${version}`, title: `Title ${version}`, artist_id: `AR${version}` });
      const sequencer = SEQUENCERS[version - 1] ?? null;
      return [
        { ...(await loading.put('song_data/a.json', JSON.stringify(song))), sequencer },
        { ...(await loading.put('log_data/a.json', lines(aPlay({ ts: NOON, sessionId: version })))), sequencer },
      ];
    };
    for (const course of COURSES) {
      await forgetAll(loading);
      const notices = [await put(1)];
      for (const step of course) {
        const version = Number(step.at(-1));
        if (step.startsWith('put')) notices.push(await put(version));
        else await loadBatches(loading, [notices[version - 1] ?? []], store);
      }
      const { artists, songs, songplays } = await loading.star();
      const said = course.join(', ');
      expect(songs, said).toMatchObject([{ song_id: 'SO3' }]);
      expect(artists, said).toMatchObject([{ artist_id: 'AR3' }]);
      expect(songplays, said).toMatchObject([{ session_id: '3' }]);
    }
    // The last course loaded everything as it came; before that an older version was read under a newer notice.
    expect(await verified({ ...loading, store })).toMatchObject({ equal: true, notCompared: { files: 0 } });
  }, 300_000);
});

test('an object deleted before its second notice keeps its loaded rows, in any order of notices', async () => {
  const loading = await startLoading(stack);
  const [song, play] = [JSON.stringify(aSong()), lines(aPlay({ ts: NOON }))];
  const put = async () => [await loading.put('song_data/a.json', song), await loading.put('log_data/a.json', play)];
  const [first, second] = [await put(), await put()];
  await loadBatches(loading, [second]);
  for (const { bucket, key } of first) await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  const before = await loading.star();
  await loadBatches(loading, [first]);
  expect(await loading.star()).toEqual(before);
  expect(await loading.counts()).toMatchObject({ songplays: 1, songs: 1, artists: 1 });
  expect(await loading.rows('select status from ingest_files order by status')).toEqual([
    { status: 'loaded' },
    { status: 'loaded' },
    { status: 'missing' },
    { status: 'missing' },
  ]);
  expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 2 } });
});

describe('one version that is announced by S3, by SNS and by EventBridge', () => {
  async function announced(loading: Loading): Promise<readonly FileEvent[]> {
    const { etag, key } = await loading.put('log_data/a.json', lines(aPlay({ ts: NOON })));
    const { bucket } = loading.settings;
    const record = aRecord({ bucket, key, etag: `"${etag}"`, sequencer: '00617F08299329D189', versionId: 'null' });
    const s3 = s3Message(record);
    const bridged = anEventBridgeEvent({ bucket, key, etag, sequencer: '617f08299329d189' });
    return [s3, anSnsEnvelope(s3), bridged].map(fileOf);
  }

  function fileOf(body: string): FileEvent {
    const notification = readNotification(body);
    const file = notification.kind === 'events' ? notification.files[0] : undefined;
    if (file === undefined) throw new Error(`${body} names no file`);
    return file;
  }

  test('is one ledger entry, whichever notice comes first; the others find it known', async () => {
    const loading = await startLoading(stack);
    const files = await announced(loading);
    for (const order of [files, files.toReversed()]) {
      await forgetAll(loading);
      const said: (string | undefined)[] = [];
      for (const file of order) said.push((await loading.load('logs', [file])).files[0]?.status);
      expect(said).toEqual(['loaded', 'known', 'known']);
      expect(await loading.rows('select count(*)::int as n from ingest_files')).toEqual([{ n: 1 }]);
    }
  });

  test('is loaded by a reload of any of the notices after it was quarantined', async () => {
    const loading = await startLoading(stack);
    const [first, , last] = await announced(loading);
    if (first === undefined || last === undefined) throw new Error('too few notices');
    await loading.put('log_data/a.json', '{broken');
    await loading.load('logs', [first]);
    await loading.put('log_data/a.json', lines(aPlay({ ts: NOON })));
    expect((await loading.load('logs', [last], RELOADED)).files[0]?.status).toBe('loaded');
    expect(await loading.rows('select status, attempts::int from ingest_files')).toEqual([
      { status: 'loaded', attempts: 2 },
    ]);
  });
});
