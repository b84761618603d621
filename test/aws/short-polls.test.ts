import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { expect, test } from 'vitest';
import { createRedshiftWarehouse } from '../../src/aws/redshift-warehouse.ts';
import type { Clock } from '../../src/core/ports.ts';

test('a Data API that does not wait for the end of a statement is asked at most twice a second', async () => {
  const states = ['SUBMITTED', 'STARTED', 'STARTED', 'FINISHED'];
  const server = createServer((request, response) => {
    const isDescribe = String(request.headers['x-amz-target']).endsWith('DescribeStatement');
    const answer = isDescribe ? { Id: 'x', Status: states.shift(), SubStatements: [] } : { Id: 'x', SessionId: 's' };
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new RedshiftDataClient({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1' },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const [sleptMs, clock]: [number[], Clock] = [
    [],
    { nowMs: () => 0, sleep: async (ms) => await Promise.resolve(void sleptMs.push(ms)) },
  ];
  const target = { clusterIdentifier: 'c', workgroupName: null, database: 'd', secretArn: null, dbUser: 'u' };
  const session = createRedshiftWarehouse({ client, target, clock, random: Math.random }).openSession();
  try {
    await session.transaction({
      ...{ name: 'n', token: 't', isLasting: false, statements: ['select 1'] },
      signal: new AbortController().signal,
    });
  } finally {
    client.destroy();
    server.close();
  }
  expect(sleptMs).toEqual([500, 500, 500]);
});
