import { afterAll, describe, it, vi } from 'vitest';
import { MOMENTS, crash, crashInARow, crashes, loseAnswers, record } from './support/crash.ts';
import { BACKFILLS, LOADS, MIGRATES, RESETS, VERIFIES } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 180_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const recordings = await Promise.all(
  [MIGRATES, RESETS, LOADS, BACKFILLS].map(async (story) => await record(world, story)),
);
// Consumers have files of their own; what is left of a backfill is what it does in another way than a consumer.
const cases = crashes(recordings).filter(({ recording }) => recording.story !== LOADS);

describe.concurrent.each(MOMENTS)('killed at a call, %s: run again, it ends as if nothing had happened', (moment) => {
  it.each(cases)('$name', async ({ recording, step }) => {
    await crash(world, { recording, step, moment });
  });
});

describe.concurrent(
  'the first answer of every call that has an effect is lost, and the program goes on by itself',
  () => {
    it.each(recordings.filter(({ story }) => story === BACKFILLS || story === MIGRATES))(
      '$story.name',
      async (recording) => {
        await loseAnswers(world, recording);
      },
    );
  },
);

it.concurrent(
  'a verification that is killed at every call, one after the other, leaves nothing in the way of the next',
  async () => {
    await crashInARow(world, await record(world, VERIFIES));
  },
);
