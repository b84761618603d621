import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const KEYS_PER_PAGE = 1_000;
const LOG_PREFIX = 'log_data/';
const SONG_PREFIX = 'song_data/';

/**
 * An S3 endpoint whose bucket has `keys` logs and no songs, if ListObjectsV2 is asked (Amazon S3 API Reference). All other requests go to
 * the endpoint `others`.
 */
export async function serveListing(input: { readonly keys: number; readonly others: string }) {
  const { keys, others } = input;
  const server = createServer((incoming, response) => {
    const query = new URL(incoming.url ?? '', others).searchParams;
    const prefix = query.get('prefix') ?? '';
    if (query.get('list-type') !== '2' || ![LOG_PREFIX, SONG_PREFIX].includes(prefix)) {
      forward(incoming, response, others);
      return;
    }
    response.setHeader('content-type', 'application/xml');
    response.end(page(Number(query.get('continuation-token') ?? 0), prefix === SONG_PREFIX ? 0 : keys));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

function page(from: number, keys: number): string {
  const to = Math.min(from + KEYS_PER_PAGE, keys);
  const objects = Array.from({ length: to - from }, (_, index) => {
    const number = String(from + index).padStart(10, '0');
    return (
      `<Contents><Key>${LOG_PREFIX}2018/11/2018-11-01-events-${number}.json</Key>` +
      '<LastModified>2018-11-02T00:00:00.000Z</LastModified>' +
      `<ETag>&quot;${number.padStart(32, '0')}&quot;</ETag><Size>20000</Size><StorageClass>STANDARD</StorageClass></Contents>`
    );
  });
  const next = to < keys ? `<NextContinuationToken>${to}</NextContinuationToken>` : '';
  return (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<KeyCount>${to - from}</KeyCount><EncodingType>url</EncodingType><IsTruncated>${to < keys}</IsTruncated>${next}` +
    `${objects.join('')}</ListBucketResult>`
  );
}

function forward(incoming: IncomingMessage, response: ServerResponse, others: string): void {
  const { headers, method, url } = incoming;
  const outgoing = request(new URL(url ?? '', others), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', (error) => response.destroy(error));
  incoming.pipe(outgoing);
}
