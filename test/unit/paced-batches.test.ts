import { expect, it } from 'vitest';
import { Paces, pacedBatches } from '../../src/backfill/paced-batches.ts';
import { groupOf } from '../../src/backfill/plan-backfill.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { aFile } from './file-events.ts';

/** One group of files, of which only one fits the first pace. `lookUp` may be replaced; the clock stands still unless it is set. */
function aGroup(names: readonly string[]) {
  const files = names.map((name) => aFile({ key: `log_data/${name}`, size: 600_000 }));
  const seen = { nowMs: 0, lookUps: 0, released: 0, lookUp: (left: readonly FileEvent[]) => left };
  const groups = async function* groups() {
    const release = async () => await Promise.resolve(void (seen.released += 1));
    yield await Promise.resolve({ group: groupOf('logs', files), release });
  };
  const batches = pacedBatches(groups(), {
    clock: { nowMs: () => seen.nowMs, sleep: async () => await Promise.resolve() },
    paces: new Paces(),
    lookUp: async ({ files: left }) => {
      seen.lookUps += 1;
      return await Promise.resolve(seen.lookUp(left));
    },
  });
  const next = async () => {
    const { done, value } = await batches.next();
    return done === true ? null : value;
  };
  return { batches, next, seen };
}

it('releases a group when the last of its loads has ended', async () => {
  const { next, seen } = aGroup(['a', 'b']);
  const [first, second] = [await next(), await next()];
  expect([first?.files.length, second?.files.length, await next()]).toEqual([1, 1, null]);
  await second?.done();
  expect(seen.released).toBe(0);
  await first?.done();
  expect(seen).toMatchObject({ released: 1, lookUps: 1 });
});

it('releases a group of which nothing is lacking, and one of which no further batch is taken', async () => {
  const settled = aGroup(['a']);
  settled.seen.lookUp = () => [];
  expect(await settled.next()).toBeNull();
  expect(settled.seen.released).toBe(1);

  const stopped = aGroup(['a', 'b']);
  const batch = await stopped.next();
  await stopped.batches.return();
  expect(stopped.seen.released).toBe(0);
  await batch?.done();
  expect(stopped.seen.released).toBe(1);
});

it('looks the files that are left up again after a minute, however long a look-up takes', async () => {
  const { next, seen } = aGroup(['a', 'b', 'c']);
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
