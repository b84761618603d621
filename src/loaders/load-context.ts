import type { CopyStatement } from '../core/copy.ts';
import type { Emit } from '../core/events.ts';
import { workFiles } from '../core/manifest.ts';
import type { WorkFiles } from '../core/manifest.ts';
import type { LoadPlan, PlanAnswer } from '../core/load-plan.ts';
import type { Batch } from '../core/load.ts';
import type { Clock, ObjectStore, Random, Row, StatementResult, WarehouseSession } from '../core/ports.ts';
import type { RouteSettings } from '../core/route.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import type { SqlLibrary } from './sql-library.ts';
import { planStatements } from './sql-library.ts';

/** What a loader is told once. */
export type LoadSettings = RouteSettings & {
  readonly schema: string;
  /** The role with which COPY reads the bucket. */
  readonly copyRoleArn: string;
  /** The bucket's region when the warehouse is in another one. */
  readonly copyRegion: string | null;
  /** Who loads, for the ledger. */
  readonly consumer: string;
  /** Under which keys the logs have each value; `undefined`: under their own. */
  readonly logKeyNames?: LogKeyNames | undefined;
  /** Rejected rows of a batch that are kept at most; all are counted. */
  readonly rejectedRowsMax: number;
  /** Every batch is published as if its rows could be there already: for tests. */
  readonly isAlwaysExact?: boolean;
};

/** How much is read at once, and for one batch. */
export type ReadLimits = {
  readonly readsAtOnce: number;
  /** Of all files of a batch; no further file is begun behind it. An archive says its size only when it was read. */
  readonly batchUnpackedBytes: number;
};

/** S3 answers a small object in 10–30 ms, so this is over a thousand objects a second. */
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

/** Why a file is set aside: `errorCode` and `reason` as in `FileOutcome`. */
export type Refusal = { readonly errorCode: string; readonly reason: string };

/** One attempt at one batch: everything its stages share. */
export type LoadContext = LoadParts & {
  readonly readLimits: ReadLimits;
  readonly batch: Batch;
  readonly session: WarehouseSession;
  readonly work: WorkFiles;
  readonly signal: AbortSignal;
  /** Aborted with `signal`, and when reading is to be given up. */
  readonly reading: AbortSignal;
  /** Why the batch's only file is set aside without being read; `null` of all other batches. */
  readonly refusal: Refusal | null;
  /** What the attempt cost so far. */
  readonly cost: LoadCost;
  /** A token that was never used before; the stage's word makes it readable in the warehouse's own records. */
  readonly token: (stage: string) => string;
};

/** Grows while the attempt goes on. `warehouseMs`: as in `LoadOutcome`. */
type LoadCost = { warehouseMs: number };

/** Joins the parts for one attempt. */
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
    cost: { warehouseMs: 0 },
    work: workFiles(attempt.batch, settings),
  };
}

export type PlanResult = {
  /** The rows that the plan asks for; none where the plan does not ask. */
  readonly answers: Readonly<Record<PlanAnswer, readonly Row[]>>;
  /** The plan's COPY. */
  readonly copyQueryId: number | null;
};

/** Runs a plan as one transaction and reads the rows that it asks for. */
export async function runPlan(context: LoadContext, stage: string, plan: LoadPlan): Promise<PlanResult> {
  const { batch, library, session, signal } = context;
  const { answersAt, copyAt, statements } = planStatements(library, plan);
  const name = `sparkify ${stage} ${batch.id}`;
  // Only publishing writes what lasts; all else fills temporary tables or reads.
  const isQuestion = stage !== 'publish';
  const token = context.token(stage);
  const results = await session.transaction({ name, token, statements, isQuestion, signal });
  context.cost.warehouseMs += workMs(statements, results);
  const answer = async (which: PlanAnswer): Promise<readonly Row[]> => {
    const result = results[answersAt.get(which) ?? -1];
    return result === undefined ? [] : await session.rows(result, signal);
  };
  return {
    answers: { known: await answer('known'), reach: await answer('reach'), counts: await answer('counts') },
    copyQueryId: copyAt === null ? null : (results[copyAt]?.queryId ?? null),
  };
}

/** Whoever waits for the lock leaves the warehouse to the one that has it. */
function workMs(statements: readonly string[], results: readonly StatementResult[]): number {
  return results.reduce((sum, { durationMs }, at) => sum + (isLock(statements[at]) ? 0 : durationMs), 0);
}

function isLock(statement: string | undefined): boolean {
  return /^lock\s/i.test(statement ?? '');
}

/** A COPY of a list that the loader wrote, or of the parts of a batch by their manifest. */
export function copyInto(
  table: string,
  { settings }: LoadContext,
  what: { readonly key: string; readonly isParts: boolean },
): CopyStatement {
  return {
    table,
    from: `s3://${settings.bucket}/${what.key}`,
    isManifest: what.isParts,
    roleArn: settings.copyRoleArn,
    region: settings.copyRegion,
    isGzip: what.isParts,
  };
}
