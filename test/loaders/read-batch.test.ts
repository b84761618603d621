import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openObject } from '../../simulation/bucket.ts';
import { realClock, realRandom } from '../../src/app/real.ts';
import type { Dataset } from '../../src/core/dataset.ts';
import { IngestError } from '../../src/core/errors.ts';
import { numbered } from '../../src/core/loading/ledger.ts';
import type { ObjectStore, OpenObject } from '../../src/core/ports.ts';
import { makeSongRow, logRowMaker } from '../../src/loaders/batch-rows.ts';
import { loadContext } from '../../src/loaders/load-context.ts';
import type { LoadSettings } from '../../src/loaders/load-context.ts';
import type { ReadTroubles } from '../../src/loaders/object-troubles.ts';
import { Parts } from '../../src/loaders/part-writer.ts';
import type { ReadBatch } from '../../src/loaders/read-batch.ts';
import { readBatch } from '../../src/loaders/read-batch.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { aBatch } from '../support/loading.ts';
import { aPlay } from '../support/log-events.ts';
import { aFile } from '../unit/file-events.ts';

const MB = 1024 * 1024;
const VERSION = { etag: 'e', lastModifiedMs: 0 };
const NEVER = new AbortController().signal;

type Opening = (signal: AbortSignal) => OpenObject | Promise<OpenObject>;
type Row = Readonly<Record<string, string>>;

/** Every error ends the reading. */
const ENDS: ReadTroubles = {
  about: () => ({
    onBytes: () => undefined,
    onRead: () => undefined,
    onError: (error) => {
      throw error;
    },
  }),
};
/** Every error is tried again at once. */
const TRIES: ReadTroubles = {
  about: () => ({
    onBytes: () => undefined,
    onRead: () => undefined,
    onError: async () => await Promise.resolve(null),
  }),
};

/** A store of objects as they are opened; every transfer has to be ended. */
class Objects {
  readonly #open: Readonly<Record<string, Opening>>;
  /** Keys of transfers that were begun and not ended. */
  readonly underWay: string[] = [];
  readonly parts = new Map<string, string>();
  refusePuts: IngestError | null = null;

  constructor(open: Readonly<Record<string, Opening>>) {
    this.#open = open;
  }

  async read(
    dataset: Dataset = 'logs',
    troubles = ENDS,
    // Every notice says that its object is tiny.
    files = Object.keys(this.#open).map((key) => aFile({ key, size: 1 })),
  ): Promise<ReadBatch> {
    const batch = aBatch(dataset, files);
    const settings: LoadSettings = {
      ...{ bucket: 'b', schema: 's', songPrefix: 'song_data/', logPrefix: 'log_data/', workPrefix: 'work/' },
      ...{ copyRoleArn: '', consumer: 'me', rejectedRowsMax: 10, onDelete: 'keep' },
    };
    const store = this.#store();
    const tools = { store, clock: realClock, random: realRandom, emit: () => undefined, library: openSqlLibrary() };
    const session = { transaction: unused, rows: unused, reset: unused };
    const context = loadContext(
      { ...tools, settings },
      { batch, session, signal: NEVER, token: unused, refusal: null },
    );
    const parts = new Parts({ store, bucket: 'b', keyOf: (part) => context.work.partKey('1', part), signal: NEVER });
    const maker = dataset === 'logs' ? logRowMaker() : makeSongRow;
    return await readBatch(context, numbered(batch), { maker, parts, troubles, tellDrift: () => undefined });
  }

  /** The rows of the parts that the manifest names, but those that say what became of a file. */
  rows({ partUris }: ReadBatch): readonly Row[] {
    const texts = partUris.map((uri) => this.parts.get(uri) ?? `there is no ${uri}`);
    const rows = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Row);
    return rows.filter(({ kind }) => kind !== 'F');
  }

  #store(): ObjectStore {
    return {
      open: async ({ key, signal }) => {
        const object = await this.#open[key]?.(signal);
        if (object === undefined) return null;
        this.underWay.push(key);
        const close = () => {
          object.close();
          this.underWay.splice(this.underWay.indexOf(key), 1);
        };
        return { ...object, close };
      },
      put: async ({ body, bucket, key }) => {
        await Promise.resolve();
        if (this.refusePuts !== null) throw this.refusePuts;
        this.parts.set(`s3://${bucket}/${key}`, gunzipSync(body).toString());
      },
      ...{ remove: unused, probe: unused, exists: unused, list: unused },
    };
  }
}

function unused(): never {
  throw new Error('not asked for');
}

const holding = (text: string): OpenObject => openObject(Buffer.from(text), VERSION);

/** As S3 sends it. */
const CHUNK = 64 * 1024;

function inChunks(text: string): OpenObject {
  async function* body(): AsyncIterable<Uint8Array> {
    for (let from = 0; from < text.length; from += CHUNK)
      yield await Promise.resolve(Buffer.from(text.slice(from, from + CHUNK)));
  }
  return { ...holding(text), body: body() };
}

/** `count` plays, each of another item, in about half a kilobyte a play. */
function plays(sessionId: number, count: number): string {
  const [before, after] = JSON.stringify(aPlay({ sessionId, itemInSession: '@' })).split('"@"');
  return Array.from({ length: count }, (_, item) => `${before}${item}${after}\n`).join('');
}

test('the rows of small files share parts; a large file has parts of its own, none larger than 4 MiB and a row', async () => {
  const files = { small: plays(1, 10), large: plays(2, 20_000), 'also small': plays(3, 10) };
  const objects = new Objects(
    Object.fromEntries(Object.entries(files).map(([key, text]) => [key, () => holding(text)])),
  );
  const read = await objects.read();
  const sizes = read.partUris.map((uri) => objects.parts.get(uri)?.length ?? 0);
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThan(4 * MB + 1000);
  const sessions = new Map<string, number>();
  for (const { session_id = '' } of objects.rows(read)) sessions.set(session_id, (sessions.get(session_id) ?? 0) + 1);
  expect(Object.fromEntries(sessions)).toEqual({ 1: 10, 2: 20_000, 3: 10 });
  expect(read).toMatchObject({ rows: 20_020, rejected: 0 });
});

test('a file whose transfer breaks after some of its rows are in a part is read again, and no row is there twice', async () => {
  const text = plays(1, 12_000);
  let tries = 0;
  const breaking = (): OpenObject => {
    tries += 1;
    async function* body(): AsyncIterable<Uint8Array> {
      yield await Promise.resolve(Buffer.from(text.slice(0, -100)));
      throw new IngestError('endpoint_unreachable', 'The transfer broke.');
    }
    return tries === 3 ? holding(text) : { ...holding(text), body: body() };
  };
  const objects = new Objects({ breaking, good: () => holding(plays(2, 1)) });
  const read = await objects.read('logs', TRIES);
  const rows = objects.rows(read);
  expect(rows).toHaveLength(12_001);
  expect(new Set(rows.map(({ songplay_id }) => songplay_id)).size).toBe(12_001);
  expect(read.rows).toBe(12_001);
  expect(objects.parts.size).toBeGreaterThan(read.partUris.length);
});

test('a part that cannot be put ends the reading with that error, and no file is to blame', async () => {
  const files = { large: plays(1, 20_000), small: plays(2, 10) };
  const objects = new Objects(
    Object.fromEntries(Object.entries(files).map(([key, text]) => [key, () => holding(text)])),
  );
  objects.refusePuts = new IngestError('throttled', 'Writing a part failed.');
  await expect(objects.read('logs', TRIES)).rejects.toBe(objects.refusePuts);
});

test('a file that turns out not to be readable leaves no row, whatever was in a part before', async () => {
  const objects = new Objects({ 'not json': () => holding('['.repeat(20 * MB)), good: () => holding(plays(1, 1)) });
  const read = await objects.read();
  expect(objects.rows(read)).toHaveLength(1);
  expect(read.outcomes.map(({ errorCode, status }) => [status, errorCode])).toEqual([
    ['quarantined', 'not_json_objects'],
    ['loaded', null],
  ]);
});

test('an error that is not about one object ends the transfers that are under way, and is the error that is thrown', async () => {
  const silent = (ended: AbortSignal): OpenObject => {
    async function* body(): AsyncIterable<Uint8Array> {
      await new Promise((_resolve, reject) => {
        ended.addEventListener('abort', () => reject(new IngestError('aborted', 'The transfer was ended.')));
      });
      yield new Uint8Array();
    }
    return { ...VERSION, size: 1, body: body(), close: () => undefined };
  };
  const refused = () => {
    throw new IngestError('bucket_unreadable', 'Nothing can be read.');
  };
  const objects = new Objects({ silent, 'also silent': silent, refused });
  await expect(objects.read()).rejects.toMatchObject({ code: 'bucket_unreadable' });
  expect(objects.underWay).toEqual([]);
});

test('two notices of one object are one look, and its rows name the first one', async () => {
  const objects = new Objects({ a: () => holding('{"song_id":"S","artist_id":"A"}') });
  const files = ['A1', 'B'].map((sequencer) => aFile({ key: 'a', sequencer }));
  const read = await objects.read('songs', ENDS, files);
  expect(objects.rows(read)).toMatchObject([{ song_id: 'S', file_number: '1' }]);
  expect(read.outcomes.map(({ fileNumber, status }) => [fileNumber, status])).toEqual([
    [1, 'loaded'],
    [2, 'loaded'],
  ]);
});

test('an object that is slow holds up no other', async () => {
  const slow = Promise.withResolvers<OpenObject>();
  const ended = Promise.withResolvers<undefined>();
  const last = (): OpenObject => ({ ...holding(plays(1, 1)), close: () => ended.resolve(undefined) });
  const objects = new Objects({
    slow: () => slow.promise,
    ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`${n}`, () => holding('')])),
    last,
  });
  const reading = objects.read();
  await ended.promise;
  slow.resolve(holding(plays(2, 1)));
  expect(objects.rows(await reading)).toHaveLength(2);
});

test.each(['logs', 'songs'] as const)(
  'a million tiny objects of %s give the event loop its turns and fill no memory',
  async (dataset) => {
    const text = '{}'.repeat(1_000_000);
    const objects = new Objects({ a: () => inChunks(text) });
    let turns = 0;
    const count = () => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const read = await objects.read(dataset);
    clearImmediate(next);
    expect(read).toMatchObject({ rows: 1_000_000, rejected: 1_000_000 });
    // All are counted; as many as the setting says are kept of one reason.
    expect(objects.rows(read)).toHaveLength(10);
    expect(turns).toBeGreaterThanOrEqual(text.length / CHUNK);
  },
);
