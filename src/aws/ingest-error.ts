import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { sdkErrorCode } from './error-codes.ts';
import { NoAnswerError } from './no-answer-error.ts';

/** What a person can do, by code; said after what was seen. */
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  config_invalid: 'check the settings',
  bucket_missing: 'check SPARKIFY_BUCKET and the region',
  access_denied: 'check the credentials and what their policies allow',
  copy_role_refused:
    'check SPARKIFY_COPY_ROLE_ARN: it must be attached to the warehouse and allow s3:GetObject and s3:ListBucket',
  warehouse_missing: 'check SPARKIFY_CLUSTER_IDENTIFIER or SPARKIFY_WORKGROUP_NAME, SPARKIFY_DATABASE and AWS_REGION',
  warehouse_paused: 'resume the cluster; nothing is lost meanwhile',
  endpoint_unreachable: 'check the network, the region and AWS_ENDPOINT_URL_*',
  schema_missing: 'run "sparkify migrate"',
  credentials_expired: 'renew the credentials, or check where they come from',
  key_refused: 'check the KMS key: it must be enabled, and its policy must allow who reads and writes',
  request_refused:
    'trying again changes nothing: this is a mistake of this program, or a rule of the account against it',
  statement_refused:
    'trying again changes nothing: the tables are not those of this program, or the warehouse knows other SQL',
  clock_skewed: 'set the clock of this machine',
  object_unreadable: 'restore the object from its archive, then put it again',
  disk_full: 'make room in the warehouse; nothing is lost meanwhile',
  outcome_unknown: 'whether it ran is asked of the ledger',
};

/** An error of an SDK client as ours: what was being done, what was seen, what to do. */
export function fromSdkError(error: unknown, doing: string, seen: Record<string, unknown> = {}): IngestError {
  if (error instanceof IngestError) return error;
  return ingestError(sdkErrorCode(error), doing, errorText(error), { seen, cause: error });
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
 * COPY repeats its message in a block between dashed lines, with a code and internals below it. A person reads the
 * message; what the block adds to it, if anything, follows in brackets.
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

/** What an error of an SDK client says, for the middle of a sentence. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof NoAnswerError) return error.message;
  // Connection errors of Node may have an empty message and say all in the code.
  const code = (error as Error & { code?: unknown }).code;
  const message = error.message === '' && typeof code === 'string' ? code : error.message;
  return error.name === 'Error' || message.includes(error.name) ? message : `${error.name}: ${message}`;
}
