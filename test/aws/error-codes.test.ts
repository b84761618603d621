import { describe, expect, test } from 'vitest';
import {
  isQuotaError,
  isSessionBusy,
  isSessionError,
  mayHaveHappened,
  sdkErrorCode,
  statementErrorCode,
} from '../../src/aws/error-codes.ts';
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
  test.each([
    [
      "ERROR: Load into table 'staging_events' failed.  Check 'stl_load_errors' system table for details.",
      'copy_bad_data',
    ],
    [
      "ERROR: Load into table 'staging_songs' failed. Check 'sys_load_error_detail' system table for details. [ErrorId: 1-x]",
      'copy_bad_data',
    ],
    ['ERROR: Mandatory url is not present in manifest file s3://b/k', 'object_missing'],
    ['ERROR: No such file or directory\n DETAIL: The specified key does not exist. code: 2', 'object_missing'],
    ['ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1', 'copy_role_refused'],
    [
      'ERROR: Problem reading manifest file - S3ServiceException:Access Denied,Status 403,Error AccessDenied',
      'copy_role_refused',
    ],
    [
      'ERROR: User arn:aws:redshift:us-east-1:1:dbuser:c/u is not authorized to assume IAM Role arn:aws:iam::1:role/r',
      'copy_role_refused',
    ],
    [
      'ERROR: S3ServiceException:The bucket you are attempting to access must be addressed using the specified endpoint.',
      'config_invalid',
    ],
    [
      'ERROR: 1023\n DETAIL: Serializable isolation violation on table - 141349, transactions forming the cycle are: 4044550, 4044551 (pid:7005)',
      'serialization_conflict',
    ],
    ['ERROR: 1018 DETAIL: Relation does not exist', 'serialization_conflict'],
    ['ERROR: could not serialize access due to concurrent update', 'serialization_conflict'],
    ['ERROR: deadlock detected', 'deadlock'],
    ['ERROR: Disk Full', 'disk_full'],
    ['ERROR: Query (1) cancelled by WLM abort action', 'timeout'],
    ["ERROR: Query (1) cancelled on user's request", 'aborted'],
    ['Query was cancelled', 'aborted'],
    ['ERROR: relation "ingest_files" does not exist', 'schema_missing'],
    ['ERROR: schema "sparkify" does not exist', 'schema_missing'],
    ['ERROR: permission denied for relation songplays', 'access_denied'],
    ['FATAL: password authentication failed for user "x"', 'access_denied'],
    ['FATAL: database "x" does not exist', 'warehouse_missing'],
    ['FATAL: the database system is starting up', 'warehouse_unavailable'],
    ['FATAL: terminating connection due to administrator command', 'session_lost'],
    ['Connection or an prior query failed.', 'session_lost'],
    ['ERROR: Found multiple matches to update the same tuple.', 'unknown'],
    ['ERROR: division by zero', 'unknown'],
  ])('%s', (text, code) => {
    expect(statementErrorCode(text)).toBe(code);
  });
});

describe('an error of an SDK client leads to its code', () => {
  test.each([
    [sdkError('ValidationException', "Redshift endpoint doesn't exist in this region.", 400), 'warehouse_missing'],
    [sdkError('ValidationException', 'Cluster sparkify is paused.', 400), 'warehouse_paused'],
    [sdkError('ValidationException', 'Sqls must not be empty', 400), 'unknown'],
    [sdkError('ActiveStatementsExceededException', 'too many', 400), 'throttled'],
    [sdkError('ThrottlingException', 'Rate exceeded', 400), 'throttled'],
    [sdkError('SlowDown', 'Please reduce your request rate.', 503), 'throttled'],
    [
      sdkError('ExpiredTokenException', 'The security token included in the request is expired', 400),
      'credentials_expired',
    ],
    [sdkError('AccessDeniedException', 'User is not authorized', 400), 'access_denied'],
    [sdkError('CredentialsProviderError', 'Could not load credentials from any providers'), 'access_denied'],
    [sdkError('Forbidden', '', 403), 'access_denied'],
    [sdkError('NoSuchBucket', 'The specified bucket does not exist', 404), 'bucket_missing'],
    [sdkError('NoSuchKey', 'The specified key does not exist.', 404), 'object_missing'],
    [sdkError('NotFound', 'UnknownError', 404), 'object_missing'],
    [sdkError('InternalServerException', 'oops', 500), 'warehouse_unavailable'],
    [sdkError('TimeoutError', 'socket hang up'), 'endpoint_unreachable'],
    [sdkError('AbortError', 'Request aborted'), 'aborted'],
    [systemError('ECONNREFUSED'), 'endpoint_unreachable'],
    [systemError('ENOTFOUND'), 'endpoint_unreachable'],
    [systemError('ECONNRESET'), 'endpoint_unreachable'],
    [sdkError('ClusterNotFoundFault', 'Cluster x not found.', 404), 'warehouse_missing'],
  ])('%s', (error, code) => {
    expect(sdkErrorCode(error)).toBe(code);
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
