import { expect, it } from 'vitest';
import { lookedUpParts, Paces, pacedBatches } from '../../src/backfill/paced-batches.ts';
import { groupOf } from '../../src/backfill/plan-backfill.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { aFile } from './file-events.ts';

/** One part of files, of which only one fits the first pace. `lookUp` may be replaced; the clock stands still unless it is set. */
function aPart(names: readonly string[], { isLater = false } = {}) {
  const files = names.map((name) => aFile({ key: `log_data/${name}`, size: 600_000 }));
  const seen = { nowMs: 0, lookUps: 0, released: 0, lookUp: (left: readonly FileEvent[]) => left };
  const parts = {
    clock: { nowMs: () => seen.nowMs, sleep: async () => await Promise.resolve() },
    paces: new Paces(),
    lookUp: async ({ files: left }: { files: readonly FileEvent[] }) => {
      seen.lookUps += 1;
      return await Promise.resolve(seen.lookUp(left));
    },
  };
  const groups = async function* groups() {
    yield await Promise.resolve(groupOf('logs', files));
  };
  const claimed = async function* claimed() {
    const release = async () => await Promise.resolve(void (seen.released += 1));
    for await (const looked of lookedUpParts(groups(), parts)) {
      yield { ...looked, ...(isLater && { lookedUpAtMs: Number.NEGATIVE_INFINITY }), release };
    }
  };
  const batches = pacedBatches(claimed(), parts);
  const next = async () => {
    const { done, value } = await batches.next();
    return done === true ? null : value;
  };
  return { batches, next, seen };
}

it('releases a part when the last of its loads has ended', async () => {
  const { next, seen } = aPart(['a', 'b']);
  const [first, second] = [await next(), await next()];
  expect([first?.files.length, second?.files.length, await next()]).toEqual([1, 1, null]);
  await second?.done();
  expect(seen.released).toBe(0);
  await first?.done();
  expect(seen).toMatchObject({ released: 1, lookUps: 1 });
});

it('claims no part of which nothing is lacking', async () => {
  const settled = aPart(['a']);
  settled.seen.lookUp = () => [];
  expect(await settled.next()).toBeNull();
  expect(settled.seen).toMatchObject({ released: 0, lookUps: 1 });
});

it('releases a part that another backfill has loaded meanwhile, and one of which no further batch is taken', async () => {
  const loaded = aPart(['a', 'b'], { isLater: true });
  loaded.seen.lookUp = (left) => (loaded.seen.lookUps === 1 ? left : []);
  expect(await loaded.next()).toBeNull();
  expect(loaded.seen).toMatchObject({ released: 1, lookUps: 2 });

  const stopped = aPart(['a', 'b']);
  const batch = await stopped.next();
  await stopped.batches.return();
  expect(stopped.seen.released).toBe(0);
  await batch?.done();
  expect(stopped.seen.released).toBe(1);
});

it('looks the files that are left up again after a minute, however long a look-up takes', async () => {
  const { next, seen } = aPart(['a', 'b', 'c']);
  await next();
  seen.nowMs += 60_001;
  // Somebody else has loaded "b" meanwhile.
  seen.lookUp = (left) => {
    seen.nowMs += 120_000;
    return left.slice(1);
  };
  const batch = await next();
  expect([batch?.files.map(({ key }) => key), seen.lookUps]).toEqual([['log_data/c'], 2]);
  expect(await next()).toBeNull();
});

it('makes parts of 500 files of a group that was looked up once, the same in every backfill', async () => {
  const { next, seen } = aPart(Array.from({ length: 1_001 }, (_, n) => String(n).padStart(4, '0')));
  // This backfill finds less to load than another one, and the parts are those of the other one.
  seen.lookUp = (left) => left.slice(499, 1_000);
  const taken: string[] = [];
  for (let batch = await next(); batch !== null; batch = await next()) {
    taken.push(batch.files[0]?.key ?? '');
    await batch.done();
  }
  expect([taken.length, taken[0], taken.at(-1)]).toEqual([501, 'log_data/0499', 'log_data/0999']);
  expect(seen).toMatchObject({ released: 2, lookUps: 1 });
});
