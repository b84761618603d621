import { storableKey } from '../core/ledger.ts';
import { manifestBody, s3Uri } from '../core/manifest.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore } from '../core/ports.ts';
import { readSongFiles } from '../loaders/read-song-files.ts';

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

  /** The listing as rows of `listed_objects`; returns the URI of a manifest. */
  async writeListing(listing: Listing): Promise<string> {
    const rows = (files: readonly FileEvent[], dataset: string) =>
      files.map((file) => ({
        bucket: file.bucket,
        object_key: storableKey(file.key),
        etag: file.etag,
        size: file.size,
        dataset,
      }));
    return await this.#writeParts('listing', [...rows(listing.logs, 'logs'), ...rows(listing.songs, 'songs')]);
  }

  /** A manifest over log files as they are. */
  async writeLogManifest(name: string, files: readonly FileEvent[]): Promise<string> {
    return await this.#put(`${name}.manifest.json`, manifestBody(files.map(s3Uri)));
  }

  /** Reads every song object and writes its rows as `raw_songs` takes them; returns the URI of a manifest. */
  async writeSongs(songs: readonly FileEvent[]): Promise<string> {
    return await this.#writeParts('songs', this.#readSongs(songs));
  }

  /** An object that cannot be read now has no row: what was read of it before is kept on trust (30_songs.sql). */
  async *#readSongs(songs: readonly FileEvent[]): AsyncGenerator<object> {
    const input = { fileOf: (file: FileEvent) => file, store: this.#store, signal: this.#signal };
    for await (const { song } of readSongFiles(songs, input)) if (song.kind === 'read') yield* song.rows();
  }

  async #list(prefix: string): Promise<readonly FileEvent[]> {
    const files: FileEvent[] = [];
    for await (const page of this.#store.list({ bucket: this.#bucket.name, prefix, signal: this.#signal })) {
      // A key that ends with "/" is a folder that some tool drew; it is ignored when it is notified, too.
      files.push(...page.filter((file) => !file.key.endsWith('/') && !file.key.startsWith(this.#bucket.workPrefix)));
    }
    return files;
  }

  async #writeParts(name: string, rows: Iterable<object> | AsyncIterable<object>): Promise<string> {
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
    if (lines.length > 0 || uris.length === 0) await flush();
    return await this.#put(`${name}.manifest.json`, manifestBody(uris));
  }

  async #put(name: string, body: string): Promise<string> {
    const key = `${this.#folder}${name}`;
    const signal = this.#signal;
    await this.#store.put({ bucket: this.#bucket.name, key, body, contentType: 'application/json', signal });
    return s3Uri({ bucket: this.#bucket.name, key });
  }
}
