import { gzipSync } from 'node:zlib';
import pLimit from 'p-limit';
import { s3Uri } from '../core/loading/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Uncompressed. COPY does not split gzip files, so parts of equal size let every slice of the warehouse read one. */
const PART_BYTES = 4 * 1024 * 1024;
/** Of one batch. */
const PUTS_AT_ONCE = 2;
/** Packs log rows to a ninth of their size; higher levels cost several times the CPU and save little. */
const GZIP_LEVEL = 1;

/** A row of a part; COPY matches the keys with the columns of staging. A key that is absent is NULL. */
export type PartRow = Readonly<Record<string, string | null | undefined>>;

/** A row as a line of a part. */
export function partLine(row: PartRow): string {
  const present: Record<string, string | undefined> = {};
  // JSON.stringify leaves out what is undefined; a replacer would take several times as long.
  for (const key in row) present[key] = row[key] ?? undefined;
  return `${JSON.stringify(present)}\n`;
}

/**
 * The parts of a batch: gzipped JSON lines. Every value is a text, because COPY reads JSON numbers as floating point (Amazon
 * Redshift Database Developer Guide, "COPY from JSON format").
 */
export class Parts {
  readonly #store: ObjectStore;
  readonly #bucket: string;
  readonly #keyOf: (part: number) => string;
  readonly #signal: AbortSignal;
  readonly #puts = pLimit(PUTS_AT_ONCE);
  readonly #begun: string[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #failures: Error[] = [];

  /** @param input.keyOf the key of a part, from 1. */
  constructor(input: { store: ObjectStore; bucket: string; keyOf: (part: number) => string; signal: AbortSignal }) {
    this.#store = input.store;
    this.#bucket = input.bucket;
    this.#keyOf = input.keyOf;
    this.#signal = input.signal;
  }

  /** How many parts were started, including those that no manifest lists. */
  get count(): number {
    return this.#begun.length;
  }

  /** Whether this is the error of a put, and not of an object that is being read. */
  failedWith(error: unknown): boolean {
    return this.#failures.some((failure) => failure === error);
  }

  /**
   * Deletes all parts, once no put is under way.
   *
   * @param input.otherKeys are deleted with them.
   * @param input.signal default: none, so that the parts of an aborted load are deleted too; each call has its own bounds.
   * @throws IngestError when S3 refuses it.
   */
  async remove(input: { otherKeys?: readonly string[]; signal?: AbortSignal } = {}): Promise<void> {
    const { otherKeys = [], signal = new AbortController().signal } = input;
    await Promise.allSettled(this.#underWay);
    const keys = [...otherKeys, ...this.#begun];
    if (keys.length > 0) await this.#store.remove({ bucket: this.#bucket, keys, signal });
  }

  /** A writer of rows. */
  writer(): PartWriter {
    return new PartWriter(async (bytes) => {
      // Packed at once, so that a waiting part takes a ninth of the memory.
      const body = gzipSync(bytes, { level: GZIP_LEVEL });
      const put = this.#puts(async () => await this.#put(body));
      this.#underWay.add(put);
      try {
        return await put;
      } catch (error) {
        this.#failures.push(error instanceof Error ? error : new Error(String(error)));
        throw error;
      } finally {
        this.#underWay.delete(put);
      }
    });
  }

  async #put(body: Uint8Array): Promise<string> {
    const [failure] = this.#failures;
    // The load has failed already; all waiting puts fail with the first error.
    if (failure !== undefined) throw failure;
    const key = this.#keyOf(this.#begun.length + 1);
    this.#begun.push(key);
    const contentType = 'application/gzip';
    await this.#store.put({ bucket: this.#bucket, key, body, contentType, signal: this.#signal });
    return s3Uri({ bucket: this.#bucket, key });
  }
}

/** The parts of one manifest. Small files share parts; a file that fills a part has its own parts. */
export class PartList {
  readonly #shared: PartWriter;
  readonly #ownUris: string[] = [];
  #sharedUris: readonly string[] = [];

  constructor(parts: Parts) {
    this.#shared = parts.writer();
  }

  /**
   * Takes over the rows of a file's writer, which must not be used any more.
   *
   * @returns a function that returns, after `end`, the URIs of the file's parts.
   */
  async keep(writer: PartWriter): Promise<() => readonly string[]> {
    const bytes = writer.takeBytes();
    if (bytes === null) {
      const uris = await writer.end();
      this.#ownUris.push(...uris);
      return () => uris;
    }
    if (bytes.byteLength === 0) return () => [];
    const place = await this.#shared.addBytes(bytes);
    return () => this.#sharedUris.slice(place, place + 1);
  }

  /** Takes lines that `partLine` made. */
  async add(lines: readonly string[]): Promise<void> {
    await this.#shared.add(lines);
  }

  /** @returns the URIs of all parts, once they are stored. @throws what a put threw. */
  async end(): Promise<readonly string[]> {
    this.#sharedUris = await this.#shared.end();
    return [...this.#sharedUris, ...this.#ownUris];
  }
}

/** UTF-8 needs at most three bytes for a unit of UTF-16. */
const BYTES_A_UNIT = 3;

/** Fills one part after another. */
export class PartWriter {
  readonly #put: (bytes: Uint8Array) => Promise<string>;
  readonly #uris: Promise<string>[] = [];
  /** Bytes and not strings: thousands of strings that live as long as a part cost a quarter of all CPU time in garbage collection. */
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** @param put packs the bytes before it returns, then stores the part and gives its URI. */
  constructor(put: (bytes: Uint8Array) => Promise<string>) {
    this.#put = put;
  }

  /** Adds lines of rows. Waits until all full parts but the latest are stored. */
  async add(lines: Iterable<string>): Promise<void> {
    for (const line of lines) {
      this.#makeRoom(line.length * BYTES_A_UNIT);
      this.#length += this.#buffer.write(line, this.#length);
      if (this.#length >= PART_BYTES) this.#flush();
    }
    await this.#uris.at(-2);
  }

  /**
   * Adds the bytes that `takeBytes` of another writer returned. Waits as `add` does.
   *
   * @returns the number of the part that has it, from 0.
   */
  async addBytes(bytes: Uint8Array): Promise<number> {
    while (this.#length > 0 && this.#length + bytes.byteLength > PART_BYTES) {
      const { length } = this.#uris;
      await this.#uris.at(-1);
      if (this.#uris.length === length) this.#flush();
    }
    this.#makeRoom(bytes.byteLength);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.byteLength;
    return this.#uris.length;
  }

  /** The lines of this writer, if it has not stored a part; otherwise `null`. Do not use the writer afterwards. */
  takeBytes(): Uint8Array | null {
    return this.#uris.length > 0 ? null : this.#buffer.subarray(0, this.#length);
  }

  /** @returns the URIs of all parts, once they are stored. @throws what a put threw. */
  async end(): Promise<readonly string[]> {
    if (this.#length > 0) this.#flush();
    return await Promise.all(this.#uris);
  }

  #flush(): void {
    const uri = this.#put(this.#buffer.subarray(0, this.#length));
    // The caller that awaits the part gets its error.
    uri.catch(() => undefined);
    this.#uris.push(uri);
    this.#length = 0;
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.byteLength) return;
    const doubled = Math.min(Math.max(2 * this.#buffer.byteLength, 16 * 1024), LARGEST_BUFFER_BYTES);
    const larger = Buffer.allocUnsafe(Math.max(doubled, this.#length + bytes));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** A part, and room for a line behind it. */
const LARGEST_BUFFER_BYTES = PART_BYTES + 256 * 1024;
