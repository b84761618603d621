import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { sdkErrorCode } from './error-codes.ts';

/**
 * An error of the SQS client as one of our codes, with a sentence that says what was seen and what to do. Names that
 * only SQS knows are read here, all others where those of every client are.
 */
export function sqsError(
  thrown: unknown,
  seen: { readonly queueUrl: string; readonly operation: string },
): IngestError {
  if (thrown instanceof IngestError) return thrown;
  const code = sqsErrorCode(thrown);
  const advice = ADVICE[code];
  const sentence = `${seen.operation} on ${seen.queueUrl} failed: ${textOf(thrown)}${advice === undefined ? '' : `; ${advice}`}.`;
  return new IngestError(code, sentence, { seen: { ...seen }, cause: thrown });
}

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  queue_missing: 'there is no such queue: check SPARKIFY_QUEUE_URL and AWS_REGION',
  access_denied: 'allow the action for the identity that runs this program, and check its credentials',
  credentials_expired: 'renew the credentials',
  endpoint_unreachable: 'check the network, and AWS_ENDPOINT_URL_SQS if it is set',
};

/** Codes of the SQS API reference, in the spelling of its JSON and of its older query protocol. */
const SQS_NAMES: Readonly<Record<string, ErrorCode>> = {
  QueueDoesNotExist: 'queue_missing',
  'AWS.SimpleQueueService.NonExistentQueue': 'queue_missing',
  InvalidAddress: 'queue_missing',
  InvalidSecurity: 'access_denied',
  KmsAccessDenied: 'access_denied',
  RequestThrottled: 'throttled',
  KmsThrottled: 'throttled',
  // More than 120,000 messages in flight; some come free when leases end.
  OverLimit: 'throttled',
};

function sqsErrorCode(thrown: unknown): ErrorCode {
  for (const name of [field(thrown, 'name'), field(thrown, 'Code'), field(thrown, 'code')]) {
    const code = typeof name === 'string' ? SQS_NAMES[name] : undefined;
    if (code !== undefined) return code;
  }
  const code = sdkErrorCode(thrown);
  // An error on the server's side: for the other clients that is the warehouse, here it is the queue.
  return code === 'warehouse_unavailable' ? 'endpoint_unreachable' : code;
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const code = field(thrown, 'code');
  // Node leaves the message of some connection errors empty and says all in the code.
  const message = thrown.message === '' && typeof code === 'string' ? code : thrown.message;
  const text = thrown.name === 'Error' || message.includes(thrown.name) ? message : `${thrown.name}: ${message}`;
  return text.trim().replace(/[.;]$/, '');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
