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

/** The settings of a loader. */
export type LoadSettings = RouteSettings & {
  readonly schema: string;
  /** The role that COPY uses to read the bucket. */
  readonly copyRoleArn: string;
  /** The bucket's region, if the warehouse is in another one. */
  readonly copyRegion: string | null;
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

/** Why a file is quarantined: `errorCode` and `reason` as in `FileOutcome`. */
export type Refusal = { readonly errorCode: string; readonly reason: string };

/** What the stages of one attempt at a batch share. */
export type LoadContext = LoadParts & {
  readonly readLimits: ReadLimits;
  readonly batch: Batch;
  readonly session: WarehouseSession;
  readonly work: WorkFiles;
  readonly signal: AbortSignal;
  /** Aborted with `signal`, and when the reading has to stop. */
  readonly reading: AbortSignal;
  /** Why the only file of the batch is quarantined without being read; `null` for all other batches. */
  readonly refusal: Refusal | null;
  /** Cost of the attempt so far. */
  readonly cost: LoadCost;
  /** A new token; the stage makes it readable in the system tables of the warehouse. */
  readonly token: (stage: string) => string;
};

/** Increases during the attempt. `warehouseMs`: as in `LoadOutcome`. */
type LoadCost = { warehouseMs: number };

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
    cost: { warehouseMs: 0 },
    work: workFiles(attempt.batch, settings),
  };
}

export type PlanResult = {
  /** The rows of each answer; empty for answers that the plan does not have. */
  readonly answers: Readonly<Record<PlanAnswer, readonly Row[]>>;
  /** The query id of the plan's COPY. */
  readonly copyQueryId: number | null;
};

/** Runs a plan as one transaction and reads its answers. */
export async function runPlan(context: LoadContext, stage: string, plan: LoadPlan): Promise<PlanResult> {
  const { batch, library, session, signal } = context;
  const { answersAt, copyAt, statements } = planStatements(library, plan);
  const name = `sparkify ${stage} ${batch.id}`;
  // Only the publish step changes lasting tables.
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

/** Running time without the wait for the lock, during which the warehouse works for the lock's holder. */
function workMs(statements: readonly string[], results: readonly StatementResult[]): number {
  return results.reduce((sum, { durationMs }, at) => sum + (isLock(statements[at]) ? 0 : durationMs), 0);
}

function isLock(statement: string | undefined): boolean {
  return /^lock\s/i.test(statement ?? '');
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
    isManifest: what.isParts,
    roleArn: settings.copyRoleArn,
    region: settings.copyRegion,
    isGzip: what.isParts,
  };
}
