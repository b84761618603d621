import type { ErrorCode } from '../core/errors.ts';

/**
 * The one place that reads the texts and names of other people's errors. Everything behind it speaks `ErrorCode`. The
 * texts are those of the public documentation and of public logs; a test pins each.
 */

/** Code of an error thrown by an SDK client (S3, Redshift Data API, Redshift). */
export function sdkErrorCode(error: unknown): ErrorCode {
  const { name, message, status, system } = sdkErrorParts(error);
  if (name === 'AbortError') return 'aborted';
  const byName = SDK_NAMES[name];
  if (byName !== undefined) return byName;
  if (NETWORK_CODES.has(system) || NETWORK_CODES.has(name) || name === 'TimeoutError') return 'endpoint_unreachable';
  const byText = firstMatch(SDK_TEXTS, message);
  if (byText !== null) return byText;
  if (name === 'ResourceNotFoundException') return 'warehouse_missing';
  if (status === 403 || status === 401) return 'access_denied';
  if (status === 429) return 'throttled';
  if (status !== null && status >= 500) return 'warehouse_unavailable';
  return 'unknown';
}

/**
 * Whether the other side may have done what it was asked although the call failed: the answer was lost, or it was an
 * error of the server. A refusal, or a connection that was never made, did nothing.
 */
export function mayHaveHappened(error: unknown): boolean {
  const { name, status, system } = sdkErrorParts(error);
  if (NOT_CONNECTED.has(system) || NOT_CONNECTED.has(name)) return false;
  if (name === 'AbortError') return true;
  return status === null || status >= 500;
}

/**
 * Whether a session is only not ready: it still runs something, or was opened a moment ago. The documentation gives no
 * text for this; clients are seen to wait about two seconds before they use a new session.
 */
export function isSessionBusy(error: unknown): boolean {
  return (
    isSessionError(error) &&
    /\b(?:busy|in use|running|not (?:yet )?ready|not yet available)\b/i.test(sdkErrorParts(error).message)
  );
}

/** Whether a call that named a session failed because of the session: unknown, expired or busy. */
export function isSessionError(error: unknown): boolean {
  const { name, message } = sdkErrorParts(error);
  return /\bsession\b/i.test(message) && (name === 'ValidationException' || name === 'ResourceNotFoundException');
}

/** Whether the caller has to come back later by itself: quotas that the SDK does not retry (all HTTP 400). */
export function isQuotaError(error: unknown): boolean {
  return QUOTA_NAMES.has(sdkErrorParts(error).name);
}

/** Code of a failed statement, by the `Error` text of DescribeStatement. */
export function statementErrorCode(text: string): ErrorCode {
  return firstMatch(STATEMENT_TEXTS, text) ?? 'unknown';
}

const QUOTA_NAMES: ReadonlySet<string> = new Set([
  'ActiveStatementsExceededException',
  'ActiveSessionsExceededException',
  'ActiveWaitingRequestsExceededException',
]);

const SDK_NAMES: Readonly<Record<string, ErrorCode>> = {
  ActiveStatementsExceededException: 'throttled',
  ActiveSessionsExceededException: 'throttled',
  ActiveWaitingRequestsExceededException: 'throttled',
  ThrottlingException: 'throttled',
  Throttling: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  ExpiredToken: 'credentials_expired',
  ExpiredTokenException: 'credentials_expired',
  RequestExpired: 'credentials_expired',
  CredentialsProviderError: 'access_denied',
  TokenProviderError: 'access_denied',
  AccessDenied: 'access_denied',
  AccessDeniedException: 'access_denied',
  InvalidAccessKeyId: 'access_denied',
  InvalidClientTokenId: 'access_denied',
  SignatureDoesNotMatch: 'access_denied',
  UnrecognizedClientException: 'access_denied',
  NoSuchBucket: 'bucket_missing',
  NoSuchKey: 'object_missing',
  NotFound: 'object_missing',
  ClusterNotFound: 'warehouse_missing',
  ClusterNotFoundFault: 'warehouse_missing',
  DatabaseConnectionException: 'warehouse_unavailable',
  InternalServerException: 'warehouse_unavailable',
  QueryTimeoutException: 'timeout',
};

/** Connections that were never made. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const NETWORK_CODES: ReadonlySet<string> = new Set([
  ...NOT_CONNECTED,
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
]);

type Pattern = readonly [RegExp, ErrorCode];

const SDK_TEXTS: readonly Pattern[] = [
  [/\bpaus(?:ed|ing)\b|\bresuming\b/i, 'warehouse_paused'],
  [/endpoint doesn't exist in this region/i, 'warehouse_missing'],
  [/database "[^"]*" does not exist/i, 'warehouse_missing'],
  [/maintenance|not available|unavailable/i, 'warehouse_unavailable'],
];

// Order matters: COPY's texts may quote others.
const STATEMENT_TEXTS: readonly Pattern[] = [
  // A lost race (1023) and a snapshot that is older than the table (1018): the same transaction may simply run again.
  [/\b1023\b.*|serializable isolation violation|could not serialize access/is, 'serialization_conflict'],
  [/\b1018\b[\s\S]*relation does not exist/i, 'serialization_conflict'],
  [/deadlock detected/i, 'deadlock'],

  [/mandatory url is not present in manifest/i, 'object_missing'],
  [/the specified key does not exist|NoSuchKey|error code 1212|file not found/i, 'object_missing'],
  [/the specified bucket does not exist|NoSuchBucket/i, 'bucket_missing'],
  [
    /not authorized to (?:assume|get credentials)|UnauthorizedException|iam role .*not (?:attached|associated|valid)/i,
    'copy_role_refused',
  ],
  [/S3ServiceException:\s*Access ?Denied|Error AccessDenied|Status 403/i, 'copy_role_refused'],
  [/must be addressed using the specified endpoint|Error PermanentRedirect/i, 'config_invalid'],
  [/load into table '[^']*' failed|stl_load_errors|sys_load_error_detail/i, 'copy_bad_data'],
  // A file that says it is compressed and is not, or is cut off.
  [/failed to (?:inflate|decompress)|inflate returned an error|zlib error code/i, 'copy_bad_data'],

  [/disk full|no space left|out of disk/i, 'disk_full'],
  [/statement timeout|query (?:\(\d+\) )?(?:was )?(?:timed out|cancell?ed by wlm)|timeout exceeded/i, 'timeout'],
  [/query (?:was )?cancell?ed|cancell?ed on user'?s request/i, 'aborted'],
  [/schema "[^"]*" does not exist|relation "[^"]*" does not exist/i, 'schema_missing'],
  [/permission denied|must be owner of/i, 'access_denied'],
  [/password authentication failed|authentication failed/i, 'access_denied'],
  [/database "[^"]*" does not exist/i, 'warehouse_missing'],
  [/\bpaus(?:ed|ing)\b/i, 'warehouse_paused'],
  [
    /system is (?:starting up|shutting down|in recovery)|restarting|maintenance|too many connections/i,
    'warehouse_unavailable',
  ],
  [
    /terminating connection|connection (?:or an prior query failed|refused|reset|closed|terminated)|server closed the connection/i,
    'session_lost',
  ],
  [/session .*(?:expired|not found|does not exist|closed)/i, 'session_lost'],
];

function firstMatch(patterns: readonly Pattern[], text: string): ErrorCode | null {
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

function sdkErrorParts(error: unknown): {
  name: string;
  message: string;
  status: number | null;
  system: string;
} {
  if (!(error instanceof Error)) return { name: '', message: String(error), status: null, system: '' };
  const extra = error as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
    cause?: unknown;
    errors?: unknown;
  };
  const metadata = extra.$metadata?.httpStatusCode;
  const inner = [extra, extra.cause, ...(Array.isArray(extra.errors) ? (extra.errors as unknown[]) : [])];
  const system = inner.map(systemCode).find((code) => code !== '') ?? '';
  return { name: error.name, message: error.message, status: metadata ?? null, system };
}

function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
