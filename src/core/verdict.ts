import type { ErrorCode } from './errors.ts';

/**
 * What the consumer does about an error with which a load, or a call to the queue, ended.
 *
 * - `retry`: it does the same again after a delay, at most `limit` times; then it stops.
 * - `wait`: the other side is away. The intake pauses, so that receive counts stay low, and the consumer tries again until the call
 *   works or the leases end.
 * - `stop`: a person has to act. The consumer acknowledges nothing and ends with the error's sentence.
 */
type Verdict =
  | { readonly kind: 'retry'; readonly minMs: number; readonly maxMs: number; readonly limit: number }
  | { readonly kind: 'wait'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'stop' };

/**
 * What the loader does about an error within a load, before the load ends with the error.
 *
 * - `publish_again`: the transaction lost a race. The staging tables are still there, so the loader publishes again.
 * - `publish_exactly`: another batch was published since the stage step looked. The loader publishes again, once and by the exact plan;
 *   then it starts over.
 * - `start_over`: the temporary tables, a part or an answer are gone. The loader reads and stages again in a new session.
 * - `halve`: the warehouse refused the rows. The loader loads the batch in two halves and quarantines the file that is refused alone.
 * - `pass_on`: the load ends. Which errors of S3 may be an object's own is decided by `OBJECT_TROUBLES` (object-trouble.ts).
 */
export type InLoad = 'publish_again' | 'publish_exactly' | 'start_over' | 'halve' | 'pass_on';

export type ErrorPolicy = { readonly inLoad: InLoad; readonly then: Verdict };

const STOP: Verdict = { kind: 'stop' };
const wait = (minMs: number, maxMs: number): Verdict => ({ kind: 'wait', minMs, maxMs });
const retry = (minMs: number, maxMs: number, limit: number): Verdict => ({ kind: 'retry', minMs, maxMs, limit });
const passOn = (then: Verdict): ErrorPolicy => ({ inLoad: 'pass_on', then });

/** The whole policy: one line per code, so that the compiler asks for a line when a code is added. */
export const ERROR_POLICY: Readonly<Record<ErrorCode, ErrorPolicy>> = {
  // Retrying changes none of these, and would use up the receives of the messages.
  config_invalid: passOn(STOP),
  bucket_missing: passOn(STOP),
  queue_missing: passOn(STOP),
  access_denied: passOn(STOP),
  copy_role_refused: passOn(STOP),
  // COPY of this warehouse does not follow the rules on which all loads rest.
  copy_changes_values: passOn(STOP),
  // The KMS key of the bucket or the queue is disabled or missing, or this program may not use it.
  key_refused: passOn(STOP),
  // The request or the SQL itself is wrong: the same request gets the same answer.
  request_refused: passOn(STOP),
  statement_refused: passOn(STOP),
  warehouse_missing: passOn(STOP),
  schema_missing: passOn(STOP),
  schema_too_old: passOn(STOP),
  schema_too_new: passOn(STOP),
  // Only a retraction asks which rows an object contributed.
  lineage_missing: passOn(STOP),
  // A person has to see the new counts of a retraction.
  plan_changed: passOn(STOP),
  // Only `generate` asks S3 not to overwrite.
  object_exists: passOn(STOP),

  // Nothing below a prefix can be read, probably because of a changed policy or key. Nothing is lost by waiting.
  bucket_unreadable: passOn(wait(5_000, 60_000)),
  // A paused cluster: minutes to days.
  warehouse_paused: passOn(wait(5_000, 60_000)),
  // Maintenance, a restart, a resize: usually minutes.
  warehouse_unavailable: passOn(wait(2_000, 60_000)),
  endpoint_unreachable: passOn(wait(1_000, 30_000)),
  // S3 or SQS is temporarily unavailable.
  service_unavailable: passOn(wait(1_000, 30_000)),
  // The SDK has already corrected for the skew; the clock of the machine is usually set right within minutes.
  clock_skewed: passOn(wait(2_000, 30_000)),
  // The SDK has already retried with its own token bucket; more pressure makes it worse.
  throttled: passOn(wait(1_000, 30_000)),
  // Credentials rotate automatically where the service runs; until then every call fails.
  credentials_expired: passOn(wait(2_000, 30_000)),
  // Another session holds a lock, or the warehouse is too busy: the files are not the cause.
  timeout: passOn(wait(5_000, 60_000)),
  // A large part of the bucket was deleted: a person has an hour to say whether that was intended.
  removals_stopped: passOn(wait(30_000, 60_000)),
  // Nothing was ever seen below the prefixes: a person may have to correct them.
  prefix_unused: passOn(wait(5_000, 60_000)),
  // A person has to free space; the files are not the cause, and nothing is lost by waiting.
  disk_full: passOn(wait(10_000, 120_000)),

  // A lost race; the other transaction is done by the next attempt.
  serialization_conflict: { inLoad: 'publish_again', then: retry(100, 5_000, 10) },
  // Another batch was published that this one did not see.
  overtaken: { inLoad: 'publish_exactly', then: retry(100, 5_000, 10) },
  deadlock: { inLoad: 'publish_again', then: retry(100, 5_000, 10) },
  // The temporary tables are lost with the session.
  session_lost: { inLoad: 'start_over', then: retry(200, 10_000, 6) },
  // The next call finds in the ledger whether the transaction committed.
  outcome_unknown: { inLoad: 'start_over', then: retry(1_000, 15_000, 8) },

  copy_bad_data: { inLoad: 'halve', then: retry(1_000, 10_000, 2) },
  data_refused: { inLoad: 'halve', then: retry(1_000, 10_000, 2) },
  object_missing: { inLoad: 'start_over', then: retry(1_000, 10_000, 2) },
  // Archived, or in a storage class that cannot be read at once: this object only.
  object_unreadable: passOn(retry(1_000, 10_000, 2)),

  // Without a shutdown, this means that another user cancelled the statement.
  aborted: passOn(retry(1_000, 10_000, 3)),
  // Not recognised: it may pass, and must not use up the receives of the queue if it does not.
  unknown: passOn(retry(1_000, 30_000, 5)),
};
