import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';
import { ERROR_POLICY } from '../core/verdict.ts';
import { nameRow, sdkErrorCode } from './error-codes.ts';
import { errorText } from './ingest-error.ts';

/**
 * An error of the SQS client as an IngestError: the call, the error and what to do.
 */
export function sqsError(
  thrown: unknown,
  seen: { readonly queueUrl: string; readonly operation: string },
): IngestError {
  if (thrown instanceof IngestError) return thrown;
  const code = sdkErrorCode(thrown, 'sqs');
  const advice = ADVICE[code];
  const sentence = `${seen.operation} on ${seen.queueUrl} failed: ${errorText(thrown).trim().replace(/[.;]$/, '')}${advice === undefined ? '' : `; ${advice}`}.`;
  return new IngestError(code, sentence, { seen: { ...seen }, cause: thrown });
}

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  queue_missing: 'the queue does not exist: check SPARKIFY_QUEUE_URL and AWS_REGION',
  access_denied: 'allow the action for the identity that runs this program, and check its credentials',
  key_refused: 'check the KMS key of the queue: it must be enabled and usable by the identity that runs this program',
  credentials_expired: 'renew the credentials, or check their source',
  clock_skewed: 'set the clock of this machine',
  request_refused: 'not retryable: a bug in sparkify, or a queue policy that blocks the call',
  endpoint_unreachable: 'check the network, and AWS_ENDPOINT_URL_SQS if it is set',
};

/** Whether an entry of a batch call that failed with this code may succeed the next time. */
export function mayPass(entry: {
  readonly Code?: string | undefined;
  readonly SenderFault?: boolean | undefined;
}): boolean {
  if (entry.SenderFault !== true) return true;
  const code = nameRow(entry.Code ?? '', 'sqs')?.code;
  return code !== undefined && ERROR_POLICY[code].then.kind === 'wait';
}
