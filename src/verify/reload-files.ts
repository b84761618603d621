import type { FileEvent } from '../core/file-event.ts';
import { objectId, storableKey } from '../core/ledger.ts';
import { manifestBody, s3Uri } from '../core/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { PartRow } from '../loaders/part-writer.ts';
import { partLine, Parts } from '../loaders/part-writer.ts';
import type { RawRows } from './raw-rows.ts';
import { readObjects } from './read-objects.ts';
import type { UnreadObjects } from './unread-objects.ts';

export type VerifyBucket = {
  readonly name: string;
  readonly logPrefix: string;
  readonly songPrefix: string;
  readonly workPrefix: string;
};

/** What the bucket holds now. */
export type Listing = { readonly logs: readonly FileEvent[]; readonly songs: readonly FileEvent[] };

/** Writes what a reload reads, below the work prefix: `<workPrefix>verify/<run id>/…`. */
export class ReloadFiles {
  readonly #store: ObjectStore;
  readonly #bucket: VerifyBucket;
  readonly #folder: string;
  readonly #parts: Parts;
  readonly #signal: AbortSignal;

  constructor(input: { store: ObjectStore; bucket: VerifyBucket; runId: string; signal: AbortSignal }) {
    const { bucket, runId, signal, store } = input;
    const folder = `${bucket.workPrefix}verify/${runId}/`;
    const keyOf = (part: number): string => `${folder}part-${String(part).padStart(4, '0')}.json.gz`;
    this.#store = store;
    this.#bucket = bucket;
    this.#folder = folder;
    this.#parts = new Parts({ store, bucket: bucket.name, keyOf, signal });
    this.#signal = signal;
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
    return await this.#write('listing', [...rows(listing.logs, 'logs'), ...rows(listing.songs, 'songs')]);
  }

  /** The objects that could not be read as rows of `unread_objects`; returns the same. */
  async writeUnread(unread: readonly UnreadObjects[]): Promise<string | null> {
    const rows = unread
      .flatMap(({ files }) => files)
      .map(({ file, isGone }) => ({ object_id: objectId(file), is_gone: String(isGone) }));
    return await this.#write('unread', rows);
  }

  /**
   * Reads objects and writes the raw rows of those that can be read. The others are noted in `unread`.
   *
   * @returns the same.
   * @throws IngestError as `readObjects` does.
   */
  async writeObjects(files: readonly FileEvent[], rows: RawRows, unread: UnreadObjects): Promise<string | null> {
    const reading = { rows, unread, parts: this.#parts, store: this.#store, signal: this.#signal };
    return await this.#writeManifest(rows.table, await readObjects(files, reading));
  }

  /** Parts are a second copy of what the bucket holds. @throws IngestError when S3 refuses it. */
  async removeParts(): Promise<void> {
    await this.#parts.remove({ signal: AbortSignal.timeout(30_000) });
  }

  async #list(prefix: string): Promise<readonly FileEvent[]> {
    const files: FileEvent[] = [];
    for await (const page of this.#store.list({ bucket: this.#bucket.name, prefix, signal: this.#signal })) {
      // A key that ends with "/" is a folder that some tool drew; it is ignored when it is notified, too.
      files.push(...page.filter((file) => !file.key.endsWith('/') && !file.key.startsWith(this.#bucket.workPrefix)));
    }
    return files;
  }

  async #write(name: string, rows: readonly PartRow[]): Promise<string | null> {
    const writer = this.#parts.writer();
    for (const row of rows) await writer.add([partLine(row)]);
    return await this.#writeManifest(name, await writer.end());
  }

  /** Without parts there is nothing to COPY. */
  async #writeManifest(name: string, partUris: readonly string[]): Promise<string | null> {
    if (partUris.length === 0) return null;
    const object = { bucket: this.#bucket.name, key: `${this.#folder}${name}.manifest.json` };
    const contentType = 'application/json';
    await this.#store.put({ ...object, body: manifestBody(partUris), contentType, signal: this.#signal });
    return s3Uri(object);
  }
}
