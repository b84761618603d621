import { IngestError } from '../core/errors.ts';
import { objectId, storableKey } from '../core/ledger.ts';
import { manifestBody, s3Uri } from '../core/manifest.ts';
import { readAhead } from '../loaders/read-ahead.ts';
import { readSongFiles } from '../loaders/read-song-files.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { Ahead } from '../loaders/read-ahead.ts';
import { isRefusal } from './unread-objects.ts';
import type { UnreadObjects } from './unread-objects.ts';

export type VerifyBucket = {
  readonly name: string;
  readonly logPrefix: string;
  readonly songPrefix: string;
  readonly workPrefix: string;
};

/** What the bucket holds now. */
export type Listing = { readonly logs: readonly FileEvent[]; readonly songs: readonly FileEvent[] };

/** A file of ours that COPY reads. */
const MAX_PART_BYTES = 64 * 1024 * 1024;

/** Writes what a reload reads, below the work prefix: `<workPrefix>verify/<run id>/…`. */
export class ReloadFiles {
  readonly #store: ObjectStore;
  readonly #bucket: VerifyBucket;
  readonly #folder: string;
  readonly #signal: AbortSignal;

  constructor(input: { store: ObjectStore; bucket: VerifyBucket; runId: string; signal: AbortSignal }) {
    this.#store = input.store;
    this.#bucket = input.bucket;
    this.#folder = `${input.bucket.workPrefix}verify/${input.runId}/`;
    this.#signal = input.signal;
  }

  async listBucket(): Promise<Listing> {
    return { logs: await this.#list(this.#bucket.logPrefix), songs: await this.#list(this.#bucket.songPrefix) };
  }

  /** The listing as rows of `listed_objects`; returns the URI of a manifest, `null` when there is no row. */
  async writeListing(listing: Listing): Promise<string | null> {
    const rows = (files: readonly FileEvent[], dataset: string) =>
      files.map((file) => ({
        object_id: objectId(file),
        object_key: storableKey(file.key),
        etag: file.etag,
        dataset,
      }));
    return await this.#writeParts('listing', [...rows(listing.logs, 'logs'), ...rows(listing.songs, 'songs')]);
  }

  /** The objects that could not be read as rows of `unread_objects`; returns the same. */
  async writeUnread(unread: readonly UnreadObjects[]): Promise<string | null> {
    const rows = unread
      .flatMap(({ files }) => files)
      .map(({ file, isGone }) => ({ object_id: objectId(file), is_gone: isGone }));
    return await this.#writeParts('unread', rows);
  }

  /** A manifest over log files as they are. */
  async writeLogManifest(name: string, files: readonly FileEvent[]): Promise<string> {
    return await this.#put(`${name}.manifest.json`, manifestBody(files.map(s3Uri)));
  }

  /** Which of the files S3 does not hand out to this program, and why; `gone`: there is no such object any more. */
  async refused(files: readonly FileEvent[]): Promise<ReadonlyMap<FileEvent, IngestError | 'gone'>> {
    const open = async ({ bucket, key }: FileEvent, { signal }: Ahead) => {
      try {
        const object = await this.#store.open({ bucket, key, signal });
        object?.close();
        return object === null ? 'gone' : null;
      } catch (error) {
        if (!(error instanceof IngestError) || !isRefusal(error)) throw error;
        return error;
      }
    };
    const refused = new Map<FileEvent, IngestError | 'gone'>();
    for await (const { source, result } of readAhead(files, open, this.#signal)) {
      if (result !== null) refused.set(source, result);
    }
    return refused;
  }

  /**
   * Reads every song object and writes its rows as `raw_songs` takes them. A song object that cannot be read is noted in
   * `unread`.
   *
   * @returns the same.
   * @throws IngestError when all of them are refused.
   */
  async writeSongs(songs: readonly FileEvent[], unread: UnreadObjects): Promise<string | null> {
    return await this.#writeParts('songs', this.#readSongs(songs, unread));
  }

  async *#readSongs(songs: readonly FileEvent[], unread: UnreadObjects): AsyncGenerator<object> {
    const [store, signal] = [this.#store, this.#signal];
    const input = { fileOf: (file: FileEvent) => file, store, setsAside: isRefusal, signal };
    for await (const { song, source } of readSongFiles(songs, input)) {
      if (song.kind === 'gone') unread.noteGone(source);
      else if (song.kind === 'read') {
        unread.noteRead();
        yield* song.rows();
      } else if (song.refusal === null) unread.noteBroken(source, song.problem.reason);
      else unread.noteRefused(source, song.refusal);
    }
    unread.throwWhenAllAreRefused();
  }

  async #list(prefix: string): Promise<readonly FileEvent[]> {
    const files: FileEvent[] = [];
    for await (const page of this.#store.list({ bucket: this.#bucket.name, prefix, signal: this.#signal })) {
      // A key that ends with "/" is a folder that some tool drew; it is ignored when it is notified, too.
      files.push(...page.filter((file) => !file.key.endsWith('/') && !file.key.startsWith(this.#bucket.workPrefix)));
    }
    return files;
  }

  /** Without rows it writes nothing: COPY takes an empty file for no file at all when it is the only one. */
  async #writeParts(name: string, rows: Iterable<object> | AsyncIterable<object>): Promise<string | null> {
    const uris: string[] = [];
    let lines: string[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      uris.push(await this.#put(`${name}-${String(uris.length + 1).padStart(4, '0')}.json`, lines.join('')));
      lines = [];
      bytes = 0;
    };
    for await (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      lines.push(line);
      bytes += Buffer.byteLength(line);
      if (bytes > MAX_PART_BYTES) await flush();
    }
    if (lines.length > 0) await flush();
    if (uris.length === 0) return null;
    return await this.#put(`${name}.manifest.json`, manifestBody(uris));
  }

  async #put(name: string, body: string): Promise<string> {
    const key = `${this.#folder}${name}`;
    const signal = this.#signal;
    await this.#store.put({ bucket: this.#bucket.name, key, body, contentType: 'application/json', signal });
    return s3Uri({ bucket: this.#bucket.name, key });
  }
}
