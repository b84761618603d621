import { afterAll, describe, expect, it, vi } from 'vitest';
import { crash, crashInARow, crashes, loseAnswers, record } from './support/crash.ts';
import { obey } from '../support/fault-proxy.ts';
import { Scene } from './support/scene.ts';
import { LOADS, ONE_LOG, PARKS, PUBLISH, RENEWS, STOPS, UNTIL_IDLE } from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 600_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const [loads, parks, renews, stops] = await Promise.all([
  record(world, LOADS),
  record(world, PARKS),
  record(world, RENEWS),
  record(world, STOPS),
]);

describe.concurrent(
  'killed after a call was done, its answer lost, another process finishes: equal to a full reload',
  () => {
    it('a consumer at one call after the other', async () => {
      const steps = crashes([loads]).map(({ step }) => step);
      await crashInARow(world, loads, steps);
    });

    it.each(crashes([parks, renews, stops], [loads]))('$name', async ({ recording, step }) => {
      await crash(world, recording, step);
    });
  },
);

describe.concurrent(
  'the first answer of every call that has an effect is lost, and the consumer resumes automatically',
  () => {
    it.each([loads, parks])('$story.name', async (recording) => {
      await loseAnswers(world, recording);
    });

    it('so often that the SDK gives up: the loader finds out whether a statement ran', async () => {
      const steps = loads.steps.filter(({ name }) => name === PUBLISH || name.includes('sparkify stage'));
      await loseAnswers(world, loads, { steps, times: 4 });
    });
  },
);

describe.concurrent('a publishing transaction that is still on its way when its sender dies', () => {
  it('meets that of the next process, and they count once', async () => {
    const scene = await Scene.open(world);
    try {
      await scene.migrate();
      await scene.put(ONE_LOG);
      const met = Promise.withResolvers<undefined>();
      let late: Promise<void> | undefined;
      const first = scene.start(UNTIL_IDLE);
      scene.proxy.decide(async (effect, forward) => {
        if (effect?.name !== PUBLISH) return await obey(effect, forward);
        if (late !== undefined) {
          met.resolve(undefined);
          return await obey(effect, forward);
        }
        late = met.promise.then(forward);
        first.kill('SIGKILL');
        await late;
        return 'lose';
      });
      expect(await first.end).toMatchObject({ signal: 'SIGKILL' });
      await scene.endLeases();
      const end = await scene.start(UNTIL_IDLE).end;
      expect(end, end.stderr).toMatchObject({ code: 0 });
      await late;
      expect(await scene.messagesLeft()).toBe(0);
      await scene.run(['verify']);
      const { schema } = scene.place;
      const { rows } = await world.pool.query(`select object_key, status from ${schema}.ingest_files`);
      expect(rows).toEqual([{ object_key: ONE_LOG.key, status: 'loaded' }]);
    } finally {
      await scene.close();
    }
  });
});
