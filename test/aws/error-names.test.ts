import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import * as redshift from '@aws-sdk/client-redshift';
import * as dataApi from '@aws-sdk/client-redshift-data';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameRow, sdkErrorCode } from '../../src/aws/recognise-error.ts';
import { BROKEN_CONNECTION, NAME_ROWS, NOT_CONNECTED, STATUS_ROWS } from '../../src/aws/error-names.ts';
import type { Service } from '../../src/aws/error-names.ts';
import { sqsError } from '../../src/aws/ingest-error.ts';
import { errorAnswer } from '../faults/errors/support/error-answer.ts';
import type { HttpAnswer } from '../faults/errors/support/error-answer.ts';

/** The names of all errors in a client's model: the classes it exports that extend its base class. */
function modelled(client: object, base: string): readonly string[] {
  const exported = client as Record<string, unknown>;
  const baseClass = exported[base] as { prototype: object };
  return Object.values(exported).flatMap((value) => {
    if (typeof value !== 'function' || !isPrototypeOf(baseClass, value)) return [];
    const error = new (value as new (options: object) => Error)({ message: '', $metadata: {} });
    return [error.name];
  });
}

function isPrototypeOf(base: { prototype: object }, type: unknown): boolean {
  return Object.prototype.isPrototypeOf.call(base.prototype, (type as { prototype?: object }).prototype ?? {});
}

const MODELS: Readonly<Record<Service, readonly string[]>> = {
  s3: modelled(s3, 'S3ServiceException'),
  sqs: modelled(sqs, 'SQSServiceException'),
  data_api: modelled(dataApi, 'RedshiftDataServiceException'),
  redshift: modelled(redshift, 'RedshiftServiceException'),
};

/** A list of the SDK's retry strategy. It exports what it does with the list, not the list. */
function retryList(name: string): readonly string[] {
  const retry = createRequire(import.meta.resolve('@aws-sdk/client-s3')).resolve('@smithy/core/retry');
  const [, list = ''] = new RegExp(`const ${name} = \\[([^\\]]*)\\]`).exec(readFileSync(retry, 'utf8')) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, code = '']) => code);
}

describe('every error that the SDK knows', () => {
  it.each(Object.entries(MODELS))('of the %s client is in a row', (service, names) => {
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(names.filter((name) => nameRow(name, service as Service) === undefined)).toEqual([]);
  });

  it('of its retry strategy is in a row', () => {
    const names = ['THROTTLING_ERROR_CODES', 'TRANSIENT_ERROR_CODES', 'CLOCK_SKEW_ERROR_CODES'].map(retryList);
    const codes = ['NODEJS_TIMEOUT_ERROR_CODES', 'NODEJS_NETWORK_ERROR_CODES'].map(retryList);
    for (const list of [...names, ...codes]) expect(list.length).toBeGreaterThanOrEqual(3);
    expect(names.flat().filter((name) => nameRow(name, null) === undefined)).toEqual([]);
    expect(codes.flat().filter((code) => ![...NOT_CONNECTED, ...BROKEN_CONNECTION].includes(code))).toEqual([]);
  });

  it('that it calls throttling leads to waiting', () => {
    for (const name of retryList('THROTTLING_ERROR_CODES')) expect(nameRow(name, null)?.code, name).toBe('throttled');
  });

  it('stands in one row for each service', () => {
    const all = NAME_ROWS.flatMap(({ from, names }) => names.map((name) => `${from} ${name}`));
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });
});

/** Answers every call of every client in the same way. */
let answer: HttpAnswer = { status: 200, headers: {}, body: '' };
const server: Server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(answer.status, answer.headers).end(answer.body));
});
let ask: Readonly<Record<Service, () => Promise<unknown>>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpoint = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const options = {
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // What the SDK tries by itself is not the matter here.
    maxAttempts: 1,
  };
  const s3Client = new s3.S3Client({ ...options, forcePathStyle: true });
  const sqsClient = new sqs.SQSClient(options);
  const dataClient = new dataApi.RedshiftDataClient(options);
  const redshiftClient = new redshift.RedshiftClient(options);
  ask = {
    s3: async () => await s3Client.send(new s3.GetObjectCommand({ Bucket: 'b', Key: 'k' })),
    sqs: async () => await sqsClient.send(new sqs.ReceiveMessageCommand({ QueueUrl: `${endpoint}/000000000000/q` })),
    data_api: async () => await dataClient.send(new dataApi.DescribeStatementCommand({ Id: 'x' })),
    redshift: async () => await redshiftClient.send(new redshift.DescribeClustersCommand({})),
  };
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function codeOf(from: Service): Promise<string> {
  const error: unknown = await ask[from]().catch((thrown: unknown) => thrown);
  return from === 'sqs' ? sqsError(error, { queueUrl: 'q', operation: 'ReceiveMessage' }).code : sdkErrorCode(error);
}

const SERVICES = Object.keys(MODELS) as Service[];

describe('the code of an error that comes over the wire', () => {
  it.each(SERVICES)('is that of its row, for every name that %s may send', async (from) => {
    const rows = NAME_ROWS.filter((row) => row.from === from || row.from === 'any');
    const found: string[] = [];
    const expected: string[] = [];
    for (const name of rows.flatMap(({ names }) => names)) {
      if (/^(?:CredentialsProviderError|TokenProviderError|TimeoutError)$/.test(name)) continue;
      answer = errorAnswer(from, { name, message: 'What was seen.', status: 400 });
      found.push(`${name}: ${await codeOf(from)}`);
      expected.push(`${name}: ${nameRow(name, from)?.code ?? ''}`);
    }
    expect(found.length).toBeGreaterThan(50);
    expect(found).toEqual(expected);
  });

  it.each(SERVICES)('is told by the HTTP status where %s gives no name that is known', async (from) => {
    for (const { code, from: of, range } of STATUS_ROWS) {
      if (of !== 'any' && of !== from) continue;
      const status = range[0];
      const first = STATUS_ROWS.find((row) => (row.from === from || row.from === 'any') && row.range[0] === status);
      answer = errorAnswer(from, { name: 'NeverHeardOf', message: 'Something.', status });
      expect([status, await codeOf(from)]).toEqual([status, first?.code ?? code]);
    }
  });

  it.each(SERVICES)("is told by the HTTP status where the answer is a proxy's page and not %s's", async (from) => {
    const headers = { 'content-type': 'text/html' };
    answer = { status: 502, headers, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' };
    const away = from === 's3' || from === 'sqs' ? 'service_unavailable' : 'warehouse_unavailable';
    expect(await codeOf(from)).toBe(away);
  });

  it.each(SERVICES)('is unknown for an unrecognised refusal of %s', async (from) => {
    answer = errorAnswer(from, { name: 'NeverHeardOf', message: 'Something.', status: 400 });
    expect(await codeOf(from)).toBe('unknown');
  });
});
