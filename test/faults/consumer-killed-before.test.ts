import { afterAll, describe, it, vi } from 'vitest';
import { crash, crashInARow, crashes, record } from './support/crash.ts';
import { LOADS, PARKS, RENEWS, STOPS } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 600_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const moment = 'before it is sent';
const [loads, ...others] = await Promise.all([
  record(world, LOADS),
  record(world, PARKS),
  record(world, RENEWS),
  record(world, STOPS),
]);

describe.concurrent('killed before a call, another process finishes: equal to a full reload', () => {
  it('a consumer at one call after the other', async () => {
    await crashInARow(
      world,
      loads,
      crashes([loads]).map(({ step }) => ({ step, moment })),
    );
  });

  for (const { name, recording, step } of crashes(others, [loads])) {
    it(name, async () => {
      await crash(world, { recording, step, moment });
    });
  }
});
