import { createHash } from 'node:crypto';
import { BOUNDS } from '../src/core/bounds.ts';
import { IngestError } from '../src/core/errors.ts';
import type { FileEvent } from '../src/core/file-event.ts';
import type { ObjectStore, OpenObject } from '../src/core/ports.ts';
import type { SimulatedProcess } from './process.ts';
import { cutOff } from './process.ts';
import { bytesOf } from './uploads.ts';
import type { FileTruth, Upload } from './uploads.ts';
import type { World } from './world.ts';

/** The data bucket's name. */
export const BUCKET = 'sparkify-data';

/** Objects per page of a listing; few, so that things happen between two pages. */
const PAGE = 3;

/** One content of one key. */
export type ObjectVersion = {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** To the millisecond. */
  readonly putAtMs: number;
  /** When its upload began; what S3 tells of it is whole seconds. */
  readonly begunAtMs: number;
  readonly sequencer: string;
  /** Of all puts, from 1: the order in which the versions came to be. */
  readonly number: number;
  /** What has to become of it; `null` of a work file of the service. */
  readonly truth: FileTruth | null;
};

/** S3 says nothing else of a deletion. */
export type Deletion = { readonly key: string; readonly atMs: number; readonly sequencer: string };

/** S3 gives last-modified in whole seconds. */
export function lastModifiedMs(version: Pick<ObjectVersion, 'begunAtMs'>): number {
  return Math.floor(version.begunAtMs / 1000) * 1000;
}

/**
 * Why an object cannot be read: what S3 answers, or that it answers nothing at all, or stops in the middle. The listing
 * shows it all the same.
 */
export type Unreadable =
  | 'access_denied'
  | 'key_refused'
  | 'request_refused'
  | 'service_unavailable'
  | 'throttled'
  | 'object_unreadable'
  | 'silent'
  | 'cut';

const TRANSPORT: ReadonlySet<Unreadable> = new Set<Unreadable>(['service_unavailable', 'throttled', 'silent', 'cut']);

/** An object says something of the others below its prefix only. */
const PREFIXES = ['song_data/', 'log_data/'];

function prefixOf(key: string): string {
  return PREFIXES.find((prefix) => key.startsWith(prefix)) ?? key;
}

/** The longest that a client waits. */
const SILENT_MS = BOUNDS.toldWithinMs;

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
  /** Keys that could not be read while another one below the same prefix could. */
  readonly ownTrouble = new Set<string>();
  #unreadable: { readonly under: string; readonly how: Unreadable; readonly untilMs: number }[] = [];
  readonly #world: World;
  readonly #watcher: BucketWatcher | null;
  readonly #objects = new Map<string, ObjectVersion>();
  #puts = 0;

  constructor(world: World, watcher: BucketWatcher | null) {
    this.#world = world;
    this.#watcher = watcher;
  }

  /** A user puts an object. @param uploadMs how long ago the upload began. */
  put(key: string, upload: Upload, uploadMs: number): ObjectVersion {
    const version = this.#store(key, { bytes: bytesOf(upload), truth: upload.truth, uploadMs });
    this.history.push(version);
    return version;
  }

  /** A user removes an object, which may not be there. */
  remove(key: string): Deletion {
    this.#delete(key);
    this.removed.add(key);
    return { key, atMs: this.#world.scheduler.nowMs, sequencer: this.#nextSequencer() };
  }

  /** A user removes the current version, or the mark that says that the object is removed: the one before it is current. */
  revert(key: string): void {
    const current = this.read(key);
    const before = this.history.findLast(
      (one) => one.key === key && (current === null || (one.number < current.number && one.etag !== current.etag)),
    );
    if (before !== undefined) this.#objects.set(key, before);
  }

  /** Keys below a prefix. */
  keysBelow(prefix: string): readonly string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix));
  }

  /** What is there now. */
  read(key: string): ObjectVersion | null {
    return this.#objects.get(key) ?? null;
  }

  /** The port as one process has it. */
  forProcess(process: SimulatedProcess): ObjectStore {
    const call = async <T>(
      operation: keyof ObjectStore,
      signal: AbortSignal,
      serve: () => T | Promise<T>,
    ): Promise<T> =>
      await process.call({
        target: 'bucket',
        operation,
        signal,
        onAbort: () => cutOff(operation),
        serve: async () => await serve(),
      });
    const failing = new Set<string>();
    return {
      put: async ({ body, key, signal }) =>
        await call('put', signal, () => {
          const bytes = typeof body === 'string' ? Buffer.from(body) : body;
          this.#store(key, { bytes, truth: null, uploadMs: 0 });
        }),
      remove: async ({ keys, signal }) =>
        await call('remove', signal, () => {
          for (const key of keys) this.#delete(key);
        }),
      open: async ({ key, signal }) => {
        try {
          const found = await call('open', signal, async () => {
            await this.#deliver(key);
            const version = this.read(key);
            this.#world.say(() => `${process.name}: reads ${key} (put ${version?.number ?? 'nothing'})`);
            return version === null ? null : { version, isCut: this.#howUnreadable(key) === 'cut' };
          });
          failing.delete(key);
          return found === null ? null : this.#transfer(process, { ...found, signal });
        } catch (error) {
          this.#notDelivered(key, error);
          failing.add(key);
          throw error;
        }
      },
      probe: async ({ key, signal }) =>
        await call('probe', signal, async () => {
          await this.#deliver(key);
          const version = this.read(key);
          if (version === null) return null;
          // Whoever asks may ask for long, until something can be read again.
          for (const other of failing)
            if (other !== key && prefixOf(other) === prefixOf(key)) this.ownTrouble.add(other);
          return { etag: version.etag, lastModifiedMs: lastModifiedMs(version) };
        }),
      list: ({ prefix, signal }) => this.#list(prefix, async (page) => await call('list', signal, page)),
    };
  }

  /** The objects whose keys begin so cannot be read for a while; `null`: until `mend`. */
  makeUnreadable(under: string, how: Unreadable, forMs: number | null): void {
    this.#unreadable.push({ under, how, untilMs: forMs === null ? Infinity : this.#world.scheduler.nowMs + forMs });
  }

  /** @param lasts what nobody mends by itself stays, as long as some other object can be read and shows that it is alone. */
  mend({ lasts }: { readonly lasts: boolean }): void {
    this.#unreadable = lasts ? this.#unreadable.filter(({ untilMs }) => untilMs === Infinity) : [];
    for (const prefix of PREFIXES) {
      if (this.keysBelow(prefix).some((key) => this.#howUnreadable(key) === null)) continue;
      this.#unreadable = this.#unreadable.filter(({ under }) => !under.startsWith(prefix));
    }
  }

  /** Whether S3 does not say what is there: neither what the object holds, nor that it may not be read. */
  isSilentAbout(key: string): boolean {
    const how = this.#howUnreadable(key);
    return this.#objects.has(key) && how !== null && TRANSPORT.has(how);
  }

  #howUnreadable(key: string): Unreadable | null {
    const { nowMs } = this.#world.scheduler;
    return this.#unreadable.find(({ under, untilMs }) => key.startsWith(under) && nowMs < untilMs)?.how ?? null;
  }

  /** @throws IngestError what S3 says, or the client when S3 says nothing. */
  async #deliver(key: string): Promise<void> {
    const how = this.#howUnreadable(key);
    if (how === null || how === 'cut' || !this.#objects.has(key)) return;
    if (how !== 'silent') throw new IngestError(how, `S3 refuses ${key}.`);
    await this.#world.scheduler.sleep(SILENT_MS);
    throw new IngestError('endpoint_unreachable', `No answer from the bucket (${key}).`);
  }

  /** No time passes while a process takes in what it has received. */
  #transfer(
    process: SimulatedProcess,
    { isCut, signal, version }: { version: ObjectVersion; isCut: boolean; signal: AbortSignal },
  ): OpenObject {
    const { scheduler } = this.#world;
    let hold = scheduler.hold();
    let isClosed = false;
    const breakOff = async (): Promise<never> => {
      hold.release();
      await process.clock.sleep(BOUNDS.silenceMs, signal);
      if (!isClosed) hold = scheduler.hold();
      if (signal.aborted) throw cutOff('open');
      const error = new IngestError('endpoint_unreachable', `The transfer of ${version.key} broke.`);
      this.#notDelivered(version.key, error);
      throw error;
    };
    const { bytes, etag } = version;
    const opened = openObject(bytes, { etag, lastModifiedMs: lastModifiedMs(version) });
    return {
      ...opened,
      body: isCut ? firstHalf(bytes, breakOff) : opened.body,
      close: () => {
        isClosed = true;
        hold.release();
      },
    };
  }

  /** Whose trouble it is, another object shows at this moment; that one is archived, S3 says of itself. */
  #notDelivered(key: string, error: unknown): void {
    const isArchived = error instanceof IngestError && error.code === 'object_unreadable';
    if (isArchived || this.#isAnotherReadable(key)) this.ownTrouble.add(key);
  }

  #isAnotherReadable(than: string): boolean {
    if (this.#world.faults.away('bucket') !== null) return false;
    const others = this.keysBelow(prefixOf(than)).filter((key) => key !== than);
    return others.some((key) => [null, 'cut'].includes(this.#howUnreadable(key)));
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

  #delete(key: string): void {
    this.#objects.delete(key);
    this.#watcher?.onRemove(key);
  }

  #nextSequencer(): string {
    this.#puts += 1;
    return (0x55aed6dcd900 + this.#puts).toString(16).toUpperCase();
  }

  #store(
    key: string,
    { bytes, truth, uploadMs }: { bytes: Uint8Array; truth: FileTruth | null; uploadMs: number },
  ): ObjectVersion {
    const sequencer = this.#nextSequencer();
    const version: ObjectVersion = {
      key,
      bytes,
      etag: createHash('md5').update(bytes).digest('hex'),
      putAtMs: this.#world.scheduler.nowMs,
      begunAtMs: this.#world.scheduler.nowMs - uploadMs,
      sequencer,
      number: this.#puts,
      truth,
    };
    this.#objects.set(key, version);
    this.#watcher?.onPut(version);
    return version;
  }
}

/** A transfer of these bytes. */
export function openObject(bytes: Uint8Array, version: Pick<OpenObject, 'etag' | 'lastModifiedMs'>): OpenObject {
  return { ...version, size: bytes.byteLength, body: inHalves(bytes), close: () => undefined };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body comes chunk by chunk, with promises
async function* inHalves(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const middle = bytes.byteLength / 2;
  if (bytes.byteLength > 0) yield* [bytes.subarray(0, middle), bytes.subarray(middle)];
}

async function* firstHalf(bytes: Uint8Array, breakOff: () => Promise<never>): AsyncIterable<Uint8Array> {
  yield bytes.subarray(0, bytes.byteLength / 2);
  await breakOff();
}

function listedFile(version: ObjectVersion): FileEvent {
  return {
    change: 'put',
    bucket: BUCKET,
    key: version.key,
    etag: version.etag,
    versionId: null,
    sequencer: null,
    size: version.bytes.byteLength,
    eventTimeMs: lastModifiedMs(version),
  };
}
