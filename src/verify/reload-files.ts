import type { Dataset } from '../core/dataset.ts';
import type { FileEvent } from '../core/file-event.ts';
import { objectId, storableKey } from '../core/loading/ledger.ts';
import { manifestBody, s3Uri } from '../core/loading/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';
import type { PartRow } from '../loaders/part-writer.ts';
import { partLine, Parts } from '../loaders/part-writer.ts';
import type { RawRows } from './raw-rows.ts';
import { isStoredWithin, prefixesOf } from './part.ts';
import type { VerifyPart } from './part.ts';
import { readObjects } from './read-objects.ts';
import type { ReadObject } from './read-objects.ts';
import type { UnreadObjects } from './unread-objects.ts';

export type VerifyBucket = {
  readonly name: string;
  readonly logPrefix: string;
  readonly songPrefix: string;
  readonly workPrefix: string;
};

/** The objects of a dataset that were read, and the manifest of their raw rows; `null`: no rows. */
type Reloaded = { readonly read: readonly ReadObject[]; readonly manifestUri: string | null };

/** The objects of each dataset in the bucket. */
export type Listing = Readonly<Record<Dataset, readonly FileEvent[]>>;

/** What became of the objects of a dataset. `others`: objects outside the part, which were not read. */
export type Looked = {
  readonly read: readonly ReadObject[];
  readonly unread: UnreadObjects;
  readonly others: readonly FileEvent[];
};

/** Writes the files that a reload COPYs, below `<workPrefix>verify/<run id>/`. */
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

  async listBucket(part: VerifyPart): Promise<Listing> {
    const { logs, songs } = prefixesOf(this.#bucket, part);
    return { logs: await this.#list(logs, part), songs: await this.#list(songs, part) };
  }

  /**
   * Reads objects and writes the raw rows of the readable ones. Adds the others to `unread`. Calls `onRead` after each object.
   *
   * @returns the objects that were read, and the URI of a manifest; `null` without rows.
   * @throws IngestError as `readObjects` does.
   */
  async writeObjects(
    files: readonly FileEvent[],
    { onRead, rows, unread }: { rows: RawRows; unread: UnreadObjects; onRead: (file: FileEvent) => void },
  ): Promise<Reloaded> {
    const reading = { rows, unread, onRead, parts: this.#parts, store: this.#store, signal: this.#signal };
    const { partUris, read } = await readObjects(files, reading);
    return { read, manifestUri: await this.#writeManifest(rows.table, partUris) };
  }

  /** Writes the listing as rows of `listed_objects`, without objects that were deleted meanwhile; returns the URI of a manifest, or `null`. */
  async writeListing(datasets: Readonly<Record<Dataset, Looked>>): Promise<string | null> {
    const row = (file: FileEvent, dataset: string) => ({
      object_id: objectId(file),
      dataset,
      bucket: file.bucket,
      object_key: storableKey(file.key),
    });
    const rows = Object.entries(datasets).flatMap(([dataset, { others, read, unread }]) => [
      ...read.map(({ file, version: { etag, lastModifiedMs } }) => ({
        ...row(file, dataset),
        etag,
        last_modified_ms: String(lastModifiedMs),
        is_part: 'true',
        is_read: 'true',
      })),
      ...unread.files
        .filter(({ isGone }) => !isGone)
        .map(({ file }) => ({ ...row(file, dataset), etag: file.etag, is_part: 'true', is_read: 'false' })),
      ...others.map((file) => ({ ...row(file, dataset), etag: file.etag, is_part: 'false', is_read: 'false' })),
    ]);
    return await this.#write('listing', rows);
  }

  /** Deletes the parts, which are a second copy of the files. @throws IngestError when S3 refuses it. */
  async removeParts(): Promise<void> {
    await this.#parts.remove({ signal: AbortSignal.timeout(30_000) });
  }

  async #list(prefix: string | null, part: VerifyPart): Promise<readonly FileEvent[]> {
    const files: FileEvent[] = [];
    if (prefix === null) return files;
    for await (const page of this.#store.list({ bucket: this.#bucket.name, prefix, signal: this.#signal })) {
      // A key that ends with "/" is a folder marker of some tool; the consumer ignores it too.
      const isOwn = ({ key }: FileEvent) => key.endsWith('/') || key.startsWith(this.#bucket.workPrefix);
      files.push(...page.filter((file) => !isOwn(file) && isStoredWithin(file, part)));
    }
    return files;
  }

  async #write(name: string, rows: readonly PartRow[]): Promise<string | null> {
    const writer = this.#parts.writer();
    for (const row of rows) await writer.add([partLine(row)]);
    return await this.#writeManifest(name, await writer.end());
  }

  /** @returns `null` without parts. */
  async #writeManifest(name: string, partUris: readonly string[]): Promise<string | null> {
    if (partUris.length === 0) return null;
    const object = { bucket: this.#bucket.name, key: `${this.#folder}${name}.manifest.json` };
    const contentType = 'application/json';
    await this.#store.put({ ...object, body: manifestBody(partUris), contentType, signal: this.#signal });
    return s3Uri(object);
  }
}
