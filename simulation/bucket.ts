import { createHash } from 'node:crypto';
import type { FileEvent } from '../src/core/file-event.ts';
import type { ObjectStore, OpenObject } from '../src/core/ports.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

/** The data bucket's name. */
export const BUCKET = 'sparkify-data';

/** A listing gives so many objects a page; few, so that things happen between two pages. */
const PAGE = 3;

/** One content of one key. */
export type ObjectVersion = {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** To the millisecond; what S3 tells of it is whole seconds. */
  readonly putAtMs: number;
  readonly sequencer: string;
  /** Of all puts, from 1: the order in which the versions came to be. */
  readonly number: number;
};

/** S3 gives last-modified in whole seconds. */
export function lastModifiedMs(version: ObjectVersion): number {
  return Math.floor(version.putAtMs / 1000) * 1000;
}

/** What is changed in the bucket, for whoever wants to do the same elsewhere. */
export type BucketWatcher = {
  onPut(version: ObjectVersion): void;
  onRemove(key: string): void;
};

/** A bucket without versioning: strongly consistent, one content per key. */
export class SimulatedBucket {
  /** Every version of the users' objects there ever was, in the order of the puts. Not the service's own work files. */
  readonly history: ObjectVersion[] = [];
  /** Keys that were removed at least once. */
  readonly removed = new Set<string>();
  readonly #world: World;
  readonly #watcher: BucketWatcher | null;
  readonly #objects = new Map<string, ObjectVersion>();
  #puts = 0;

  constructor(world: World, watcher: BucketWatcher | null) {
    this.#world = world;
    this.#watcher = watcher;
  }

  /** A user puts an object. */
  put(key: string, bytes: Uint8Array): ObjectVersion {
    const version = this.#store(key, bytes);
    this.history.push(version);
    return version;
  }

  remove(key: string): void {
    this.#objects.delete(key);
    this.removed.add(key);
    this.#watcher?.onRemove(key);
  }

  /** What is there now. */
  read(key: string): ObjectVersion | null {
    return this.#objects.get(key) ?? null;
  }

  /** The port as one process has it. */
  forProcess(process: SimulatedProcess): ObjectStore {
    const call = async <T>(operation: string, serve: () => T): Promise<T> =>
      // eslint-disable-next-line @typescript-eslint/require-await -- the other side answers with a promise
      await process.call({ target: 'bucket', operation, serve: async () => serve() });
    return {
      put: async ({ body, key }) =>
        await call('put', () => {
          this.#store(key, typeof body === 'string' ? Buffer.from(body) : body);
        }),
      open: async ({ key }) =>
        await call('open', () => {
          const version = this.read(key);
          if (version === null) return null;
          this.#world.say(() => `${process.name}: reads ${key} (put ${version.number})`);
          const { bytes, etag } = version;
          return openObject(bytes, { etag, lastModifiedMs: lastModifiedMs(version) });
        }),
      exists: async ({ key }) => await call('exists', () => this.#objects.has(key)),
      list: ({ prefix }) => this.#list(prefix, async (page) => await call('list', page)),
    };
  }

  async *#list(
    prefix: string,
    call: (page: () => readonly FileEvent[]) => Promise<readonly FileEvent[]>,
  ): AsyncIterable<readonly FileEvent[]> {
    let after = '';
    for (;;) {
      const page = await call(() => {
        const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
        return keys.slice(0, PAGE).flatMap((key) => {
          const version = this.read(key);
          return version === null ? [] : [listedFile(version)];
        });
      });
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.key;
      yield page;
    }
  }

  #store(key: string, bytes: Uint8Array): ObjectVersion {
    this.#puts += 1;
    const version: ObjectVersion = {
      key,
      bytes,
      etag: createHash('md5').update(bytes).digest('hex'),
      putAtMs: this.#world.scheduler.nowMs,
      sequencer: (0x55aed6dcd900 + this.#puts).toString(16).toUpperCase(),
      number: this.#puts,
    };
    this.#objects.set(key, version);
    this.#watcher?.onPut(version);
    return version;
  }
}

/** A transfer of these bytes. */
export function openObject(bytes: Uint8Array, version: Pick<OpenObject, 'etag' | 'lastModifiedMs'>): OpenObject {
  return { ...version, size: bytes.byteLength, body: inOnePiece(bytes), close: () => undefined };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body comes chunk by chunk, with promises
async function* inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

function listedFile(version: ObjectVersion): FileEvent {
  return {
    bucket: BUCKET,
    key: version.key,
    etag: version.etag,
    versionId: null,
    sequencer: null,
    size: version.bytes.byteLength,
    eventTimeMs: lastModifiedMs(version),
  };
}
