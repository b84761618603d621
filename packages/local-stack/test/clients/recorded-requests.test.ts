import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { useStack } from '../../../../test/support/stack.ts';
import { CLI_2, DUCKDB_HTTPFS } from './recorded-requests.ts';

const stack = useStack();

async function send(line: string, headers: Readonly<Record<string, string>>, body: string): Promise<[number, string]> {
  const [method, path = ''] = line.split(' ');
  const url = `${stack.environment['AWS_ENDPOINT_URL_S3'] ?? ''}${path}`;
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then((answer) => resolve([response.statusCode ?? 0, answer]), reject);
    });
    sent.end(body);
  });
}

test.each([
  { client: 'AWS CLI version 2', requests: CLI_2 },
  { client: "DuckDB's httpfs", requests: DUCKDB_HTTPFS },
])('the recorded requests of $client are answered', async ({ requests }) => {
  const { bucket } = await stack.place({ notifiedPrefixes: [] });
  let upload = '';
  const fill = (template: string): string => template.replaceAll('{bucket}', bucket).replaceAll('{upload}', upload);
  for (const { send: line, headers = {}, body = '', status, answer = /(?:)/s } of requests) {
    const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)]));
    const [seen, told] = await send(fill(line), filled, body);
    expect([seen, told], line).toEqual([status, expect.stringMatching(answer)]);
    upload = answer.exec(told)?.groups?.['upload'] ?? upload;
  }
});
