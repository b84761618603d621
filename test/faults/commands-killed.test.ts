import { afterAll, describe, it, vi } from 'vitest';
import { MOMENTS, crashInARow, crashes, loseAnswers, record } from './support/crash.ts';
import {
  BACKFILLS,
  DELETES,
  LOADS,
  MIGRATES,
  PUBLISH,
  REDRIVES,
  RELOADS,
  RESETS,
  RETRACTS,
  VERIFIES,
} from './support/stories.ts';
import { startWorld } from './support/world.ts';

vi.setConfig({ testTimeout: 600_000, maxConcurrency: 3 });

const world = await startWorld();
afterAll(() => world.stop());

const [migration, reset, load, backfill, verification, retraction, reload, redrive, deletion] = await Promise.all([
  record(world, MIGRATES),
  record(world, RESETS),
  record(world, LOADS),
  record(world, BACKFILLS),
  record(world, VERIFIES),
  record(world, RETRACTS),
  record(world, RELOADS),
  record(world, REDRIVES),
  record(world, DELETES),
]);
/** Consumers have separate test files. Of a backfill, only the steps that differ, and its commits. */
const known = new Set(load.steps.map(({ id }) => id));
const isOfBackfill = ({ id, name }: (typeof backfill.steps)[number]) => name === PUBLISH || !known.has(id);
/** After its commit nothing is left to do: the next run says so, and makes no further call. */
function upToCommit(recording: typeof retraction) {
  const steps = crashes([recording], [load]);
  return steps.slice(0, steps.findIndex(({ step }) => step.name === PUBLISH) + 1);
}

function inTurn(steps: ReturnType<typeof crashes>) {
  return steps.map(({ step }, index) => ({ step, moment: MOMENTS[index % 2] ?? 'before it is sent' }));
}

const chains = [
  { recording: backfill, steps: crashes([backfill]).filter(({ step }) => isOfBackfill(step)) },
  { recording: retraction, steps: upToCommit(retraction) },
  { recording: redrive, steps: crashes([redrive]) },
  { recording: deletion, steps: crashes([deletion]) },
];

describe.concurrent(
  'killed at one call after the other, before it is sent and after it was done, its answer lost: the last run ends as if nothing had happened',
  () => {
    it.each(chains)('$recording.story.name', async ({ recording, steps }) => {
      const kills = steps.flatMap(({ step }) => MOMENTS.map((moment) => ({ step, moment })));
      await crashInARow(world, recording, kills);
    });

    // The same code for each file of a migration, and in another order for the others.
    it.each([
      { recording: migration, steps: crashes([migration]) },
      { recording: reset, steps: crashes([reset], [migration]) },
      { recording: reload, steps: crashes([reload], [load, backfill]) },
    ])('$recording.story.name, before and after in turn', async ({ recording, steps }) => {
      await crashInARow(world, recording, inTurn(steps));
    });

    // It changes nothing that lasts: every run makes every call again.
    it('a verification, before and after in turn', async () => {
      await crashInARow(world, verification, inTurn(crashes([verification])));
    });
  },
);

describe.concurrent(
  'the first answer of every call that has an effect is lost, and the program resumes automatically',
  () => {
    it.each([backfill, migration, retraction, redrive])('$story.name', async (recording) => {
      await loseAnswers(world, recording);
    });
  },
);
