import { afterAll, describe, expect, it, vi } from 'vitest';
import { crashInARow, crashes, loseAnswers, record } from './support/crash.ts';
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

/** The same code applies each file of a migration: the first and the last one. */
function withTwoFiles(steps: ReturnType<typeof crashes>) {
  const files = steps.filter(({ step }) => /migrate: \d+/.test(step.name));
  return steps.filter((step) => !files.slice(1, -1).includes(step));
}

const chains = [
  { recording: migration, steps: withTwoFiles(crashes([migration])) },
  { recording: reset, steps: crashes([reset], [migration]) },
  { recording: backfill, steps: crashes([backfill]).filter(({ step }) => isOfBackfill(step)) },
  { recording: verification, steps: crashes([verification]) },
  { recording: retraction, steps: upToCommit(retraction) },
  { recording: reload, steps: crashes([reload], [load, backfill]) },
  { recording: redrive, steps: crashes([redrive]) },
  { recording: deletion, steps: crashes([deletion]) },
];

describe.concurrent(
  'killed after one call after the other was done, its answer lost: the last run ends as if nothing had happened',
  () => {
    it.each(chains)('$recording.story.name', async ({ recording, steps }) => {
      expect(steps).not.toEqual([]);
      await crashInARow(
        world,
        recording,
        steps.map(({ step }) => step),
      );
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
