import { afterAll, describe, it, vi } from 'vitest';
import { MOMENTS, crash, crashInARow, crashes, loseAnswers, record } from './support/crash.ts';
import { BACKFILLS, LOADS, MIGRATES, PUBLISH, RESETS, VERIFIES } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 180_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const [migration, reset, load, backfill] = await Promise.all([
  record(world, MIGRATES),
  record(world, RESETS),
  record(world, LOADS),
  record(world, BACKFILLS),
]);
const cases = [
  ...crashes([migration, reset]),
  // Consumers have files of their own: of a backfill, what it does in another way, and its commits.
  ...crashes([backfill], [load]),
  ...crashes([backfill]).filter(({ step }) => step.name === PUBLISH),
];

for (const moment of MOMENTS) {
  describe.concurrent(`killed at a call, ${moment}: run again, it ends as if nothing had happened`, () => {
    for (const { name, recording, step } of cases) {
      it(name, async () => {
        await crash(world, { recording, step, moment });
      });
    }
  });
}

describe.concurrent(
  'the first answer of every call that has an effect is lost, and the program goes on by itself',
  () => {
    it.each([backfill, migration])('$story.name', async (recording) => {
      await loseAnswers(world, recording);
    });
  },
);

describe.concurrent('a verification that is killed at every call, one after the other', () => {
  it('leaves nothing in the way of the next', async () => {
    await crashInARow(world, await record(world, VERIFIES));
  });
});
