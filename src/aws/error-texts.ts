import type { ErrorCode } from '../core/errors.ts';

/**
 * Errors that only their text identifies, and their codes. The first matching row counts; `seen` is such a text from public
 * documentation or logs. A test sends each text over the wire and checks what the consumer does.
 */
export type TextRow = { readonly code: ErrorCode; readonly text: RegExp; readonly seen: string };

/**
 * Refusals of the Data API whose name is ambiguous (`ValidationException` has a dozen meanings); checked before the name. Texts from
 * public issue threads of its clients.
 */
export const DATA_API_TEXT_ROWS: readonly TextRow[] = [
  { code: 'warehouse_paused', text: /\bpaus(?:ed|ing)\b|\bresuming\b/i, seen: 'Cluster sparkify is paused.' },
  { code: 'session_lost', text: /\bsession\b/i, seen: 'Session is not available' },
  // The Data API forgets a statement after 24 hours; the ledger knows whether it committed.
  {
    code: 'outcome_unknown',
    text: /query does not (?:exist|have result)/i,
    seen: 'Query does not exist.',
  },
  {
    code: 'warehouse_missing',
    text: /endpoint doesn't exist in this region|database "[^"]*" does not exist/i,
    seen: "Redshift endpoint doesn't exist in this region.",
  },
  {
    code: 'warehouse_unavailable',
    text: /maintenance|not (?:in )?(?:an? )?available|unavailable|resizing|rebooting|modifying/i,
    seen: 'Cluster sparkify is not in an available state.',
  },
];

/**
 * Failed statements, by the `Error` of DescribeStatement: SQL, COPY, and errors of S3 within COPY. The order matters, because texts
 * of COPY quote other errors.
 */
export const STATEMENT_ROWS: readonly TextRow[] = [
  // A lost race (1023) and a snapshot that is older than the table (1018): the same transaction may simply run again.
  {
    code: 'serialization_conflict',
    text: /error:?\s*1023\b|serializable isolation violation|could not serialize access|could not obtain lock/i,
    seen: 'ERROR: 1023\n DETAIL: Serializable isolation violation on table - 141349, transactions forming the cycle are: 4044550, 4044551 (pid:7005)',
  },
  {
    code: 'serialization_conflict',
    text: /\b1018\b[\s\S]*relation does not exist/i,
    seen: 'ERROR: 1018 DETAIL: Relation does not exist',
  },
  // The guards in sql/load/ledger/80_batch.sql: another batch was published that the transaction did not see.
  {
    code: 'overtaken',
    text: /null value (?:into|in) column "?rows_(?:staged|inserted)/i,
    seen: 'ERROR: Cannot insert a NULL value into column rows_inserted',
  },
  {
    code: 'removals_stopped',
    text: /null value (?:into|in) column "?objects_removed/i,
    seen: 'ERROR: Cannot insert a NULL value into column objects_removed',
  },
  // The guard in sql/load/retraction.
  {
    code: 'plan_changed',
    text: /null value (?:into|in) column "?counts_as_planned/i,
    seen: 'ERROR: Cannot insert a NULL value into column counts_as_planned',
  },
  { code: 'deadlock', text: /deadlock detected/i, seen: 'ERROR: deadlock detected' },

  {
    code: 'object_missing',
    text: /mandatory url is not present in manifest/i,
    seen: 'ERROR: Mandatory url is not present in manifest file s3://b/k',
  },
  {
    code: 'object_missing',
    text: /the specified key does not exist|NoSuchKey|error code 1212|file not found/i,
    seen: 'ERROR: No such file or directory\n DETAIL: The specified key does not exist. code: 2',
  },
  {
    code: 'bucket_missing',
    text: /the specified bucket does not exist|NoSuchBucket/i,
    seen: 'ERROR: S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,Rid 1',
  },
  // Archived objects: COPY does not say which; the files are halved until one is left.
  {
    code: 'copy_bad_data',
    text: /InvalidObjectState|not valid for the object's (?:storage class|access tier)/i,
    seen: "ERROR: S3ServiceException:The operation is not valid for the object's storage class,Status 403,Error InvalidObjectState,Rid 1",
  },
  {
    code: 'credentials_expired',
    text: /Error (?:ExpiredToken|TokenRefreshRequired)|token (?:included in the request )?(?:has|is) expired/i,
    seen: 'ERROR: S3ServiceException:The provided token has expired.,Status 400,Error ExpiredToken,Rid 1',
  },
  {
    code: 'throttled',
    text: /Error (?:SlowDown|Throttling\w*|KMS\.ThrottlingException)|reduce your request rate|rate exceeded/i,
    seen: 'ERROR: S3ServiceException:Please reduce your request rate.,Status 503,Error SlowDown,Rid 1',
  },
  {
    code: 'key_refused',
    text: /Error KMS\.|kms:Decrypt/i,
    seen: 'ERROR: S3ServiceException:arn:aws:kms:eu-west-1:1:key/k is disabled.,Status 400,Error KMS.DisabledException,Rid 1',
  },
  {
    code: 'copy_role_refused',
    text: /not authorized to (?:assume|get credentials)|UnauthorizedException|iam role .*not (?:attached|associated|valid)/i,
    seen: 'ERROR: User arn:aws:redshift:us-east-1:1:dbuser:c/u is not authorized to assume IAM Role arn:aws:iam::1:role/r',
  },
  {
    code: 'copy_role_refused',
    text: /S3ServiceException:\s*Access ?Denied|Error (?:AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch)|Status 40[13]/i,
    seen: 'ERROR: Problem reading manifest file - S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1',
  },
  {
    code: 'config_invalid',
    text: /must be addressed using the specified endpoint|Error (?:PermanentRedirect|AuthorizationHeaderMalformed)/i,
    seen: 'ERROR: S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint.,Status 301,Error PermanentRedirect,Rid 1',
  },
  // COPY itself has then retried for a quarter of an hour.
  {
    code: 'service_unavailable',
    text: /S3ServiceException:[\s\S]*Status 5\d\d|Error (?:RequestTimeout|RequestTimeTooSkewed|InternalError)|S3CurlException/i,
    seen: 'ERROR: S3ServiceException:We encountered an internal error. Please try again.,Status 500,Error InternalError,Rid 1',
  },
  {
    code: 'copy_bad_data',
    text: /load into table '[^']*' failed|stl_load_errors|sys_load_error_detail/i,
    seen: "ERROR: Load into table 'staging_events' failed.  Check 'stl_load_errors' system table for details.",
  },
  // A file that is not valid gzip, or is truncated.
  {
    code: 'copy_bad_data',
    text: /failed to (?:inflate|decompress)|inflate returned an error|zlib error code/i,
    seen: 'ERROR: failed to inflate with gzip: inflate returned an error: incorrect header check',
  },

  { code: 'disk_full', text: /disk full|no space left|out of disk/i, seen: 'ERROR: Disk Full' },
  {
    code: 'timeout',
    text: /(?:statement|lock) timeout|query (?:\(\d+\) )?(?:was )?(?:timed out|cancell?ed by wlm)|timeout exceeded/i,
    seen: 'ERROR: Query (1) cancelled by WLM abort action of Query Monitoring Rule "slow"',
  },
  // Also the text of statement_timeout on Redshift (awslabs/amazon-redshift-utils#326). Statements that this program cancels have another code.
  {
    code: 'timeout',
    text: /cancell?ed on user'?s request/i,
    seen: "ERROR: Query (1) cancelled on user's request",
  },
  {
    code: 'aborted',
    text: /query (?:\(\d+\) )?(?:was )?cancell?ed|system requested abort/i,
    seen: 'ERROR: Query (1) cancelled on system request: system requested abort',
  },
  // The state after an earlier error in a session that was kept.
  {
    code: 'session_lost',
    text: /current transaction is aborted/i,
    seen: 'ERROR: current transaction is aborted, commands ignored until end of transaction block',
  },
  {
    code: 'schema_missing',
    text: /schema "[^"]*" does not exist|relation "[^"]*" does not exist/i,
    seen: 'ERROR: relation "ingest_files" does not exist',
  },
  {
    code: 'access_denied',
    text: /permission denied|must be owner of/i,
    seen: 'ERROR: permission denied for relation songplays',
  },
  {
    code: 'access_denied',
    text: /(?:password )?authentication failed/i,
    seen: 'FATAL: password authentication failed for user "x"',
  },
  { code: 'warehouse_missing', text: /database "[^"]*" does not exist/i, seen: 'FATAL: database "x" does not exist' },
  { code: 'warehouse_paused', text: /\bpaus(?:ed|ing)\b/i, seen: 'ERROR: the cluster is paused' },
  // During a resize the cluster is read-only; during a restart it accepts no connections.
  {
    code: 'warehouse_unavailable',
    text: /read.?only (?:transaction|mode)|transaction is read.?only|resiz(?:e|ing)/i,
    seen: 'ERROR: cannot execute INSERT in a read-only transaction',
  },
  {
    code: 'warehouse_unavailable',
    text: /system is (?:starting up|shutting down|in recovery)|restarting|maintenance|too many connections|connection limit|connection slots/i,
    seen: 'FATAL: the database system is starting up',
  },
  {
    code: 'warehouse_unavailable',
    text: /connection refused|could not connect|connection attempt failed|unable to connect/i,
    seen: 'FATAL: connection refused by the leader node',
  },
  {
    code: 'session_lost',
    text: /terminating connection|connection (?:or an prior query failed|reset|closed|terminated)|server closed the connection/i,
    seen: 'FATAL: terminating connection due to administrator command',
  },
  {
    code: 'session_lost',
    text: /session .*(?:expired|not found|does not exist|closed)/i,
    seen: 'Session 1 has expired',
  },

  // COPY loads temporary tables of the session only.
  {
    code: 'session_lost',
    text: /cannot copy into nonexistent table/i,
    seen: 'ERROR: Cannot COPY into nonexistent table sparkify_staging',
  },

  // The warehouse does not support the SQL. The same statement fails every time.
  {
    code: 'statement_refused',
    text: /syntax error|unterminated quoted|(?:column|function|type|operator|aggregate)\b[^\n]* does not exist|is ambiguous/i,
    seen: 'ERROR: syntax error at or near "mergee"\n Position: 1',
  },
  {
    code: 'statement_refused',
    text: /not supported|not (?:yet )?implemented|must appear in the group by|cannot be cast|more expressions than target|is of type .* but expression/i,
    seen: 'ERROR: Specified types or functions (one per INFO message) not supported on Redshift tables.',
  },
  {
    code: 'statement_refused',
    text: /cannot insert a null|multiple matches to update|requires full path|other objects depend on/i,
    seen: 'ERROR: Found multiple matches to update the same tuple.',
  },
  // A value that a column or a function does not accept.
  {
    code: 'data_refused',
    text: /invalid input syntax|division by zero|value too long|out of range/i,
    seen: 'ERROR: value too long for type character varying(16)',
  },
  // The same in the words of the compute nodes.
  {
    code: 'data_refused',
    text: /invalid digit|divide by zero|overflow|result size of \w+ exceeds limit|multibyte character not supported/i,
    seen: "ERROR: Invalid digit, Value 'x', Pos 0, Type: Long",
  },
];
