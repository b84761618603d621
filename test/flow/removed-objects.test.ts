import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';
import { forgetAll } from './support/every-way.ts';
import { LineagePlace, play } from './support/lineage-place.ts';

const stack = useStack();
const NEVER = new AbortController().signal;
const place = LineagePlace.use(stack);
const { load, loaded, plays, put } = place;

describe('a deleted object, with SPARKIFY_ON_DELETE=remove', () => {
  const deletion = async (name: string): Promise<FileEvent> => {
    const { bucket } = place.loading.settings;
    const key = `log_data/${name}.json`;
    await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    return aDeletion(bucket, key);
  };
  let deletions = 0;
  function aDeletion(bucket: string, key: string): FileEvent {
    deletions += 1;
    const sequencer = `AA${deletions.toString(16).toUpperCase()}`;
    return { change: 'delete', bucket, key, etag: '', versionId: null, sequencer, size: 0, eventTimeMs: Date.now() };
  }

  test('loses its rows, and rows of other files replace them; a late notice of the put changes nothing', async () => {
    const a = await put('a', 0, play(1), play(2));
    await loaded(a, await put('b', 5, play(3), play(2, { level: 'b' })));
    const gone = await deletion('b');
    const { counts, files } = await load(aBatch('logs', [gone]));
    expect(files).toMatchObject([{ status: 'removed' }]);
    expect(counts).toMatchObject({ removed: 1, updated: 2 });
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2']);
    await loaded(await deletion('b'), { ...a, key: 'log_data/b.json', sequencer: 'A1' });
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2']);
    expect(await place.loading.rows('select distinct status from ingest_objects order by 1')).toEqual([
      { status: 'live' },
      { status: 'removed' },
    ]);
    // Put again: another object, whatever its last-modified.
    await loaded(await put('b', 1, play(3)));
    expect(await plays()).toContain('3 paid b:1');
  });

  test('a deletion processed before the publish keeps a load that read the object from publishing', async () => {
    for (const isKnown of [false, true]) {
      await forgetAll(place.loading);
      if (isKnown) {
        await loaded(await put('a', 0, play(1)));
        await loaded(await deletion('a'));
      }
      const file = await put('a', 5, play(2));
      let isDeleted = false;
      const late = place.loading.anotherLoader({
        store: place.store,
        warehouse: aroundTransactions(place.loading.warehouse, async (input, run) => {
          const results = await run(input);
          // The deletion comes and is settled while the batch is staged.
          if (stageOf(input) === 'stage' && !isDeleted) {
            isDeleted = true;
            await loaded(await deletion('a'));
          }
          return results;
        }),
      });
      await late(aBatch('logs', [file]), NEVER);
      expect(await plays()).toEqual([]);
    }
  });

  test('a deletion of an object that exists again loads the object', async () => {
    await loaded(await put('a', 0, play(1)));
    const gone = await deletion('a');
    await put('a', 5, play(2));
    await loaded(gone);
    expect(await plays()).toEqual(['2 paid a:1']);
  });

  test.each(['open', 'probe'] as const)(
    'a deletion about which S3 does not say whether the object exists (%s) settles nothing, and the next delivery removes the rows',
    async (silent) => {
      await loaded(await put('a', 0, play(1)), await put('b', 5, play(2)));
      const gone = await deletion('b');
      const inner = place.store;
      const answer = async <T>(operation: string, key: string, ask: () => Promise<T>): Promise<T> => {
        if (operation === silent && key === gone.key) throw new IngestError('service_unavailable', 'S3 is busy.');
        return await ask();
      };
      const late = place.loading.anotherLoader({
        store: {
          put: async (input) => await inner.put(input),
          remove: async (input) => await inner.remove(input),
          list: (input) => inner.list(input),
          open: async (input) => await answer('open', input.key, async () => await inner.open(input)),
          probe: async (input) => await answer('probe', input.key, async () => await inner.probe(input)),
        },
        clock: { nowMs: Date.now, sleep: async () => await Promise.resolve() },
      });
      const other = await put('c', 6, play(3));
      const outcome = await late(aBatch('logs', [gone, other]), NEVER);
      expect(outcome.files).toMatchObject([{ file: { key: other.key }, status: 'loaded' }]);
      const reason = expect.stringMatching(/SQS delivers the notification again.*dead-letters redrive/) as unknown;
      expect(outcome.released).toEqual([{ file: gone, reason }]);
      expect(await late(aBatch('logs', [gone]), NEVER)).toMatchObject({ files: [], released: [{ file: gone }] });
      expect(await plays()).toEqual(['1 paid a:1', '2 paid b:1', '3 paid c:1']);
      expect(await place.loading.rows("select 1 from ingest_files where status <> 'loaded'")).toEqual([]);

      expect((await load(aBatch('logs', [gone]))).files).toMatchObject([{ status: 'removed' }]);
      expect(await plays()).toEqual(['1 paid a:1', '3 paid c:1']);
    },
  );

  test('a deletion of most of the bucket waits for an hour before it removes any row, whichever consumers receive it', async () => {
    let nowMs = Date.now();
    const clock = { nowMs: () => nowMs, sleep: async () => await Promise.resolve() };
    const aConsumer = (more: Parameters<typeof place.loading.anotherLoader>[0] = {}) =>
      place.loading.anotherLoader({ clock, ...more });
    const names = Array.from({ length: 120 }, (_, n) => `m${n}`);
    const files = await Promise.all(names.map(async (name, n) => await put(name, 0, play(n + 1))));
    await aConsumer()(aBatch('logs', files), NEVER);
    const gone = await Promise.all(names.map(async (name) => await deletion(name)));
    const stopped = (objects: number) => ({
      code: 'removals_stopped',
      message: expect.stringMatching(new RegExp(`${objects} objects .* SPARKIFY_ON_DELETE=keep`)) as unknown,
    });
    const [mine, others] = [gone.slice(0, 60), gone.slice(60, 119)];
    // Neither part is too large by itself; the other one is published while this one is staged.
    const careful = aConsumer({
      warehouse: aroundTransactions(place.loading.warehouse, async (input, run) => {
        const results = await run(input);
        if (stageOf(input) === 'stage' && others.length > 0) await aConsumer()(aBatch('logs', others.splice(0)), NEVER);
        return results;
      }),
    });
    await expect(careful(aBatch('logs', mine), NEVER)).rejects.toMatchObject(stopped(119));
    expect(await place.loading.counts()).toMatchObject({ songplays: 61 });
    // A process that starts now knows it, too, also of the smallest deletion.
    await expect(aConsumer()(aBatch('logs', gone.slice(0, 42)), NEVER)).rejects.toMatchObject(stopped(101));
    // The load asks again and again.
    for (let minutes = 9; minutes < 60; minutes += 9) {
      nowMs += 9 * 60_000;
      await expect(careful(aBatch('logs', mine), NEVER)).rejects.toMatchObject(stopped(119));
    }
    nowMs += 9 * 60_000;
    await careful(aBatch('logs', mine), NEVER);
    await careful(aBatch('logs', gone.slice(119)), NEVER);
    expect(await place.loading.counts()).toMatchObject({ songplays: 0 });

    // Loads without deletions do not keep the brake open.
    for (const session of [500, 501, 502]) {
      nowMs += 30 * 60_000;
      await careful(aBatch('logs', [await put(`n${session}`, 0, play(session))]), NEVER);
    }
    await expect(careful(aBatch('logs', [await deletion('n500')]), NEVER)).rejects.toMatchObject(stopped(121));
  });
});
