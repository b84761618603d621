import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openParts, openWarehouse } from '../../src/app/compose.ts';
import type { Parts } from '../../src/app/compose.ts';
import { readConfig } from '../../src/app/config.ts';
import { preflight } from '../../src/app/preflight.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';
import type { Answer, Decide } from '../support/fault-proxy.ts';
import { operationOf } from '../support/effect.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import type { TestPlace } from '../support/stack.ts';

const stack = useStack();
const signal = new AbortController().signal;
let place: TestPlace;
let proxy: FaultProxy;
let parts: Parts;

beforeAll(async () => {
  place = await stack.place({ notifiedPrefixes: [] });
  const migrated = await runSparkify({ args: ['migrate'], environment: place.environment });
  expect(migrated, migrated.stderr).toMatchObject({ code: 0 });
  proxy = await FaultProxy.start(place.environment);
  for (const [name, value] of Object.entries(proxy.environment)) vi.stubEnv(name, value);
  parts = openParts(config());
  return async () => {
    parts.close();
    await proxy.stop();
    vi.unstubAllEnvs();
  };
});
afterEach(() => proxy.decide(obey));

function config() {
  return readConfig(proxy.environment, ['bucket', 'queue', 'warehouse', 'copy']);
}

async function start(decide: Decide = obey): Promise<readonly string[]> {
  proxy.decide(decide);
  const warehouse = openWarehouse(parts, config());
  return await preflight(parts, { config: config(), queueUrl: config().queue.url, warehouse }, signal);
}

async function put(key: string): Promise<void> {
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: '{}' }));
}

async function workFiles(): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of parts.store.list({ bucket: place.bucket, prefix: 'sparkify-work/', signal })) {
    keys.push(...page.map(({ key }) => key));
  }
  return keys;
}

const refusal = (status: number, code: string, message: string): Answer => {
  const body = Buffer.from(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.byteLength) }, body };
};
const DENIED = refusal(403, 'AccessDenied', 'Access Denied');
const ARCHIVED = refusal(403, 'InvalidObjectState', "The operation is not valid for the object's storage class");
const GONE = refusal(404, 'NoSuchKey', 'The specified key does not exist.');
const OWN_KEY = refusal(400, 'InvalidRequest', 'The object was stored using a form of Server Side Encryption.');
const ALWAYS_500 = refusal(500, 'InternalError', 'We encountered an internal error. Please try again.');

/** Answers GETs of objects whose key has a row, and notes all keys. */
function answering(rows: Readonly<Record<string, Answer>>, read: string[] = []): Decide {
  return async (effect, forward, incoming) => {
    if (operationOf(incoming) !== 'GetObject') return await obey(effect, forward);
    const key = decodeURIComponent(new URL(incoming.url ?? '/', 'http://any').pathname).replace(/^\/[^/]+\//, '');
    read.push(key);
    const answer = rows[key];
    return answer === undefined ? await obey(effect, forward) : { kind: 'instead', answer };
  };
}

it('a place without objects is fine, and the check leaves nothing below the work prefix', async () => {
  expect(await start()).toEqual([]);
  expect(await workFiles()).toEqual([]);
});

describe('a COPY that loads something else than was written', () => {
  /** Changes the answer to the question what was loaded. */
  const loading =
    (from: string, to: string): Decide =>
    async (effect, forward, incoming) => {
      if (operationOf(incoming) !== 'GetStatementResult') return await obey(effect, forward);
      let answer: Answer | null = null;
      proxy.observe = (call) => (answer = call.answer);
      await forward();
      proxy.observe = () => undefined;
      const text = (answer as unknown as Answer).body.toString();
      if (!text.includes('bigint_digits')) return 'answer';
      expect(text).toContain(from);
      const body = Buffer.from(text.replace(from, to));
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'content-length': String(body.byteLength) };
      return { kind: 'instead', answer: { status: 200, headers, body } };
    };

  it.each([
    [
      '9223372036854775807',
      '9223372036854775808',
      'bigint_digits (bigint): expected "9223372036854775807", found "922',
    ],
    ['99999.99999', '99999.99998', 'decimal_digits (decimal(10, 5)): expected "99999.99999", found "99999.99998"'],
    ['-122.41964', '-122.4196', 'double_digits (double precision): expected -122.41964, found -122.4196'],
    ['21:01:46.796', '21:01:46.000', 'found "2018-11-01 21:01:46.000" (plays would have other times)'],
    ['{"isNull":true}', '{"stringValue":""}', 'absent_key (varchar(16)): expected null, found ""'],
    ['{"stringValue":""}', '{"isNull":true}', 'empty_text (varchar(16)): expected "", found null'],
    ['\\u0007é🎵', '\\u0007?🎵', 'escaped_text (varchar(64)): expected '],
    [
      '{"stringValue":"a"}',
      '{"stringValue":"equal to the capital"}',
      'songs, artists and titles that differ only by case',
    ],
  ])('%s as %s is refused by column and value', async (from, to, sentence) => {
    const refused = start(loading(from, to));
    await expect(refused).rejects.toMatchObject({ code: 'copy_changes_values' });
    await expect(refused).rejects.toThrow(sentence);
    await expect(refused).rejects.toThrow('Nothing was loaded.');
    expect(await workFiles()).toEqual([]);
  });

  it('is one that refuses the row, too', async () => {
    let isReplaced = false;
    const refused = start(async (_effect, forward, incoming) => {
      await forward();
      const [, key] = /(sparkify-work\/.*part-[^?]*)/.exec(incoming.url ?? '') ?? [];
      // As if the warehouse could not inflate what the program deflates.
      if (operationOf(incoming) !== 'PutObject' || key === undefined || isReplaced) return 'answer';
      isReplaced = true;
      await put(key);
      return 'answer';
    });
    await expect(refused).rejects.toMatchObject({ code: 'copy_changes_values' });
    await expect(refused).rejects.toThrow(/changes values: COPY refused the row: .*Failed to decompress/);
    expect(await workFiles()).toEqual([]);
  });
});

it('work files that may not be deleted are a refusal', async () => {
  const errors = '<Error><Key>sparkify-work/k</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
  const body = Buffer.from(`<DeleteResult>${errors}</DeleteResult>`);
  const answer = { status: 200, headers: { 'content-type': 'application/xml' }, body };
  const refused = start(async (_effect, forward, incoming) => {
    await forward();
    return operationOf(incoming) === 'DeleteObjects' ? { kind: 'instead', answer } : 'answer';
  });
  await expect(refused).rejects.toMatchObject({
    code: 'access_denied',
    message: expect.stringContaining(`Deleting s3://${place.bucket}/sparkify-work/k failed: AccessDenied`) as string,
  });
});

describe('objects', () => {
  const LOGS = ['log_data/a.json', 'log_data/b.json', 'log_data/c.json'] as const;
  const SONG = 'song_data/A/a.json';
  beforeAll(async () => {
    for (const key of [...LOGS, SONG]) await put(key);
  });

  it('one log and one song are read', async () => {
    const read: string[] = [];
    expect(await start(answering({}, read))).toEqual([]);
    expect(read.toSorted()).toEqual([LOGS[0], SONG]);
  });

  it.each([
    ['archived', ARCHIVED],
    ['gone meanwhile', GONE],
    ['refused', DENIED],
    ['encrypted with a key of its owner', OWN_KEY],
    ['never delivered', ALWAYS_500],
  ])('one that is %s does not prevent the start while another one can be read', async (_what, answer) => {
    expect(await start(answering({ [LOGS[0]]: answer, [LOGS[1]]: answer }))).toEqual([]);
  });

  it('that are all archived, gone or encrypted with a key of their owner say nothing about the role', async () => {
    expect(await start(answering({ [LOGS[0]]: ARCHIVED, [LOGS[1]]: GONE, [LOGS[2]]: OWN_KEY }))).toEqual([]);
  });

  it('below a prefix that are all refused or show nothing are named, with what the role needs', async () => {
    const refused = start(answering({ [LOGS[0]]: ARCHIVED, [LOGS[1]]: DENIED, [LOGS[2]]: DENIED }));
    await expect(refused).rejects.toMatchObject({ code: 'access_denied' });
    await expect(refused).rejects.toThrow(`Reading s3://${place.bucket}/${LOGS[1]} failed: `);
    await expect(refused).rejects.toThrow(
      `The service reads all logs and songs itself: its role needs s3:GetObject on s3://${place.bucket}/log_data/* ` +
        'and, where a KMS key encrypts the objects, kms:Decrypt on the key.',
    );
  });

  it('of which a prefix has only one show nothing: it may be alone in its trouble', async () => {
    expect(await start(answering({ [SONG]: DENIED }))).toEqual([]);
  });
});
