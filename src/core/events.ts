import type { Lane } from './dataset.ts';
import type { Drift } from './drift.ts';
import type { ErrorCode } from './errors.ts';
import type { FileLatencies } from './latencies.ts';
import type { BatchId, CloseReason, LoadOutcome, LoadSource, LoadStage } from './load.ts';
import type { LiveFile } from './measures.ts';
import type { RestReason } from './rest.ts';

/**
 * Everything that can be observed, as noun.past-verb. The core and the shells emit; `src/observe` turns events into
 * log lines and counters, and serves the state. Times are epoch ms, durations ms.
 */
export type IngestEvent =
  | { kind: 'consumer.started'; consumer: string; queueUrl: string }
  | { kind: 'consumer.draining'; reason: string; deadlineMs: number }
  | { kind: 'consumer.stopped'; leftMessages: number; leftFiles: number }
  /** Once a minute, also in a pause, and at the end. */
  | ({ kind: 'consumer.measured' } & Measured)
  /** A warning of a library or of the checks at the start; not about a message or a batch. */
  | { kind: 'process.warned'; sentence: string }
  | { kind: 'message.received'; count: number; heldFiles: number }
  | { kind: 'message.test_event'; messageId: string }
  | { kind: 'message.unreadable'; messageId: string; reason: string }
  | { kind: 'message.deleted'; count: number }
  /** The messages are on the dead-letter queue, and are deleted next. */
  | { kind: 'message.parked'; count: number }
  /** SQS may deliver the messages to any consumer after `afterSeconds`. More than 0: a person may want to look at the reason. */
  | { kind: 'message.released'; count: number; reason: string; afterSeconds: number }
  /** The messages could be neither deleted nor released: SQS redelivers them after their visibility timeout. `reason`: the last failure. */
  | { kind: 'message.kept'; action: 'delete' | 'park' | 'release'; count: number; reason: string | null }
  | {
      kind: 'message.retried';
      action: 'delete' | 'release' | 'renew';
      count: number;
      delayMs: number;
      sentence: string;
    }
  | { kind: 'lease.renewed'; count: number }
  | { kind: 'lease.lost'; count: number; code: string }
  | { kind: 'intake.paused'; reason: string; sentence: string }
  | { kind: 'intake.resumed'; reason: string; pausedMs: number }
  | { kind: 'batch.closed'; batchId: BatchId; lane: Lane; files: number; bytes: number; reason: CloseReason }
  /** A batch is due, and the rest after the last loads delays it. */
  | { kind: 'rest.begun'; reason: RestReason; remainingMs: number }
  /** A rest that had begun is over, or the consumer is. */
  | { kind: 'rest.ended'; reason: RestReason; restedMs: number }
  /** `readBytes`: what S3 delivered of the files in this stage. */
  | { kind: 'load.stage_finished'; batchId: BatchId; stage: LoadStage; ms: number; readBytes: number }
  | { kind: 'load.retried'; batchId: BatchId; code: ErrorCode; attempt: number; delayMs: number; sentence: string }
  | { kind: 'load.parts_left'; batchId: BatchId; count: number; sentence: string }
  /** More than half of the rows of the replaced versions are gone. `of`: their rows before; `keys`: the first of the objects. */
  | { kind: 'load.rows_removed'; batchId: BatchId; removed: number; of: number; keys: readonly string[] }
  /** New files in other places than those of the datasets. `example`: the first one; `sentence`: the places, and what to do. */
  | { kind: 'load.strays_ignored'; batchId: BatchId; count: number; example: string; sentence: string }
  | {
      kind: 'load.committed';
      lane: Lane;
      source: LoadSource;
      reason: CloseReason;
      outcome: LoadOutcome;
      restedMs: number;
      /** Of each loaded file that a notification announced, as `core/measures.ts` defines it. */
      liveFiles: readonly LiveFile[];
    }
  | { kind: 'load.failed'; batchId: BatchId; lane: Lane; code: ErrorCode; sentence: string }
  | { kind: 'file.quarantined'; batchId: BatchId; bucket: string; key: string; reason: string }
  | { kind: 'file.missing'; batchId: BatchId; bucket: string; key: string }
  /** A round of a sweep. `loaded`: files of the listing that the ledger lacked. */
  | { kind: 'sweep.ended'; listed: number; loaded: number }
  /** Loaded objects that the bucket no longer has. `shown`: the first of them. */
  | { kind: 'sweep.gone'; count: number; shown: readonly string[] }
  /** Once for a batch and a key. `isFirst`: the process has not seen this change of the key before. */
  | { kind: 'schema.drifted'; drift: Drift; isFirst: boolean };

/** The numbers of a consumer at a moment, as `core/measures.ts` defines them. */
export type Measured = {
  readonly state: string;
  readonly heldFiles: number;
  readonly oldestHeldMs: number;
  readonly behindMs: number | null;
  readonly expectedMs: number;
  /** Age of the oldest pause that lasts; 0 without one. */
  readonly pausedMs: number;
  /** What was done since the last measurement. */
  readonly counts: {
    readonly filesSettled: number;
    readonly filesQuarantined: number;
    readonly rowsRejected: number;
    readonly rowsRemoved: number;
    readonly loadsRetried: number;
    readonly loadsFailed: number;
    readonly messagesParked: number;
  };
  /** Of the live files since the last measurement. */
  readonly putToVisible: FileLatencies;
  /** Files that no later version solved; `null`: the consumer has not read the ledger since the last measurement. */
  readonly openQuarantined: number | null;
  readonly openRejected: number | null;
};

export type Emit = (event: IngestEvent) => void;
