import { randomUUID } from 'node:crypto';
import type { ExecuteStatementInput } from '@aws-sdk/client-redshift-data';
import {
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
} from '@aws-sdk/client-redshift-data';
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
    expect(await (await call('RedshiftData.ListStatements', '{')).json()).toMatchObject({
      __type: 'SerializationException',
    });
  });

  it('answers GET /health', async () => {
    expect(await (await fetch(`${redshift.local.url}/health`)).json()).toEqual({ status: 'ok', cluster: 'available' });
  });
});
