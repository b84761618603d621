import type { ErrorCode } from '../core/errors.ts';
import { IngestError } from '../core/errors.ts';

/** An error of the SQS client as one of our codes, with a sentence that says what was seen and what to do. */
export function sqsError(
  thrown: unknown,
  seen: { readonly queueUrl: string; readonly operation: string },
): IngestError {
  if (thrown instanceof IngestError) return thrown;
  const code = recognise(thrown);
  return new IngestError(code, SENTENCES[code](seen.queueUrl, seen.operation, describe(thrown)), {
    seen: { ...seen },
    cause: thrown,
  });
}

type SqsCode = Extract<
  ErrorCode,
  | 'queue_missing'
  | 'access_denied'
  | 'credentials_expired'
  | 'throttled'
  | 'endpoint_unreachable'
  | 'aborted'
  | 'unknown'
>;

const SENTENCES: Readonly<Record<SqsCode, (queueUrl: string, operation: string, what: string) => string>> = {
  queue_missing: (url, _operation, what) =>
    `The queue ${url} does not exist (${what}). Check SPARKIFY_QUEUE_URL and AWS_REGION.`,
  access_denied: (url, operation, what) =>
    `SQS refused ${operation} on ${url} (${what}). Allow the action for the identity that runs this program, and check its credentials.`,
  credentials_expired: (url, operation, what) =>
    `SQS refused ${operation} on ${url} because the credentials have expired (${what}). Renew them.`,
  throttled: (url, operation, what) => `SQS throttles ${operation} on ${url} (${what}).`,
  endpoint_unreachable: (url, operation, what) =>
    `SQS cannot be reached for ${operation} on ${url} (${what}). Check the network, and AWS_ENDPOINT_URL_SQS if it is set.`,
  aborted: (url, operation) => `${operation} on ${url} was cut off by shutdown.`,
  unknown: (url, operation, what) => `${operation} on ${url} failed: ${what}.`,
};

/** Names as the service and Node's network stack give them (SQS API reference, "Common errors"). */
const CODES: readonly (readonly [RegExp, SqsCode])[] = [
  [/^AbortError$/, 'aborted'],
  [/QueueDoesNotExist|NonExistentQueue|^InvalidAddress$/, 'queue_missing'],
  [/^ExpiredToken|^RequestExpired$/, 'credentials_expired'],
  [
    /AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthentication|^CredentialsProviderError$/,
    'access_denied',
  ],
  [/Throttl|^OverLimit$|TooManyRequests|SlowDown/, 'throttled'],
  [
    /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ECONNABORTED)$/,
    'endpoint_unreachable',
  ],
  [/^(TimeoutError|NetworkingError|ServiceUnavailable|InternalFailure|InternalError)$/, 'endpoint_unreachable'],
];

function recognise(thrown: unknown): SqsCode {
  for (const text of names(thrown)) {
    const match = CODES.find(([pattern]) => pattern.test(text));
    if (match !== undefined) return match[1];
  }
  const status = field(field(thrown, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' && status >= 500 ? 'endpoint_unreachable' : 'unknown';
}

/** The places where a code may stand: the error itself, its causes, and the attempts of a connection to several addresses. */
function names(thrown: unknown, depth = 0): string[] {
  if (depth > 4 || typeof thrown !== 'object' || thrown === null) return [];
  const own = [field(thrown, 'name'), field(thrown, 'code'), field(thrown, 'Code')].filter(
    (it) => typeof it === 'string',
  );
  const attempts: unknown = field(thrown, 'errors');
  const nested = [field(thrown, 'cause'), ...(Array.isArray(attempts) ? (attempts as unknown[]) : [])];
  return [...own, ...nested.flatMap((inner) => names(inner, depth + 1))];
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const message = thrown.message === '' ? names(thrown).join(' ') : thrown.message;
  return thrown.name === 'Error' ? message : `${thrown.name}: ${message}`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
