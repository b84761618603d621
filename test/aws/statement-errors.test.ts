import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { stackWarehouse } from '../support/stack-warehouse.ts';
import type { TestPlace } from '../support/stack.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
let tokens = 0;

/** Runs statements on the stand-in and gives the error that the service makes of what it answers. */
async function errorOf(place: TestPlace, ...statements: string[]): Promise<{ code: string; message: string }> {
  const warehouse = stackWarehouse(stack.redshiftData, place.environment);
  tokens += 1;
  const token = `statement-errors-${process.pid}-${tokens}`;
  const signal = new AbortController().signal;
  const run = warehouse.openSession().transaction({ name: 'errors', token, isLasting: true, statements, signal });
  const error: unknown = await run.catch((thrown: unknown) => thrown);
  return error as { code: string; message: string };
}

function copy(place: TestPlace, key: string, options = ''): string {
  const role = place.environment['SPARKIFY_COPY_ROLE_ARN'] ?? '';
  return `copy t from 's3://${place.bucket}/${key}' iam_role '${role}' ${options} format json 'auto ignorecase'`;
}

const TABLE = 'create temp table t (a varchar(8))';

it('a file that is named .gz and is not a gzip archive is bad data', async () => {
  const place = await stack.place({ notifiedPrefixes: [] });
  const plain = new PutObjectCommand({ Bucket: place.bucket, Key: 'day.json.gz', Body: '{"a":"not compressed"}\n' });
  await stack.s3.send(plain);
  const error = await errorOf(place, TABLE, copy(place, 'day.json.gz', 'gzip'));
  expect(error).toMatchObject({ code: 'copy_bad_data' });
  expect(error.message).toMatch(/inflate/);
});

it.each([
  ['a syntax error', 'selectt 1', 'statement_refused'],
  ['a column that is not there', 'select no_such_column from t', 'statement_refused'],
  ['a function that is not there', 'select no_such_function(a) from t', 'statement_refused'],
  ['what Redshift has not', 'select string_agg(a, a) from t', 'statement_refused'],
  ['a value of another type', "insert into t select cast('x' as integer)", 'data_refused'],
  ['a division by zero', 'select 1 / (select 0)', 'data_refused'],
  ['a table that is not there', 'select 1 from no_such_table', 'schema_missing'],
])('%s is the code of a mistake, whatever the words of the warehouse', async (_what, sql, code) => {
  const place = await stack.place({ notifiedPrefixes: [] });
  expect(await errorOf(place, TABLE, sql)).toMatchObject({ code });
});

it('COPY of a key, or from a bucket, that is not there', async () => {
  const place = await stack.place({ notifiedPrefixes: [] });
  const elsewhere = { ...place, bucket: 'no-such-bucket' };
  expect(await errorOf(place, TABLE, copy(place, 'no-such-manifest.json', 'manifest'))).toMatchObject({
    code: 'object_missing',
  });
  expect(await errorOf(place, TABLE, copy(elsewhere, 'a.json'))).toMatchObject({ code: 'bucket_missing' });
});

it('COPY with a role that is not attached to the warehouse', async () => {
  const place = await stack.place({ notifiedPrefixes: [] });
  const sql = copy(place, 'a.json').replace(/role\/[^']+/, 'role/somebody-else');
  expect(await errorOf(place, TABLE, sql)).toMatchObject({ code: 'copy_role_refused' });
});
