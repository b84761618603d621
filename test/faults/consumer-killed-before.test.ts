import { afterAll, describe, it, vi } from 'vitest';
import { crash, crashes, record } from './support/crash.ts';
import { LOADS, PARKS, RENEWS, STOPS } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 180_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const recordings = await Promise.all([LOADS, PARKS, RENEWS, STOPS].map(async (story) => await record(world, story)));

describe.concurrent('killed before a call, another process finishes: equal to a full reload', () => {
  for (const { name, recording, step } of crashes(recordings)) {
    it(name, async () => {
      await crash(world, { recording, step, moment: 'before it is sent' });
    });
  }
});
