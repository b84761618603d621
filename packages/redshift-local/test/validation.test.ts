import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ExecuteStatementInput } from '@aws-sdk/client-redshift-data';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onRealCluster, useRedshift } from './use-redshift.ts';

const redshift = useRedshift();
const execute = async (changes: Partial<ExecuteStatementInput>) =>
  await redshift.data.send(new ExecuteStatementCommand({ ...redshift.target, Sql: 'select 1', ...changes }));

describe('[api.validation] a call is refused with ValidationException', () => {
  it.each<[string, Partial<ExecuteStatementInput>]>([
    ['WaitTimeSeconds is above 30', { WaitTimeSeconds: 31 }],
    ['WaitTimeSeconds is 0', { WaitTimeSeconds: 0 }],
    ['SessionKeepAliveSeconds is above 24 hours', { SessionKeepAliveSeconds: 86_401 }],
    ['ClientToken has more than 64 characters', { ClientToken: 'x'.repeat(65) }],
    ['StatementName has more than 2048 characters', { StatementName: 'x'.repeat(2049) }],
    ['the cluster identifier has capitals', { ClusterIdentifier: 'Upper' }],
    ['cluster and workgroup are both given', { WorkgroupName: 'workgroup' }],
    ['no target is given', { ClusterIdentifier: undefined }],
    ['no database is given', { Database: undefined }],
    ['the statement is larger than 100 KB', { Sql: `select '${'x'.repeat(210_000)}'` }],
    ['SessionId is no id', { SessionId: 'not-an-id' }],
  ])('when %s', async (_, changes) => {
    await expect(execute(changes)).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('when the cluster is not known, with the text of the service', async () => {
    await expect(execute({ ClusterIdentifier: 'another-cluster' })).rejects.toThrow(
      "Redshift endpoint doesn't exist in this region.",
    );
  });

  it('when an id is malformed, with the text of the service', async () => {
    await expect(redshift.data.send(new DescribeStatementCommand({ Id: 'x' }))).rejects.toThrow(
      /^id must satisfy regex pattern:/,
    );
  });
});

describe('an unknown statement', () => {
  it.each([DescribeStatementCommand, GetStatementResultCommand])('does not exist for %o', async (Command) => {
    await expect(redshift.data.send(new Command({ Id: randomUUID() }) as DescribeStatementCommand)).rejects.toThrow(
      'Query does not exist.',
    );
  });

  it('is also a number that the batch does not have', async () => {
    const { Id } = await redshift.batch(['select 1']);
    await expect(redshift.data.send(new DescribeStatementCommand({ Id: `${Id}:2` }))).rejects.toThrow(
      'Query does not exist.',
    );
  });
});

const operations = [
  'BatchExecuteStatement',
  'CancelStatement',
  'DescribeStatement',
  'DescribeTable',
  'ExecuteStatement',
  'GetStatementResult',
  'GetStatementResultV2',
  'ListDatabases',
  'ListSchemas',
  'ListSessions',
  'ListStatements',
  'ListTables',
];

/** Errors of the service model that blame the request; InternalServerException is not among them. */
const modelled = [
  'ValidationException',
  'ResourceNotFoundException',
  'ActiveStatementsExceededException',
  'ActiveSessionsExceededException',
  'DatabaseConnectionException',
];

const base64 = (token: string): string => Buffer.from(token).toString('base64');
const odd = fc.constantFrom<unknown>(
  ...['', '\0', '%\\', '\ud800', 'x'.repeat(3000), randomUUID(), `${randomUUID()}:01`, 'select 1', 'select (', 'JSON'],
  ...[base64('1'), base64('1e300 x'), base64(`9 ${randomUUID()}`), base64('99999999999999999999 \0'), 'ALL'],
  ...[
    null,
    true,
    0,
    1,
    -1,
    0.5,
    1e300,
    [],
    {},
    [null],
    ['select 1'],
    ['\0'],
    [{ name: '__proto__', value: '1' }],
    [{}],
  ],
);
const names =
  'Id Sql Sqls Parameters ClusterIdentifier WorkgroupName SecretArn DbUser Database ConnectedDatabase Schema Table ' +
  'SchemaPattern TablePattern StatementName ClientToken SessionId SessionKeepAliveSeconds WaitTimeSeconds MaxResults ' +
  'NextToken Status RoleLevel ResultFormat ExecutionMode WithEvent';
const members = fc.record(
  Object.fromEntries(names.split(' ').map((name) => [name, fc.oneof(odd, fc.string({ unit: 'binary' }))])),
  { requiredKeys: [] },
);

describe.skipIf(onRealCluster)('the wire', () => {
  const call = async (target: string, body: string) =>
    await fetch(redshift.local.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body,
    });

  it('[api.wire] carries timestamps as seconds and errors as __type and Message', async () => {
    const { Id } = await redshift.run('select 1');
    const described = (await (await call('RedshiftData.DescribeStatement', JSON.stringify({ Id }))).json()) as {
      CreatedAt: number;
    };
    const refused = await call('RedshiftData.DescribeStatement', '{}');
    expect(Math.abs(described.CreatedAt - Date.now() / 1000)).toBeLessThan(60);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      __type: 'ValidationException',
      Message: expect.any(String) as string,
    });
  });

  it('keeps all digits of integers above 2^53', async () => {
    const { Id } = await redshift.run('select 9007199254740993::bigint as n');
    expect(await (await call('RedshiftData.GetStatementResult', JSON.stringify({ Id }))).text()).toContain(
      '"longValue":9007199254740993}',
    );
  });

  it('refuses an unknown operation, and a body that is not JSON', async () => {
    expect(await (await call('RedshiftData.DropEverything', '{}')).json()).toMatchObject({
      __type: 'UnknownOperationException',
    });
    for (const inherited of ['RedshiftData.constructor', 'RedshiftData.__proto__']) {
      expect(await (await call(inherited, '{}')).json()).toMatchObject({ __type: 'UnknownOperationException' });
    }
    for (const body of ['{', '[]', 'null', '"text"', '\0']) {
      expect(await (await call('RedshiftData.ListStatements', body)).json()).toMatchObject({
        __type: 'SerializationException',
      });
    }
  });

  it('refuses a body that is too large, after reading it', async () => {
    const answer = await call('RedshiftData.ExecuteStatement', JSON.stringify({ Sql: 'x'.repeat(16_000_000) }));
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { __type: 'ValidationException', Message: 'The body is larger than 16000000 bytes.' },
    ]);
  });

  it('answers to no name but those of this machine', async () => {
    const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const options = { method: 'POST', headers: { host: 'rebound.example' } };
      request(redshift.local.url, options, (response) => {
        text(response).then((body) => resolve([response.statusCode, body]), reject);
      }).end('{}');
    });
    expect(answer).toEqual([403, expect.stringContaining('Host header is "rebound.example"')]);
  });

  it('answers every request with a result or an error of the service model', { timeout: 240_000 }, async () => {
    const refusals = new Set<unknown>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), members, fc.boolean(), async (operation, given, isAimed) => {
        const body = JSON.stringify({ ...(isAimed ? redshift.target : {}), ...given });
        const answer = await call(`RedshiftData.${operation}`, body);
        const reply = (await answer.json()) as { __type?: string };
        if (answer.status === 200) return;
        refusals.add(reply.__type);
        expect(modelled, JSON.stringify(reply)).toContain(reply.__type);
      }),
      { numRuns: 400 },
    );
    expect(refusals.size).toBeGreaterThan(0);
  });

  it('answers GET /health', async () => {
    expect(await (await fetch(`${redshift.local.url}/health`)).json()).toEqual({ status: 'ok', cluster: 'available' });
  });
});
