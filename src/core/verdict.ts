import type { ErrorCode } from './errors.ts';

/**
 * What follows from an error.
 *
 * - `retry`: the same thing again after a delay, at most `limit` times; then it stops the consumer loudly.
 * - `wait`: the other side is away. Intake pauses, so that receive counts are not burnt, and the same thing is tried
 *   again until it works or the leases reach their end.
 * - `isolate`: some of the batch's files are bad; the loader finds them and loads the rest.
 * - `stop`: a person has to act. Nothing is acknowledged; the program ends with the error's sentence.
 */
export type Verdict =
  | { readonly kind: 'retry'; readonly minMs: number; readonly maxMs: number; readonly limit: number }
  | { readonly kind: 'wait'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'isolate' }
  | { readonly kind: 'stop' };

/** The whole policy: one line per code, so that the compiler asks for a line when a code is added. */
export const VERDICTS: Readonly<Record<ErrorCode, Verdict>> = {
  // Trying again changes none of these; going on would only burn receive counts.
  config_invalid: { kind: 'stop' },
  bucket_missing: { kind: 'stop' },
  queue_missing: { kind: 'stop' },
  access_denied: { kind: 'stop' },
  copy_role_refused: { kind: 'stop' },
  // COPY of this warehouse does not follow the rules on which all loads rest.
  copy_changes_values: { kind: 'stop' },
  // The KMS key of the bucket or the queue is disabled, gone, or not ours to use.
  key_refused: { kind: 'stop' },
  // The other side says that the request or the SQL itself is wrong: the same words get the same answer.
  request_refused: { kind: 'stop' },
  statement_refused: { kind: 'stop' },
  warehouse_missing: { kind: 'stop' },
  schema_missing: { kind: 'stop' },
  schema_too_old: { kind: 'stop' },
  schema_too_new: { kind: 'stop' },
  // Only `generate` asks S3 not to overwrite.
  object_exists: { kind: 'stop' },

  // Nothing below a prefix can be read: somebody changed a policy or a key, and does so again. Nothing is lost by waiting.
  bucket_unreadable: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // Somebody paused the cluster: minutes to days. Ask once a minute.
  warehouse_paused: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // Maintenance, a restart, a resize: usually minutes.
  warehouse_unavailable: { kind: 'wait', minMs: 2_000, maxMs: 60_000 },
  endpoint_unreachable: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // S3 or SQS answers that it cannot answer now.
  service_unavailable: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // The SDK has already corrected its clock by the answer's; the machine's is usually set right within minutes.
  clock_skewed: { kind: 'wait', minMs: 2_000, maxMs: 30_000 },
  // The SDK has already retried with its own token bucket; more pressure makes it worse.
  throttled: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // Credentials rotate by themselves where the service runs; until they have, everything fails.
  credentials_expired: { kind: 'wait', minMs: 2_000, maxMs: 30_000 },
  // Somebody holds a lock, or the warehouse is too busy for a statement to end in time: the files are not to blame.
  timeout: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // Somebody deleted a large part of the bucket: an hour for a person to say whether that is meant.
  removals_stopped: { kind: 'wait', minMs: 30_000, maxMs: 60_000 },
  // Somebody has to make room, but the files are not to blame and nothing is lost by waiting.
  disk_full: { kind: 'wait', minMs: 10_000, maxMs: 120_000 },

  // A race with another transaction; the other one is done when we come back.
  serialization_conflict: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  // Another batch was published that this one did not see; the loader looks again by itself.
  overtaken: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  deadlock: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  // The temporary tables went with the session; a load starts over in a new one.
  session_lost: { kind: 'retry', minMs: 200, maxMs: 10_000, limit: 6 },
  // The next call finds in the ledger whether the transaction committed.
  outcome_unknown: { kind: 'retry', minMs: 1_000, maxMs: 15_000, limit: 8 },

  copy_bad_data: { kind: 'isolate' },
  data_refused: { kind: 'isolate' },
  object_missing: { kind: 'isolate' },
  // Archived, or in a storage class that cannot be read at once: this object only.
  object_unreadable: { kind: 'isolate' },

  // Only seen without a shutdown when somebody else cancelled our statement.
  aborted: { kind: 'retry', minMs: 1_000, maxMs: 10_000, limit: 3 },
  // Not recognised: may pass, and must not drain the queue if it does not.
  unknown: { kind: 'retry', minMs: 1_000, maxMs: 30_000, limit: 5 },
};

/**
 * What the consumer does when a load fails with this code. A bad file that even the loader could not isolate is, seen
 * from here, an unknown error: again within bounds, then loudly to a person.
 */
export function consumerVerdict(code: ErrorCode): Exclude<Verdict, { kind: 'isolate' }> {
  const verdict = VERDICTS[code];
  return verdict.kind === 'isolate' ? { kind: 'retry', minMs: 1_000, maxMs: 10_000, limit: 2 } : verdict;
}
