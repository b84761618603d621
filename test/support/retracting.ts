import { realClock, realRandom } from '../../src/app/real.ts';
import type { Dataset } from '../../src/core/dataset.ts';
import type { Batch, LoadBatch, LoadOutcome } from '../../src/core/load.ts';
import type { RetractedObject, Retraction } from '../../src/core/loading/retraction.ts';
import { createPlanRetraction, retractionBatch } from '../../src/loaders/retract.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import type { Loading } from './loading.ts';

const NEVER = new AbortController().signal;

/** A batch of this lets a person load settled files again. */
export const RELOADED = {
  source: 'operator',
  decision: { action: 'reload', operator: 'test', why: null, undoesRetraction: false },
} as const satisfies Partial<Batch>;

/** Plans retractions and runs them, as `sparkify retract` does. */
export function retracting(
  { settings, store, warehouse }: Pick<Loading, 'settings' | 'store' | 'warehouse'>,
  load: LoadBatch,
) {
  const parts = { store, warehouse, clock: realClock, random: realRandom, emit: () => undefined, settings };
  const planOf = createPlanRetraction({ ...parts, library: openSqlLibrary() });
  const plan = async (dataset: Dataset, objects: readonly RetractedObject[]): Promise<Retraction> =>
    await planOf(dataset, objects, NEVER);
  const runPlanned = async (planned: Retraction): Promise<LoadOutcome> =>
    await load(retractionBatch(parts, { ...planned, operator: 'test', why: 'a test' }), NEVER);
  return {
    plan,
    runPlanned,
    run: async (dataset: Dataset, objects: readonly RetractedObject[]) =>
      await runPlanned(await plan(dataset, objects)),
  };
}
