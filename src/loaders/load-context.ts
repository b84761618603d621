import type { CopyStatement } from '../core/sql/copy.ts';
import type { Emit } from '../core/events.ts';
import { workFiles } from '../core/loading/manifest.ts';
import type { WorkFiles } from '../core/loading/manifest.ts';
import type { FileTrouble } from '../core/loading/object-trouble.ts';
import type { LoadPlan, PlanAnswer } from '../core/loading/load-plan.ts';
import type { Batch } from '../core/load.ts';
import type { Clock, ObjectStore, Random, WarehouseSession } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { ScriptResult } from '../sql/run-script.ts';
import { runScript } from '../sql/run-script.ts';
import type { SqlLibrary } from '../sql/sql-library.ts';
import { planSteps } from '../sql/sql-library.ts';

/** The settings of a loader. */
export type LoadSettings = RouteSettings & {
  readonly schema: string;
  /** The role that COPY uses to read the bucket. */
  readonly copyRoleArn: string;
  /** The bucket's region, if the warehouse is in another one. */
  /** The consumer's name, for the ledger. */
  readonly consumer: string;
  /** The keys of the logs; `undefined`: the usual keys. */
  readonly logKeyNames?: LogKeyNames | undefined;
  /** Maximum number of rejected rows of a batch that are stored; all are counted. */
  readonly rejectedRowsMax: number;
  /** Publish every batch by the exact plan: for tests. */
  readonly isAlwaysExact?: boolean;
};

/** Limits of reading. */
export type ReadLimits = {
  readonly readsAtOnce: number;
  /** Unpacked bytes of a batch after which no further file is started. The size of an archive is known only after reading it. */
  readonly batchUnpackedBytes: number;
};

/** S3 delivers a small object in 10–30 ms, so 16 reads at once are about a thousand objects a second. */
export const READ_LIMITS: ReadLimits = { readsAtOnce: 16, batchUnpackedBytes: 2 * 1024 * 1024 * 1024 };

export type LoadParts = {
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly emit: Emit;
  readonly library: SqlLibrary;
  readonly settings: LoadSettings;
  /** `undefined`: `READ_LIMITS`. */
  readonly readLimits?: ReadLimits;
};

/** Why a file is not loaded, without a look at it. */
export type Refusal = Omit<FileTrouble, 'status'> & {
  /** What loads the file, if a person need not know more than the reason says. */
  readonly advice: string | null;
};

/** What the stages of one attempt at a batch share. */
export type LoadContext = LoadParts & {
  readonly readLimits: ReadLimits;
  readonly batch: Batch;
  readonly session: WarehouseSession;
  readonly work: WorkFiles;
  readonly signal: AbortSignal;
  /** Aborted with `signal`, and when the reading has to stop. */
  readonly reading: AbortSignal;
  /** Why the files of the batch are quarantined without being read; `null` for all other batches. */
  readonly refusal: Refusal | null;
  /** Cost of the attempt so far. */
  readonly cost: LoadCost;
  /** A new token; the stage makes it readable in the system tables of the warehouse. */
  readonly token: (stage: string) => string;
};

/** Increases during the attempt; as in `LoadOutcome`. */
type LoadCost = { warehouseMs: number; lockedMs: number };

/** The context of one attempt. */
export function loadContext(
  parts: LoadParts,
  attempt: Pick<LoadContext, 'batch' | 'session' | 'signal' | 'token' | 'refusal'> & {
    readonly reading?: AbortSignal;
  },
): LoadContext {
  const { readLimits = READ_LIMITS, settings } = parts;
  const { reading = attempt.signal } = attempt;
  return {
    ...parts,
    ...attempt,
    reading,
    readLimits,
    cost: { warehouseMs: 0, lockedMs: 0 },
    work: workFiles(attempt.batch, settings),
  };
}

/** Runs a plan as one transaction and reads the rows that the plan asks for. */
export async function runPlan(context: LoadContext, plan: LoadPlan): Promise<ScriptResult<PlanAnswer>> {
  const { batch, library, session, signal } = context;
  const script = { ...plan, name: `sparkify ${plan.name} ${batch.id}`, steps: planSteps(library, plan) };
  const done = await runScript(session, script, { token: context.token(plan.name), signal });
  const statements = script.steps.flatMap((step) => step.statements);
  // Whoever waits for the lock leaves the warehouse to the one that has it.
  const worked = done.results.flat().map(({ durationMs }, at) => (isLock(statements[at]) ? 0 : durationMs));
  context.cost.warehouseMs += sum(worked);
  const lockedAt = statements.findIndex(isLock);
  if (plan.isLasting && lockedAt >= 0) context.cost.lockedMs += sum(worked.slice(lockedAt));
  return done;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function isLock(statement = ''): boolean {
  return /^lock\s/i.test(statement);
}

/** A COPY of a list that the loader wrote, or of the parts of a batch through their manifest. */
export function copyInto(
  table: string,
  { settings }: LoadContext,
  what: { readonly key: string; readonly isParts: boolean },
): CopyStatement {
  return {
    table,
    from: `s3://${settings.bucket}/${what.key}`,
    isParts: what.isParts,
    roleArn: settings.copyRoleArn,
  };
}
