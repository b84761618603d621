import { ResourceNotFoundException, ValidationException } from '@aws-sdk/client-redshift-data';
import { describe, expect, test } from 'vitest';
import {
  isQuotaError,
  isSessionBusy,
  isSessionError,
  mayHaveHappened,
  sdkErrorCode,
  statementErrorCode,
} from '../../src/aws/recognise-error.ts';
import { BROKEN_CONNECTION, NOT_CONNECTED } from '../../src/aws/error-names.ts';
import { DATA_API_TEXT_ROWS, STATEMENT_ROWS } from '../../src/aws/error-texts.ts';
import { fromSdkError } from '../../src/aws/ingest-error.ts';
import { targetFields } from '../../src/aws/data-api-target.ts';

function sdkError(name: string, message: string, status?: number): Error {
  return Object.assign(new Error(message), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:4567`), { code });
}

describe('the text of a failed statement leads to its code', () => {
  test.each<[string, string]>([
    ...STATEMENT_ROWS.map(({ seen, code }): [string, string] => [seen, code]),
    [
      "ERROR: Load into table 'staging_songs' failed. Check 'sys_load_error_detail' system table for details. [ErrorId: 1-x]",
      'copy_bad_data',
    ],
    ['ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1', 'copy_role_refused'],
    ['ERROR: S3CurlException: Timeout was reached, CurlError 28, multiCurlError 0, CanRetry 1', 'service_unavailable'],
    ['ERROR: could not serialize access due to concurrent update', 'serialization_conflict'],
    ['ERROR: canceling statement due to lock timeout', 'timeout'],
    ['ERROR: canceling statement due to statement timeout', 'timeout'],
    ['ERROR: Query (1) cancelled by WLM abort action', 'timeout'],
    ['ERROR: system requested abort query', 'aborted'],
    ['Query was cancelled', 'aborted'],
    ['ERROR: schema "sparkify" does not exist', 'schema_missing'],
    ['FATAL: connection limit "500" exceeded for non-bootstrap users', 'warehouse_unavailable'],
    ['Connection or an prior query failed.', 'session_lost'],
    ['ERROR: column "x" does not exist in t', 'statement_refused'],
    ['ERROR: function f(integer) does not exist', 'statement_refused'],
    ['ERROR: division by zero', 'data_refused'],
    // Numbers that only look like a code of theirs.
    ['ERROR: something nobody has seen (pid:1023)', 'unknown'],
    ['ERROR: assert. Detail: error: Assert code: 1000', 'unknown'],
  ])('%s', (text, code) => {
    expect(statementErrorCode(text)).toBe(code);
  });
});

describe('an error of an SDK client leads to its code', () => {
  const refused = (message: string, name = 'ValidationException') => {
    const types = { ValidationException, ResourceNotFoundException };
    const options = { message, Message: message, ResourceId: 'x', $metadata: { httpStatusCode: 400 } };
    return new types[name as keyof typeof types](options);
  };
  test.each<[Error, string]>([
    [refused('Session with Id: 4a7a is invalid'), 'session_lost'],
    [refused('Query does not have result. Please check query status with DescribeStatement.'), 'outcome_unknown'],
    [refused('Query does not exist.', 'ResourceNotFoundException'), 'outcome_unknown'],
    [refused('Workgroup x was not found', 'ResourceNotFoundException'), 'warehouse_missing'],
    [refused('Sqls must not be empty'), 'request_refused'],
    [sdkError('InvalidSignatureException', 'Signature expired: 1 is now earlier than 2', 403), 'clock_skewed'],
    [sdkError('CredentialsProviderError', 'Could not load credentials from any providers'), 'credentials_expired'],
    [sdkError('Forbidden', '', 403), 'access_denied'],
    [sdkError('TimeoutError', 'socket hang up'), 'endpoint_unreachable'],
    [sdkError('AbortError', 'Request aborted'), 'aborted'],
    ...[...NOT_CONNECTED, ...BROKEN_CONNECTION].map((code): [Error, string] => [
      systemError(code),
      'endpoint_unreachable',
    ]),
  ])('%s', (error, code) => {
    expect(sdkErrorCode(error)).toBe(code);
  });

  test.each(DATA_API_TEXT_ROWS.map(({ seen, code }) => [seen, code] as const))('%s', (text, code) => {
    expect(sdkErrorCode(refused(text))).toBe(code);
  });
});

test('a lost answer may have had its effect; a refusal and a connection never made had none', () => {
  const may = [systemError('ECONNRESET'), sdkError('InternalServerException', '', 500), sdkError('TimeoutError', '')];
  const not = [
    systemError('ECONNREFUSED'),
    sdkError('ValidationException', '', 400),
    sdkError('ThrottlingException', '', 400),
  ];
  expect(may.map(mayHaveHappened)).toEqual([true, true, true]);
  expect(not.map(mayHaveHappened)).toEqual([false, false, false]);
});

test('a session that is unknown or busy is told from a wrong request, and the quotas from both', () => {
  expect(isSessionError(sdkError('ValidationException', 'Session 1 is not available', 400))).toBe(true);
  expect(isSessionError(sdkError('ValidationException', 'Sqls must not be empty', 400))).toBe(false);
  expect(isSessionBusy(sdkError('ValidationException', 'Session 1 is busy', 400))).toBe(true);
  expect(isSessionBusy(sdkError('ValidationException', 'Session 1 does not exist', 400))).toBe(false);
  expect(isQuotaError(sdkError('ActiveSessionsExceededException', '', 400))).toBe(true);
  expect(isQuotaError(sdkError('ThrottlingException', '', 400))).toBe(false);
});

test('a sentence says what was done, what was seen and what to do', () => {
  expect(fromSdkError(systemError('ECONNREFUSED'), 'Writing s3://b/k').message).toBe(
    'Writing s3://b/k failed: connect ECONNREFUSED 127.0.0.1:4567; check the network, the region and AWS_ENDPOINT_URL_*.',
  );
});

test('cluster or workgroup, with secret, user or neither: each gives the fields that the Data API takes', () => {
  const none = { clusterIdentifier: null, workgroupName: null, database: 'd', dbUser: null, secretArn: null };
  expect(targetFields({ ...none, clusterIdentifier: 'c', dbUser: 'u' })).toEqual({
    ClusterIdentifier: 'c',
    Database: 'd',
    DbUser: 'u',
  });
  expect(targetFields({ ...none, workgroupName: 'w' })).toEqual({ WorkgroupName: 'w', Database: 'd' });
  expect(targetFields({ ...none, clusterIdentifier: 'c', secretArn: 's' })).toEqual({
    ClusterIdentifier: 'c',
    Database: 'd',
    SecretArn: 's',
  });
  for (const wrong of [
    none,
    { ...none, clusterIdentifier: 'c', workgroupName: 'w' },
    { ...none, workgroupName: 'w', dbUser: 'u' },
    { ...none, clusterIdentifier: 'c', dbUser: 'u', secretArn: 's' },
  ]) {
    expect(() => targetFields(wrong)).toThrow();
  }
});
