import { setTimeout as delay } from 'node:timers/promises';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClients } from '../../src/aws/clients.ts';
import type { AwsClients } from '../../src/aws/clients.ts';
import { createS3ObjectStore } from '../../src/aws/s3-object-store.ts';
import { loadWithRetries } from '../../src/backfill/load-with-retries.ts';
import { scaledBounds } from '../../src/core/bounds.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { LoadBatch, LoadOutcome } from '../../src/core/load.ts';
import type { Clock } from '../../src/core/ports.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { FaultProxy, obey } from '../support/fault-proxy.ts';
import type { Fate } from '../support/fault-proxy.ts';

const NEVER = new AbortController().signal;
/**
 * Waits between two tries pass faster, and so does the patience with one object; it outlasts an attempt of either client, so
 * that an object is tried again when a busy machine was late once.
 */
const CLOCK_SPEED = 4;
const FAST: Clock = {
  nowMs: () => Date.now() * CLOCK_SPEED,
  sleep: async (ms) => await delay(ms / CLOCK_SPEED),
};

function refusal(status: number, code: string, message: string): Fate {
  const body = Buffer.from(`<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  const headers = { 'content-type': 'application/xml', 'content-length': String(body.byteLength) };
  return { kind: 'instead', answer: { status, headers, body } };
}

/** The answers are those of S3 for an object of another owner, of another KMS key, with SSE-C, in an archive. */
const DENIED = refusal(403, 'AccessDenied', 'Access Denied');
const KINDS: Readonly<Record<string, { fate: Fate; code: string; seen: RegExp }>> = {
  denied: { fate: DENIED, code: 'object_denied', seen: /Access Denied/ },
  'denied by a key': {
    fate: refusal(403, 'AccessDenied', 'User is not authorized to perform: kms:Decrypt on resource: key/k'),
    ...{ code: 'object_denied', seen: /kms:Decrypt/ },
  },
  'disabled key': {
    fate: refusal(400, 'KMS.DisabledException', 'key/k is disabled.'),
    ...{ code: 'object_key_refused', seen: /key\/k is disabled/ },
  },
  'key of a customer': {
    fate: refusal(400, 'InvalidRequest', 'The object was stored using a form of Server Side Encryption.'),
    ...{ code: 'object_refused', seen: /Server Side Encryption.*SSE-C/ },
  },
  archived: {
    fate: refusal(403, 'InvalidObjectState', "The operation is not valid for the object's storage class"),
    ...{ code: 'object_unreadable', seen: /storage class.*restore/ },
  },
  'always 500': {
    fate: refusal(500, 'InternalError', 'We are sorry.'),
    code: 'object_transport',
    seen: /We are sorry|did not answer/,
  },
  'slow down': {
    fate: refusal(503, 'SlowDown', 'Reduce your rate.'),
    code: 'object_transport',
    seen: /Reduce your|did not answer/,
  },
  'cut off': { fate: { kind: 'cut', afterBytes: 20 }, code: 'object_transport', seen: /Reading s3/ },
  silent: { fate: 'never', code: 'object_transport', seen: /did not answer GetObject/ },
  'silent in the middle': {
    fate: { kind: 'stop', afterBytes: 20 },
    code: 'object_transport',
    // On a busy machine the time is over before the beginning of the answer is read.
    seen: /sent (nothing|only)|did not answer/,
  },
  trickling: {
    fate: { kind: 'trickle', bytes: 1, everyMs: 150 },
    code: 'object_transport',
    seen: /sent (nothing|only)/,
  },
};

let sessions = 0;
const DATASETS = {
  songs: {
    prefix: 'song_data/',
    body: (name: string) => JSON.stringify(aSong({ song_id: name, artist_id: name })),
    loaded: 'select song_id as name from songs',
  },
  logs: {
    prefix: 'log_data/',
    body: (name: string) => JSON.stringify(aPlay({ song: name, sessionId: (sessions += 1) })),
    loaded: 'select song_title as name from songplays',
  },
} as const;

const stack = useStack();
let loading: Loading;
let proxy: FaultProxy;
let clients: AwsClients;
/** These give up sooner, for objects whose answer never comes or never ends. */
let impatient: AwsClients;
let loadBatch: LoadBatch;

describe.each(['songs', 'logs'] as const)('of %s', (dataset) => {
  const { body: bodyOf, loaded, prefix } = DATASETS[dataset];

  beforeAll(async () => {
    const place = await stack.place({ notifiedPrefixes: [] });
    loading = await startLoading(stack, place);
    proxy = await FaultProxy.start(place.environment);
    // A client reads its endpoint at its first call; clients created from now on go through the proxy.
    await stack.s3.send(new ListBucketsCommand({}));
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: proxy.environment['AWS_ENDPOINT_URL_S3'] });
    const region = stack.environment['AWS_REGION'] ?? '';
    clients = createClients(region);
    impatient = createClients(region, { ...scaledBounds(0.1), firstAnswerMs: 2_000 });
    loadBatch = anotherLoader(clients);
  });
  afterAll(async () => {
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: stack.environment['AWS_ENDPOINT_URL_S3'] });
    for (const each of [clients, impatient]) each.destroy();
    await proxy.stop();
  });

  /** Reads through the proxy, and has read nothing yet. */
  function anotherLoader({ s3 }: AwsClients): LoadBatch {
    return loading.anotherLoader({ store: createS3ObjectStore(s3), clock: FAST });
  }

  /** Reading an object meets the fate that its key has. @returns the keys that were asked for, in their order. */
  function reading(fateOf: (key: string) => Fate | undefined): readonly string[] {
    const asked: string[] = [];
    proxy.decide(async (effect, forward, incoming) => {
      const path = decodeURIComponent(new URL(incoming.url ?? '', 'http://s3').pathname);
      const key = /\/((?:song|log)_data\/.+)$/.exec(path)?.[1];
      if (incoming.method !== 'GET' || key === undefined) return await obey(effect, forward);
      asked.push(key);
      const fate = fateOf(key);
      // The answer that stops or trickles is the right one.
      if (fate === undefined || fate === 'never' || (typeof fate === 'object' && fate.kind === 'instead')) {
        return fate ?? (await obey(effect, forward));
      }
      await forward();
      return fate;
    });
    return asked;
  }

  async function put(name: string, body?: string): Promise<FileEvent> {
    return await loading.put(`${prefix}${name}.json`, body ?? bodyOf(name));
  }

  async function loadedNames(): Promise<readonly unknown[]> {
    return (await loading.rows(loaded)).map(({ name }) => name).toSorted();
  }

  describe('batches with every kind of object that S3 does not deliver', () => {
    const isAnswered = (name: string) => typeof KINDS[name]?.fate === 'object' && KINDS[name].fate.kind === 'instead';
    const names = Object.keys(KINDS);
    let refused: readonly FileEvent[];
    let silent: readonly FileEvent[];
    let ledger: readonly Record<string, unknown>[];

    beforeAll(async () => {
      const putAll = async (some: readonly string[]) => await Promise.all(some.map(async (name) => await put(name)));
      refused = [...(await putAll([...names.filter(isAnswered), 'good'])), await put('broken', '{')];
      silent = await putAll([...names.filter((name) => !isAnswered(name)), 'beside']);
      reading((key) => KINDS[key.slice(prefix.length, -'.json'.length)]?.fate);
      await loadBatch(aBatch(dataset, refused), NEVER);
      await loadSilent();
      ledger = await loading.rows('select * from ingest_files');
    }, 120_000);

    // On a busy machine the comparison object may also be late; then nothing is settled, and the load tries again.
    async function loadSilent(): Promise<LoadOutcome> {
      const parts = { loadBatch: anotherLoader(impatient), clock: FAST, random: () => 0, emit: () => undefined };
      return await loadWithRetries(parts, aBatch(dataset, silent), NEVER);
    }

    it.each(names)('%s: quarantined with its code, the cause and the remedy', (name) => {
      expect(ledger.find((entry) => entry['object_key'] === `${prefix}${name}.json`)).toMatchObject({
        ...{ status: 'quarantined', error_code: KINDS[name]?.code, last_modified: null },
        reason: expect.stringMatching(
          new RegExp(`(?:${KINDS[name]?.seen.source ?? ''}).*"sparkify backfill"`),
        ) as unknown,
      });
    });

    it('the others are loaded, and a repeated notice changes nothing', async () => {
      expect(await loadedNames()).toEqual(['beside', 'good']);
      const again = [await loadBatch(aBatch(dataset, refused), NEVER), await loadSilent()];
      expect(new Set(again.flatMap(({ files }) => files.map(({ status }) => status)))).toEqual(new Set(['known']));
    });

    it('a backfill loads them once S3 delivers them, and solves their entries; broken content is not tried again', async () => {
      reading(() => undefined);
      const listed: FileEvent[] = [];
      const input = { bucket: loading.settings.bucket, prefix, signal: NEVER };
      for await (const page of loading.store.list(input)) listed.push(...page);
      const backfill = { source: 'backfill' } as const;
      const { lacking } = await loading.findLacking(aBatch(dataset, listed, backfill), NEVER);
      const known = listed.filter((file) => !lacking.includes(file)).map(({ key }) => key);
      expect(known.toSorted()).toEqual(['beside', 'broken', 'good'].map((name) => `${prefix}${name}.json`));
      await loadBatch(aBatch(dataset, lacking, backfill), NEVER);
      expect(await loadedNames()).toEqual([...names, 'good', 'beside'].toSorted());
      const open = await loading.rows("select object_key, error_code from ingest_files where status <> 'loaded'");
      expect(open).toEqual([{ object_key: `${prefix}broken.json`, error_code: 'not_json_objects' }]);
      expect(await verified(loading)).toMatchObject({ equal: true });
    });
  });

  describe('when no object can be read', () => {
    it('the load ends with the cause, settles nothing and succeeds when they can be read again', async () => {
      const files = await Promise.all(['x', 'y', 'z'].map(async (name) => await put(name)));
      const loader = anotherLoader(clients);
      reading(() => DENIED);
      await expect(loader(aBatch(dataset, files), NEVER)).rejects.toMatchObject({
        code: 'bucket_unreadable',
        message: expect.stringMatching(/Access Denied.*other objects.*Access Denied/is) as unknown,
      });
      expect(await loading.rows("select 1 from ingest_files where object_key ~ '/[xyz].json'")).toEqual([]);

      // A control that was found may be denied as well in the end: it is asked for at every try.
      let tries = 0;
      reading((key) => {
        if (key === `${prefix}x.json`) tries += 1;
        return key === `${prefix}x.json` || tries > 1 ? DENIED : undefined;
      });
      await expect(loader(aBatch(dataset, files), NEVER)).rejects.toMatchObject({ code: 'bucket_unreadable' });
      expect(tries).toBeGreaterThanOrEqual(2);

      reading(() => undefined);
      const { files: settled } = await loader(aBatch(dataset, files), NEVER);
      expect(settled.map(({ status }) => status)).toEqual(['loaded', 'loaded', 'loaded']);
    });

    it('a refused object with no other readable object to compare with, or only an archived one, is not quarantined', async () => {
      const alone = await startLoading(stack);
      const file = await alone.put(`${prefix}alone.json`, '{}');
      reading(() => DENIED);
      const store = createS3ObjectStore(clients.s3);
      const load = alone.anotherLoader({ store, clock: FAST });
      const ends = {
        code: 'bucket_unreadable',
        message: expect.stringContaining('The prefix has no other object to compare with') as unknown,
      };
      await expect(load(aBatch(dataset, [file]), NEVER)).rejects.toMatchObject(ends);

      await alone.put(`${prefix}archived.json`, '{}');
      reading((key) => (key === `${prefix}archived.json` ? KINDS['archived']?.fate : DENIED));
      await expect(load(aBatch(dataset, [file]), NEVER)).rejects.toMatchObject(ends);
    });
  });

  it('does not request a comparison object while S3 delivers, nor for empty objects', async () => {
    const files = await Promise.all([put('here'), put('empty', '')]);
    const asked = reading(() => undefined);
    await loadBatch(aBatch(dataset, files), NEVER);
    expect(asked.toSorted()).toEqual([`${prefix}empty.json`, `${prefix}here.json`]);
  });
});
