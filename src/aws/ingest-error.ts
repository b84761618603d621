import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { sdkErrorCode } from './recognise-error.ts';
import type { Service } from './error-names.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** What a person can do, by code. */
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  config_invalid: 'check the settings',
  bucket_missing: 'check SPARKIFY_BUCKET and the region',
  queue_missing: 'the queue does not exist: check SPARKIFY_QUEUE_URL and AWS_REGION',
  access_denied: 'allow the action for the identity that runs this program, and check its credentials',
  copy_role_refused:
    'check SPARKIFY_COPY_ROLE_ARN: it must be attached to the warehouse and allow s3:GetObject and s3:ListBucket',
  warehouse_missing: 'check SPARKIFY_CLUSTER_IDENTIFIER or SPARKIFY_WORKGROUP_NAME, SPARKIFY_DATABASE and AWS_REGION',
  warehouse_paused: 'resume the cluster; nothing is lost meanwhile',
  endpoint_unreachable: 'check the network, the region and AWS_ENDPOINT_URL_*',
  schema_missing: 'run "sparkify migrate"',
  credentials_expired: 'renew the credentials, or check their source',
  key_refused: 'check the KMS key: it must be enabled, and its policy must allow the caller to use it',
  request_refused:
    'the same request would be refused again: check the policies of the bucket and the endpoints, upload an object with a customer-provided key (SSE-C) without the key, or report a bug in sparkify',
  overtaken: 'another batch changed the same rows first, and the load starts over',
  statement_refused:
    'not retryable: the tables are not those of this version, or the warehouse does not support the SQL',
  clock_skewed: 'set the clock of this machine',
  object_exists:
    'the object already exists and was not overwritten: choose another bucket, or other days (--first-day) with another --seed',
  disk_full: 'free disk space in the warehouse; nothing is lost meanwhile',
  outcome_unknown: 'the statement may have run',
};

/**
 * An error of an SDK client as an IngestError: the action, the error and what to do.
 *
 * @param from the service that was called; the error of a proxy's page does not tell.
 */
export function fromSdkError(
  error: unknown,
  doing: string,
  seen: Record<string, unknown> = {},
  from: Service | null = null,
): IngestError {
  if (error instanceof IngestError) return error;
  return ingestError(sdkErrorCode(error, from), doing, errorText(error), { seen, cause: error });
}

/** An error of a call to SQS. */
export function sqsError(error: unknown, seen: { readonly queueUrl: string; readonly operation: string }): IngestError {
  return fromSdkError(error, `${seen.operation} on ${seen.queueUrl}`, seen, 'sqs');
}

/** `<Doing> failed: <what was seen>; <what to do>.` */
export function ingestError(
  code: ErrorCode,
  doing: string,
  text: string,
  options: { seen?: Record<string, unknown>; cause?: unknown },
): IngestError {
  const advice = ADVICE[code];
  const sentence = `${doing} failed: ${onOneLine(text).replace(/[.;]$/, '')}${advice === undefined ? '' : `; ${advice}`}.`;
  return new IngestError(code, sentence, options);
}

/**
 * COPY repeats its message in a block between dashed lines, with a code and internals. This keeps the message, and adds in brackets
 * what only the block says.
 */
function onOneLine(text: string): string {
  const [head = '', ...rest] = text.split(/\s*Detail:\s*/i);
  const detail = rest.join(' ');
  const said = (/^\s*error:\s*(.+)$/m.exec(detail)?.[1] ?? detail).replaceAll(/-{5,}/g, ' ');
  const [message, addition] = [head, said].map((part) => part.replaceAll(/\s+/g, ' ').trim());
  return addition === undefined || addition === '' || message?.includes(addition) === true
    ? (message ?? '')
    : `${message ?? ''} (${addition})`;
}

/** The text of an SDK client's error, for the middle of a sentence. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof NoAnswerError) return error.message;
  const status = (error as Error & { $response?: { statusCode?: number } }).$response?.statusCode;
  if (status !== undefined && error.message.includes('Deserialization error')) {
    return `HTTP ${status} with a body that is not from the service (a proxy or a gateway answered)`;
  }
  // Connection errors of Node may have an empty message and only a code.
  const code = (error as Error & { code?: unknown }).code;
  const message = error.message === '' && typeof code === 'string' ? code : error.message;
  return error.name === 'Error' || message.includes(error.name) ? message : `${error.name}: ${message}`;
}
