import type { Lane } from '../../core/dataset.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { FileStatus } from '../../core/file-event.ts';
import type { ConsumerState } from '../../core/intake/consumer-state.ts';
import type { CloseReason, LoadStage } from '../../core/load.ts';
import { FILE_STEPS } from '../../core/measures.ts';
import type { RestReason } from '../../core/rest.ts';
import { ERROR_POLICY } from '../../core/verdict.ts';

/** The keys of a record that names each value of a union once. */
function all<T extends string>(values: Readonly<Record<T, true>>): readonly T[] {
  return Object.keys(values) as T[];
}

const CODES = Object.keys(ERROR_POLICY) as ErrorCode[];
const codesOf = (...kinds: readonly string[]): readonly ErrorCode[] =>
  CODES.filter((code) => kinds.includes(ERROR_POLICY[code].then.kind));

/**
 * The values of every label. All of them are known, so that a series begins at 0 and not with its first count, and that the number of
 * series is bounded. No key of an object, id, or text of another program is a label.
 */
export const LABELS = {
  dataset: all<Lane>({ songs: true, logs: true, ignored: true }),
  loaded: all<Exclude<Lane, 'ignored'>>({ songs: true, logs: true }),
  closeReason: all<CloseReason>({ idle: true, count: true, bytes: true, age: true, drain: true }),
  outcome: all<FileStatus>({
    ...{ loaded: true, quarantined: true, missing: true },
    ...{ removed: true, ignored: true, known: true, retracted: true },
  }),
  rows: ['inserted', 'updated', 'repaired', 'removed', 'rejected'] as const,
  result: ['deleted', 'released', 'kept'] as const,
  step: FILE_STEPS,
  /** A live load does not ask the ledger first. */
  stage: all<LoadStage>({ read: true, stage: true, publish: true }),
  rest: all<RestReason>({ load: true, interval: true }),
  side: ['queue', 'load'] as const,
  /** Also those for which the intake pauses. */
  retried: codesOf('retry', 'wait'),
  failed: codesOf('retry', 'stop'),
  state: all<ConsumerState>({
    ...{ starting: true, consuming: true, paused: true, draining: true },
    ...{ failing: true, stopped: true, failed: true },
  }),
  /** The transactions of a load; `look`: the question that the metrics ask the ledger; `other`: checks at the start. */
  statements: ['stage', 'publish', 'committed', 'removals', 'settled', 'look', 'other'] as const,
} as const;
