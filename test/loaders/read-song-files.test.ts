import { expect, test } from 'vitest';
import { openObject } from '../../simulation/bucket.ts';
import { IngestError } from '../../src/core/errors.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { ObjectStore, OpenObject } from '../../src/core/ports.ts';
import { SONG_FILE_MAX_BYTES } from '../../src/core/song-rows.ts';
import type { ReadTroubles, SongFile } from '../../src/loaders/read-song-files.ts';
import { readSongFiles } from '../../src/loaders/read-song-files.ts';
import { aFile } from '../unit/file-events.ts';

const signal = new AbortController().signal;
const MB = 1024 * 1024;
const VERSION = { etag: 'e', lastModifiedMs: 0 };

/** Every error ends the reading. */
const ENDS: ReadTroubles = {
  about: () => ({
    onRead: () => undefined,
    onError: (error) => {
      throw error;
    },
  }),
};

/** A store of objects as they are opened; every transfer has to be ended. */
class Objects {
  readonly #open: Readonly<Record<string, (signal: AbortSignal) => OpenObject | Promise<OpenObject>>>;
  /** Keys of transfers that were begun and not ended. */
  readonly underWay: string[] = [];

  constructor(open: Readonly<Record<string, (signal: AbortSignal) => OpenObject | Promise<OpenObject>>>) {
    this.#open = open;
  }

  get files(): readonly FileEvent[] {
    // Every notice says that its object is tiny.
    return Object.keys(this.#open).map((key) => aFile({ key, size: 1 }));
  }

  read(files = this.files): ReturnType<typeof readSongFiles<FileEvent>> {
    const unused = () => {
      throw new Error('not asked for');
    };
    const open: ObjectStore['open'] = async ({ key, signal: ended }) => {
      const object = await this.#open[key]?.(ended);
      if (object === undefined) return null;
      this.underWay.push(key);
      const close = () => {
        object.close();
        this.underWay.splice(this.underWay.indexOf(key), 1);
      };
      return { ...object, close };
    };
    const store: ObjectStore = { open, put: unused, probe: unused, exists: unused, list: unused };
    return readSongFiles(files, { fileOf: (file) => file, store, troubles: ENDS, signal });
  }
}

const holding = (text: string) => openObject(Buffer.from(text), VERSION);

async function all(read: AsyncIterable<{ source: FileEvent; song: SongFile }>): Promise<Record<string, SongFile>> {
  const found: Record<string, SongFile> = {};
  for await (const { source, song } of read) found[source.key] = song;
  return found;
}

test('an object that is too large is refused by its Content-Length, and none of its bytes is read', async () => {
  let asked = 0;
  async function* zeros(): AsyncIterable<Uint8Array> {
    for (;;) {
      asked += 1;
      yield await Promise.resolve(new Uint8Array(MB));
    }
  }
  const huge = { ...VERSION, size: 700 * MB, body: zeros(), close: () => undefined };
  const objects = new Objects({ huge: () => huge, good: () => holding('{}') });
  const { huge: refused, good } = await all(objects.read());
  expect(refused).toMatchObject({ kind: 'set_aside', version: { size: 700 * MB }, trouble: { code: 'too_large' } });
  expect(good).toMatchObject({ kind: 'read', version: { size: 2 } });
  expect(asked).toBe(0);
  expect(objects.underWay).toEqual([]);
});

test.each([
  ['more', 3, 'announced 3 bytes and sent more'],
  ['fewer', 9, 'announced 9 bytes and sent only 4'],
])('an object of %s bytes than S3 announced is not loaded', async (_what, size, sentence) => {
  const objects = new Objects({ a: () => ({ ...holding('{  }'), size }) });
  await expect(all(objects.read())).rejects.toMatchObject({
    code: 'endpoint_unreachable',
    message: expect.stringContaining(sentence) as unknown,
  });
  expect(objects.underWay).toEqual([]);
});

test('as many bytes are held at once as two of the largest files have, by what S3 says and not by the notices', async () => {
  let [held, most] = [0, 0];
  const large = (): OpenObject => {
    async function* body(): AsyncIterable<Uint8Array> {
      held += SONG_FILE_MAX_BYTES;
      most = Math.max(most, held);
      yield await Promise.resolve(Buffer.alloc(SONG_FILE_MAX_BYTES, ' '));
    }
    return { ...VERSION, size: SONG_FILE_MAX_BYTES, body: body(), close: () => undefined };
  };
  const objects = new Objects(Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key) => [key, large])));
  for await (const { song } of objects.read()) {
    expect(song.kind).toBe('read');
    held -= SONG_FILE_MAX_BYTES;
  }
  expect(most).toBe(2 * SONG_FILE_MAX_BYTES);
});

test('an object that is slow holds up no other', async () => {
  const slow = Promise.withResolvers<OpenObject>();
  const objects = new Objects({ slow: () => slow.promise, a: () => holding('{}'), b: () => holding('{}') });
  const order: string[] = [];
  for await (const { source } of objects.read()) {
    order.push(source.key);
    if (order.length === 2) slow.resolve(holding('{}'));
  }
  expect(order).toEqual(['a', 'b', 'slow']);
});

test('whoever stops asking ends the transfers that are under way', async () => {
  const silent = (ended: AbortSignal): OpenObject => {
    async function* body(): AsyncIterable<Uint8Array> {
      await new Promise((_resolve, reject) => {
        ended.addEventListener('abort', () => reject(new IngestError('aborted', 'The transfer was ended.')));
      });
      yield new Uint8Array();
    }
    return { ...VERSION, size: 1, body: body(), close: () => undefined };
  };
  const objects = new Objects({ silent, 'also silent': silent, good: () => holding('{}') });
  for await (const { source } of objects.read()) {
    expect(source.key).toBe('good');
    expect(objects.underWay).toEqual(['silent', 'also silent']);
    break;
  }
  expect(objects.underWay).toEqual([]);
});

test('a hundred thousand rows are checked and made one at a time, and the event loop has its turns meanwhile', async () => {
  const objects = new Objects({ a: () => holding('{}'.repeat(100_000)) });
  let [turns, rows] = [0, 0];
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  for await (const { song } of objects.read()) {
    if (song.kind !== 'read') continue;
    for await (const row of song.rows()) rows += row.row_number > 0 ? 1 : 0;
  }
  clearImmediate(next);
  expect(rows).toBe(100_000);
  // Once for every 500 objects, while they are checked and while they are written.
  expect(turns).toBeGreaterThanOrEqual((2 * 100_000) / 500);
});
