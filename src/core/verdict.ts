import type { ErrorCode } from './errors.ts';

/**
 * What follows from an error.
 *
 * - `retry`: retry after a delay, at most `limit` times; then stop the consumer with the error.
 * - `wait`: a service is unavailable. The intake pauses, so that receive counts are not used up, and the load is retried until it
 *   works or the leases end.
 * - `isolate`: some files of the batch are bad; the loader quarantines them and loads the rest.
 * - `stop`: a person has to act. No message is deleted; the program ends with the error.
 */
export type Verdict =
  | { readonly kind: 'retry'; readonly minMs: number; readonly maxMs: number; readonly limit: number }
  | { readonly kind: 'wait'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'isolate' }
  | { readonly kind: 'stop' };

/** The policy for every code; the compiler requires an entry for a new code. */
export const VERDICTS: Readonly<Record<ErrorCode, Verdict>> = {
  // Not retryable; going on would only use up receive counts.
  config_invalid: { kind: 'stop' },
  bucket_missing: { kind: 'stop' },
  queue_missing: { kind: 'stop' },
  access_denied: { kind: 'stop' },
  copy_role_refused: { kind: 'stop' },
  // COPY in this warehouse does not keep the values that loads write.
  copy_changes_values: { kind: 'stop' },
  // The KMS key of the bucket or the queue is disabled, deleted, or not usable by this identity.
  key_refused: { kind: 'stop' },
  // The service says that the request or the SQL is wrong: the same request gets the same answer.
  request_refused: { kind: 'stop' },
  statement_refused: { kind: 'stop' },
  warehouse_missing: { kind: 'stop' },
  schema_missing: { kind: 'stop' },
  schema_too_old: { kind: 'stop' },
  schema_too_new: { kind: 'stop' },
  // Only `generate` asks S3 not to overwrite.
  object_exists: { kind: 'stop' },

  // Nothing below a prefix can be read, probably because of a changed policy or key. Nothing is lost by waiting.
  bucket_unreadable: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // A paused cluster: minutes to days.
  warehouse_paused: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // Maintenance, a restart, a resize: usually minutes.
  warehouse_unavailable: { kind: 'wait', minMs: 2_000, maxMs: 60_000 },
  endpoint_unreachable: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // S3 or SQS is temporarily unavailable.
  service_unavailable: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // The SDK has already corrected for the skew; the clock of the machine is usually set right within minutes.
  clock_skewed: { kind: 'wait', minMs: 2_000, maxMs: 30_000 },
  // The SDK has already retried with its own token bucket; more pressure makes it worse.
  throttled: { kind: 'wait', minMs: 1_000, maxMs: 30_000 },
  // Credentials rotate automatically where the service runs; until then every call fails.
  credentials_expired: { kind: 'wait', minMs: 2_000, maxMs: 30_000 },
  // Another session holds a lock, or the warehouse is too busy: the files are not the cause.
  timeout: { kind: 'wait', minMs: 5_000, maxMs: 60_000 },
  // A large part of the bucket was deleted: a person has an hour to say whether that was intended.
  removals_stopped: { kind: 'wait', minMs: 30_000, maxMs: 60_000 },
  // A person has to free space; the files are not the cause, and nothing is lost by waiting.
  disk_full: { kind: 'wait', minMs: 10_000, maxMs: 120_000 },

  // A lost race; the other transaction is done by the next attempt.
  serialization_conflict: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  // Another batch was published that this one did not see; the loader starts over automatically.
  overtaken: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  deadlock: { kind: 'retry', minMs: 100, maxMs: 5_000, limit: 10 },
  // The temporary tables are lost with the session; the load starts over in a new one.
  session_lost: { kind: 'retry', minMs: 200, maxMs: 10_000, limit: 6 },
  // The next call finds in the ledger whether the transaction committed.
  outcome_unknown: { kind: 'retry', minMs: 1_000, maxMs: 15_000, limit: 8 },

  copy_bad_data: { kind: 'isolate' },
  data_refused: { kind: 'isolate' },
  object_missing: { kind: 'isolate' },
  // Archived, or in a storage class that cannot be read at once: this object only.
  object_unreadable: { kind: 'isolate' },

  // Without a shutdown, this means that another user cancelled the statement.
  aborted: { kind: 'retry', minMs: 1_000, maxMs: 10_000, limit: 3 },
  // Not recognised: it may pass, and must not use up the receives of the queue if it does not.
  unknown: { kind: 'retry', minMs: 1_000, maxMs: 30_000, limit: 5 },
};

/**
 * What the consumer does when a load fails with this code. If the loader could not isolate the bad files, the consumer retries
 * twice and then stops.
 */
export function consumerVerdict(code: ErrorCode): Exclude<Verdict, { kind: 'isolate' }> {
  const verdict = VERDICTS[code];
  return verdict.kind === 'isolate' ? { kind: 'retry', minMs: 1_000, maxMs: 10_000, limit: 2 } : verdict;
}
