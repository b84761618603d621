import { describe, expect, it } from 'vitest';
import { parseCopy } from '../../src/copy/parse/parse-copy.ts';
import { RedshiftError } from '../../src/errors/redshift-error.ts';

const start = "copy events from 's3://b/k' iam_role 'arn:aws:iam::000000000000:role/r'";

describe('[copy.grammar] the grammar of COPY', () => {
  it('reads the options in any order, in the spellings of the documentation', () => {
    const statement = parseCopy(`COPY "Public".Events (artist, "userId") -- where to
      FROM 's3://bucket/a b/it''s.manifest' WITH CREDENTIALS AS 'aws_iam_role=arn:aws:iam::000000000000:role/r'
      /* and how */ TIMEFORMAT AS 'auto', maxerror as 10 GZIP region 'eu-west-1' format as json 'auto ignorecase'
      MANIFEST COMPUPDATE OFF STATUPDATE ON comprows 5000 ACCEPTINVCHARS AS '^' TRUNCATECOLUMNS ROUNDEC explicit_ids;`);
    expect(statement).toMatchObject({
      schema: 'public',
      table: 'events',
      columns: ['artist', 'userid'],
      source: { bucket: 'bucket', key: "a b/it's.manifest" },
      manifest: true,
      roleArns: ['arn:aws:iam::000000000000:role/r'],
      region: 'eu-west-1',
      compression: 'gzip',
      json: { kind: 'auto', ignoreCase: true },
      failAtErrors: 10,
      explicitIds: true,
      conversion: { timeFormat: 'auto', acceptInvalidChars: '^', truncateColumns: true, roundDecimals: true },
    });
  });

  it.each(["json 'auto'", 'json', "format json 'auto'", "format as json 'auto'", "json as 'auto'"])(
    'takes %s as auto',
    (json) => {
      expect(parseCopy(`${start} ${json}`).json).toEqual({ kind: 'auto', ignoreCase: false });
    },
  );

  it('takes MAXERROR 0, 1 and none as: the first error ends the load', () => {
    expect(['', 'maxerror 0', 'maxerror 1'].map((option) => parseCopy(`${start} json ${option}`).failAtErrors)).toEqual(
      [1, 1, 1],
    );
    expect(parseCopy(`${start} json ignoreallerrors`).failAtErrors).toBeNull();
  });

  it.each([
    ['csv', '42601', 'CSV is not supported with JSON'],
    ["null as 'x'", '42601', 'NULL is not supported with JSON'],
    ["delimiter ','", '42601', 'DELIMITER is not supported with JSON'],
    ['parquet', '0A000', 'FORMAT PARQUET'],
    ['bzip2', '0A000', 'BZIP2'],
    ['gzip zstd', '42601', 'one compression'],
    ['on_conflict', '42601', 'syntax error at or near "on_conflict"'],
    ['maxerror 5 maxerror 6', '42601', 'redundant'],
    ['maxerror 5 ignoreallerrors', '42601', 'together'],
    ['maxerror 100001', '22023', 'between 0 and 100000'],
    ["acceptinvchars 'ab'", '22023', 'one ASCII character'],
    ['dateformat', '42601', 'end of input'],
    ["timeformat 'auto", '42601', 'unterminated quoted string'],
    ['; select 1', '42601', 'select'],
  ])('refuses %s', (tail, sqlState, message) => {
    const failure = failureOf(`${start} json 'auto' ${tail}`);
    expect(failure.sqlState).toBe(sqlState);
    expect(failure.message).toContain(message);
  });

  it.each([
    ["copy t from 's3://b/k' json 'auto'", '42601', 'CREDENTIALS argument is required'],
    ["copy t from 's3://b/k' iam_role default json", '0A000', 'IAM_ROLE default'],
    ["copy t from 's3://b/k' iam_role 'me' json", '42601', "Invalid IAM role 'me'"],
    [`${start} credentials 'aws_iam_role=arn:aws:iam::000000000000:role/r' json`, '42601', 'redundant'],
    [start, '0A000', 'without FORMAT JSON'],
    [`${start} format as avro 'auto'`, '0A000', 'FORMAT AVRO'],
    [`${start} json 'Auto'`, '42601', "Invalid JSON option 'Auto'"],
    ['copy t from stdin', '42601', 'stdin'],
    ["copy t from 'b/k' iam_role 'arn:aws:iam::000000000000:role/r' json", '22023', 'Invalid S3 location'],
    ["copy t from 'dynamodb://x' iam_role 'arn:aws:iam::000000000000:role/r' json", '0A000', 'dynamodb'],
    ["copy t (a, a) from 's3://b/k'", '42701', 'more than once'],
  ])('refuses %s', (sql, sqlState, message) => {
    const failure = failureOf(sql);
    expect(failure.sqlState).toBe(sqlState);
    expect(failure.message).toContain(message);
  });

  it.each(['nowhere-1', 'eu-west', 'EU-WEST-1', ''])(
    '[copy.region] refuses REGION %j, which is not a region',
    (region) => {
      expect(failureOf(`${start} json region '${region}'`).message).toContain(`'${region}' is not a region of S3`);
    },
  );

  it('takes a chain of roles and access keys', () => {
    const one = 'arn:aws:iam::000000000000:role/one';
    expect(parseCopy(`copy t from 's3://b/k' iam_role '${one},${one}2' json`).roleArns).toEqual([one, `${one}2`]);
    expect(
      parseCopy("copy t from 's3://b/k' access_key_id 'a' secret_access_key 'b' session_token 'c' json").roleArns,
    ).toBeNull();
    expect(
      parseCopy("copy t from 's3://b/k' credentials 'aws_access_key_id=a;aws_secret_access_key=b' json").roleArns,
    ).toBeNull();
  });
});

function failureOf(sql: string): RedshiftError {
  try {
    parseCopy(sql);
  } catch (error) {
    if (error instanceof RedshiftError) return error;
    throw error;
  }
  throw new Error(`this COPY was accepted: ${sql}`);
}
