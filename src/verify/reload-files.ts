import pLimit from 'p-limit';
import { IngestError } from '../core/errors.ts';
import { cutToBytes, objectId } from '../core/ledger.ts';
import { manifestBody, s3Uri } from '../core/manifest.ts';
import { printable } from '../core/printable.ts';
import { SONG_FILE_MAX_BYTES, songRows, tooLarge } from '../core/song-rows.ts';
import type { FileEvent } from '../core/file-event.ts';
import type { ObjectStore } from '../core/ports.ts';
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
const READS_IN_FLIGHT = 32;
const READ_AT_ONCE = 5_000;

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
        object_key: cutToBytes(printable(file.key), 1024),
        etag: file.etag,
        dataset,
      }));
    return await this.#writeParts('listing', [...rows(listing.logs, 'logs'), ...rows(listing.songs, 'songs')]);
  }

  /** The objects that could not be read as rows of `unread_objects`; returns the same. */
  async writeUnread({ files }: UnreadObjects): Promise<string | null> {
    const rows = files.map(({ file, isGone }) => ({ object_id: objectId(file), is_gone: isGone }));
    return await this.#writeParts('unread', rows);
  }

  /** A manifest over log files as they are. */
  async writeLogManifest(name: string, files: readonly FileEvent[]): Promise<string> {
    return await this.#put(`${name}.manifest.json`, manifestBody(files.map(s3Uri)));
  }

  /** Which of the files are still there. */
  async stillThere(files: readonly FileEvent[]): Promise<ReadonlySet<FileEvent>> {
    const limit = pLimit(READS_IN_FLIGHT);
    const found = await Promise.all(
      files.map((file) =>
        limit(async () => {
          return (await this.#store.exists({ bucket: file.bucket, key: file.key, signal: this.#signal })) ? [file] : [];
        }),
      ),
    );
    return new Set(found.flat());
  }

  /**
   * Reads every song object and writes its rows as `raw_songs` takes them. A song object of which no row can be read is
   * noted in `unread`.
   *
   * @returns the same.
   */
  async writeSongs(songs: readonly FileEvent[], unread: UnreadObjects): Promise<string | null> {
    return await this.#writeParts('songs', this.#readSongs(songs, unread));
  }

  /** Some thousand objects at a time, so that the memory does not grow with the catalogue. */
  async *#readSongs(songs: readonly FileEvent[], unread: UnreadObjects): AsyncGenerator<object> {
    const limit = pLimit(READS_IN_FLIGHT);
    for (let from = 0; from < songs.length; from += READ_AT_ONCE) {
      const chunk = songs.slice(from, from + READ_AT_ONCE);
      const rows = await Promise.all(chunk.map(async (file) => await limit(() => this.#readSong(file, unread))));
      yield* rows.flat();
    }
  }

  async #readSong(file: FileEvent, unread: UnreadObjects): Promise<readonly object[]> {
    if (this.#signal.aborted) throw new IngestError('aborted', 'The comparison was stopped.');
    if (file.size > SONG_FILE_MAX_BYTES) {
      unread.noteBroken(file, tooLarge(file.size).reason);
      return [];
    }
    try {
      const stored = await this.#store.get({ bucket: file.bucket, key: file.key, signal: this.#signal });
      if (stored === null) {
        unread.noteGone(file);
        return [];
      }
      const { problem, rows } = songRows(file, stored);
      if (problem === null) {
        unread.noteRead();
        return rows;
      }
      unread.noteBroken(file, problem.reason);
    } catch (error) {
      unread.noteRefused(file, error);
    }
    return [];
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
    await this.#store.put({ bucket: this.#bucket.name, key, body, contentType: 'application/json' });
    return s3Uri({ bucket: this.#bucket.name, key });
  }
}
