import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { LOCAL_CREDENTIALS } from 'local-stack';
import { UnreadObjects } from '../../src/verify/unread-objects.ts';
import { obey } from '../support/fault-proxy.ts';
import type { Answer, Decide } from '../support/fault-proxy.ts';
import { makePlace } from '../faults/support/world.ts';
import { startRecordedWorld } from '../infra/permissions/support/recorded-world.ts';
import type { RecordedWorld } from '../infra/permissions/support/recorded-world.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { verified } from '../support/verifying.ts';

let world: RecordedWorld;
let loading: Loading;

beforeAll(async () => {
  world = await startRecordedWorld();
  Object.assign(process.env, world.environment);
  const place = async () => await makePlace(world);
  loading = await startLoading({ place, pool: world.pool, s3: world.s3 });
});

afterAll(async () => {
  await world.stop();
});

function refusal(status: number, code: string, message: string): Answer {
  const body = Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  return {
    status,
    headers: { 'content-type': 'application/xml', 'content-length': String(body.byteLength) },
    body,
  };
}

/** What S3 answers a GET of a key that holds the word (Amazon S3 API, "Error responses"; "GetObject"). */
const REFUSALS: Readonly<Record<string, Answer>> = {
  denied: refusal(403, 'AccessDenied', 'Access Denied'),
  archived: refusal(403, 'InvalidObjectState', "The operation is not valid for the object's storage class"),
  customer: refusal(400, 'InvalidRequest', 'The object was stored using a form of Server Side Encryption.'),
  disabled: refusal(400, 'KMS.DisabledException', 'arn:aws:kms:us-east-1:1:key/k is disabled.'),
  vanished: refusal(404, 'NoSuchKey', 'The specified key does not exist.'),
};

const refuse: Decide = async (_, forward, { method, url = '' }) => {
  const word = Object.keys(REFUSALS).find((name) => url.includes(`data/${name}`));
  const answer = word === undefined ? undefined : REFUSALS[word];
  if (answer !== undefined && (method === 'GET' || (method === 'HEAD' && word === 'vanished'))) {
    return { kind: 'instead', answer };
  }
  await forward();
  return 'answer';
};

test('files that cannot be read or vanish meanwhile do not end verify: it names them, and their loaded rows stay', async () => {
  const names = [...Object.keys(REFUSALS), 'fine'];
  const songs = names.map(async (name, n) => {
    const song = aSong({ song_id: `SO${n}`, artist_id: `AR${n}`, title: name });
    return await loading.put(`song_data/${name}.json`, JSON.stringify(song));
  });
  await loading.load('songs', await Promise.all(songs));
  for (const [n, name] of names.entries()) {
    const play = aPlay({ userId: String(n), song: name, ts: Date.UTC(2018, 10, 15) + n });
    await loading.load('logs', [await loading.put(`log_data/${name}.json`, lines(play))]);
  }
  // The current version is broken; the previous one was loaded.
  await loading.load('logs', [await loading.put('log_data/broken.json', lines(aPlay({ userId: '9' })))]);
  await loading.load('logs', [await loading.put('log_data/broken.json', '{')]);
  await loading.load('songs', [await loading.put('song_data/broken.json', '{')]);

  world.decideCopy(refuse);
  const { AWS_ENDPOINT_URL_S3: endpoint = '' } = world.copyEnvironment;
  const client = new S3Client({ endpoint, credentials: LOCAL_CREDENTIALS, region: 'us-east-1', forcePathStyle: true });
  const report = await verified({ ...loading, store: createS3ObjectStore(client) });
  client.destroy();

  expect(report.tables.flatMap(({ differences }) => differences)).toEqual([]);
  expect(report.equal).toBe(true);
  const refused = ['archived', 'customer', 'denied', 'disabled'];
  expect(report.unread.map(({ key }) => key).toSorted()).toEqual(
    ['log_data', 'song_data'].flatMap((prefix) => refused.map((name) => `${prefix}/${name}.json`)),
  );
  for (const { key, reason } of report.unread) expect(reason, key).toMatch(/denied|storage class|encryption|disabled/i);
  expect(report.quarantined.map(({ key }) => key).toSorted()).toEqual([
    'log_data/broken.json',
    'song_data/broken.json',
  ]);
  const gone = report.notCompared.examples.filter(({ fate }) => fate === 'gone').map(({ key }) => key);
  expect(gone).toEqual(['log_data/vanished.json', 'song_data/vanished.json']);
  // A play and a user of six logs, and five songs; the broken song object was never loaded.
  expect(report.notCompared).toMatchObject({ files: 11, rows: 17 });
});

test('a broken file without a ledger entry is named, and the ledger differs', async () => {
  world.decideCopy(obey);
  await loading.put('log_data/new.json', 'no JSON');
  const report = await verified(loading);
  expect(report.unread).toEqual([
    { key: 'log_data/new.json', reason: expect.stringContaining('JSON object') as string },
  ]);
  expect(report.tables.flatMap(({ differences }) => differences)).toMatchObject([
    { table: 'ingest_files', key: 'log_data/new.json', column: '(row)', star: 'missing' },
  ]);
  expect(report.equal).toBe(false);
});

test('when ten objects are refused and none can be read, the comparison ends with the reason', () => {
  const file: FileEvent = {
    ...{ change: 'put', bucket: 'b', key: 'log_data/1.json', etag: 'e', versionId: null },
    ...{ sequencer: null, size: 1, eventTimeMs: 0 },
  };
  const denied = new IngestError('access_denied', 'Access Denied');
  const unread = new UnreadObjects();
  for (let n = 0; n < 9; n += 1) unread.noteRefused(file, denied);
  unread.throwWhenAllAreRefused();
  unread.noteRefused(file, denied);
  expect(() => unread.throwWhenAllAreRefused()).toThrow(denied);
  unread.noteRead();
  unread.throwWhenAllAreRefused();
});
