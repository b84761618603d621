/**
 * Everything that can go wrong, by a stable code. `src/aws/error-names.ts` and `error-texts.ts` map errors of the SDK clients, the
 * Data API and COPY to codes; all other code sees codes only. `core/verdict.ts` says what follows from a code.
 */
export type ErrorCode =
  // configuration and permission: a person has to act
  | 'config_invalid'
  | 'bucket_missing'
  | 'queue_missing'
  | 'access_denied'
  | 'copy_role_refused'
  | 'copy_changes_values'
  | 'key_refused'
  | 'request_refused'
  | 'statement_refused'
  | 'warehouse_missing'
  | 'schema_missing'
  | 'schema_too_old'
  | 'schema_too_new'
  | 'lineage_missing'
  | 'plan_changed'
  // the service, the warehouse or the credentials are unavailable for a while
  | 'bucket_unreadable'
  | 'warehouse_paused'
  | 'warehouse_unavailable'
  | 'endpoint_unreachable'
  | 'service_unavailable'
  | 'clock_skewed'
  | 'throttled'
  | 'credentials_expired'
  | 'disk_full'
  | 'removals_stopped'
  | 'prefix_unused'
  // the transaction lost a race; the same load may be tried again
  | 'serialization_conflict'
  | 'overtaken'
  | 'deadlock'
  | 'session_lost'
  | 'timeout'
  | 'outcome_unknown'
  // the data
  | 'copy_bad_data'
  | 'data_refused'
  | 'object_missing'
  | 'object_unreadable'
  | 'object_exists'
  // shutdown
  | 'aborted'
  | 'unknown';

/** The one error class of the service: a code for the program and a sentence for the person who reads the log. */
export class IngestError extends Error {
  override readonly name = 'IngestError';
  readonly code: ErrorCode;
  /** Details for the log: names, values, statement ids. Never credentials or row values. */
  readonly seen: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, sentence: string, options: { seen?: Record<string, unknown>; cause?: unknown } = {}) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.seen = options.seen ?? {};
  }
}
