import type { ErrorCode } from '../core/errors.ts';
import type { NameRow, Service } from './error-names.ts';
import { BROKEN_CONNECTION, NAME_ROWS, NOT_CONNECTED, STATUS_ROWS } from './error-names.ts';
import type { TextRow } from './error-texts.ts';
import { DATA_API_TEXT_ROWS, STATEMENT_ROWS } from './error-texts.ts';

/**
 * Code of an error thrown by an SDK client, by the rows of `error-names.ts`; `unknown` when it is in none.
 *
 * @param from the service, if the caller knows it: the error of a proxy's page does not tell.
 */
export function sdkErrorCode(error: unknown, from: Service | null = null): ErrorCode {
  const { message, name, status, system, ...parts } = sdkErrorParts(error);
  const service = from ?? parts.service;
  if (name === 'AbortError') return 'aborted';
  const byText = service === 'data_api' && SAYS_TOO_LITTLE.has(name) ? firstMatch(DATA_API_TEXT_ROWS, message) : null;
  if (byText !== null) return byText;
  if (/signature (?:has )?expired|signature not yet current/i.test(message)) return 'clock_skewed';
  const byName = nameRow(name, service)?.code;
  if (byName !== undefined) return byName;
  if (NETWORK.has(system) || NETWORK.has(name)) return 'endpoint_unreachable';
  return codeOfStatus(status, service);
}

/** The row of an error's name; a row of the service has priority over a row of `any`. */
export function nameRow(name: string, service: Service | null): NameRow | undefined {
  const rows = NAME_ROWS.filter(({ names }) => names.includes(name));
  return rows.find(({ from }) => from === service) ?? rows.find(({ from }) => from === 'any');
}

/**
 * Whether a failed call may have taken effect: its reply was lost or incomplete, or it was a server error. A refusal or a connection
 * that was never made has no effect.
 */
export function mayHaveHappened(error: unknown): boolean {
  const { name, status, system } = sdkErrorParts(error);
  if (NOT_CONNECTED.includes(system) || NOT_CONNECTED.includes(name)) return false;
  if (name === 'AbortError') return true;
  return status === null || status < 300 || status >= 500;
}

/**
 * Whether a session is only not ready: it runs a statement, or was just opened. The text is not documented; public clients wait
 * about two seconds before they use a new session.
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

/** Whether the error is a quota that the SDK does not retry (all HTTP 400). */
export function isQuotaError(error: unknown): boolean {
  const { name } = sdkErrorParts(error);
  return nameRow(name, 'data_api')?.code === 'throttled' && name.startsWith('Active');
}

/** Code of a failed statement, by the `Error` text of DescribeStatement. */
export function statementErrorCode(text: string): ErrorCode {
  return firstMatch(STATEMENT_ROWS, text) ?? 'unknown';
}

/** Error names that the Data API uses for many different errors. */
const SAYS_TOO_LITTLE: ReadonlySet<string> = new Set(['ValidationException', 'ResourceNotFoundException']);

const NETWORK: ReadonlySet<string> = new Set([...NOT_CONNECTED, ...BROKEN_CONNECTION]);

function firstMatch(rows: readonly TextRow[], text: string): ErrorCode | null {
  return rows.find((row) => row.text.test(text))?.code ?? null;
}

function codeOfStatus(status: number | null, service: Service | null): ErrorCode {
  if (status === null) return 'unknown';
  const found = STATUS_ROWS.find(
    ({ from, range: [first, last] }) => (from === service || from === 'any') && first <= status && status <= last,
  );
  return found?.code ?? 'unknown';
}

type Parts = {
  readonly name: string;
  readonly message: string;
  readonly service: Service | null;
  readonly status: number | null;
  readonly system: string;
};

function sdkErrorParts(error: unknown): Parts {
  if (!(error instanceof Error)) return { name: '', message: String(error), service: null, status: null, system: '' };
  const extra = error as Error & {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
    cause?: unknown;
    errors?: unknown;
  };
  // A response that is not in the service's format (a proxy's page) has its status in `$response` only.
  const status = extra.$metadata?.httpStatusCode ?? extra.$response?.statusCode ?? null;
  const inner = [extra, extra.cause, ...(Array.isArray(extra.errors) ? (extra.errors as unknown[]) : [])];
  const system = inner.map(systemCode).find((code) => code !== '') ?? '';
  return { name: error.name, message: error.message, service: serviceOf(error), status, system };
}

const SERVICES: ReadonlyMap<string, Service> = new Map([
  ['S3ServiceException', 's3'],
  ['SQSServiceException', 'sqs'],
  ['RedshiftDataServiceException', 'data_api'],
  ['RedshiftServiceException', 'redshift'],
]);

/**
 * The service of an error, by the name of the class that all errors of a client extend. By name, because importing the four clients
 * would load one that most commands never use.
 */
function serviceOf(error: Error): Service | null {
  for (let type: unknown = Object.getPrototypeOf(error); type instanceof Error; type = Object.getPrototypeOf(type)) {
    const service = SERVICES.get(type.constructor.name);
    if (service !== undefined) return service;
  }
  return null;
}

function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
