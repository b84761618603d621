import { afterAll, describe, it, vi } from 'vitest';
import { crash, crashes, loseAnswers, record } from './support/crash.ts';
import { LOADS, PARKS, RENEWS, STOPS } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 180_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const recordings = await Promise.all([LOADS, PARKS, RENEWS, STOPS].map(async (story) => await record(world, story)));

describe.concurrent(
  'killed after a call was done, its answer lost, another process finishes: equal to a full reload',
  () => {
    it.each(crashes(recordings))('$name', async ({ recording, step }) => {
      await crash(world, { recording, step, moment: 'after it was done, the answer lost' });
    });
  },
);

describe.concurrent(
  'the first answer of every call that has an effect is lost, and the consumer goes on by itself',
  () => {
    it.each(recordings.filter(({ story }) => story === LOADS || story === PARKS))('$story.name', async (recording) => {
      await loseAnswers(world, recording);
    });
  },
);
