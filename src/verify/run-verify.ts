import { countOf } from '../core/count-of.ts';
import { isWhole } from './part.ts';
import { qualityChecks, qualitySteps } from './quality.ts';
import { ReloadFiles } from './reload-files.ts';
import { ScratchSchema } from './scratch-schema.ts';
import { hasDifference, OBJECTS_MAX, VerifyRound } from './verify-round.ts';
import type { VerifyReport } from './report.ts';
import type { VerifyInput } from './verify-input.ts';
import type { RoundReport } from './verify-round.ts';

/** A difference that a running consumer makes is gone when its objects are looked at again. */
const ROUNDS_MAX = 3;

/**
 * Reloads the bucket, or a part of it, into a scratch schema with separate SQL, and compares the star and the tables that later loads
 * rely on with it, both ways. A file that is not read counts in its live version, as the warehouse has it
 * (`sql/verify/reload/10_files.sql`). Objects that differ, and objects that were settled meanwhile, are looked at again. The scratch
 * schema is always dropped at the end.
 *
 * @throws IngestError as the warehouse or the bucket gives it.
 */
export async function runVerify(input: VerifyInput): Promise<VerifyReport> {
  const scratch = new ScratchSchema(input);
  const files = new ReloadFiles(input);
  await scratch.dropLeftOvers();
  try {
    return await runRounds(input, { scratch, files });
  } finally {
    await cleanUp({ scratch, files, onStep: input.onStep });
  }
}

async function runRounds(
  input: VerifyInput,
  parts: { scratch: ScratchSchema; files: ReloadFiles },
): Promise<VerifyReport> {
  const { library, onStep, part } = input;
  let round = new VerifyRound(input, { ...parts, ids: null });
  const first = await round.report();
  let last: RoundReport = first;
  for (let n = 1; n < ROUNDS_MAX && last.tables.some(hasDifference); n += 1) {
    const ids = await idsToLookAtAgain(round, last);
    if (ids === null) break;
    onStep(`looking again at ${countOf(ids.size, 'object')}, because some were loaded meanwhile`);
    await parts.scratch.drop();
    round = new VerifyRound(input, { ...parts, ids });
    last = await round.report();
  }
  const quality = qualityChecks(library, await parts.scratch.run('quality', qualitySteps(library)));
  const isConsistent = !last.tables.some(hasDifference);
  const { differing, tables } = last;
  return {
    ...first,
    tables,
    equal: isConsistent && isWhole(part),
    consistent: isConsistent,
    part: isWhole(part) ? null : part,
    quality,
    differingKeys: [...new Set(differing.values())].toSorted(),
  };
}

/** @returns `null` when nothing was settled during the round, or when more differs or was settled than can be named. */
async function idsToLookAtAgain(round: VerifyRound, { differing }: RoundReport): Promise<ReadonlySet<string> | null> {
  const settled = await round.settledMeanwhile();
  if (settled === null || settled.length === 0 || differing.size > OBJECTS_MAX) return null;
  return new Set([...settled, ...differing.keys()]);
}

/** A failed cleanup must not hide the result or the original error; a later run drops the schema. */
async function cleanUp(run: { scratch: ScratchSchema; files: ReloadFiles; onStep: VerifyInput['onStep'] }) {
  const { files, onStep, scratch } = run;
  try {
    await files.removeParts();
  } catch (error) {
    onStep(`could not delete the work files of this run; you can delete them (${why(error)})`);
  }
  try {
    await scratch.drop();
  } catch (error) {
    onStep(
      `could not drop the scratch schema ${scratch.name}; a run after 48 hours drops it, or drop it yourself (${why(error)})`,
    );
  }
}

function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
