import { gzipSync } from 'node:zlib';
import pLimit from 'p-limit';
import { s3Uri } from '../core/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Uncompressed. COPY does not split gzip, so several parts of even size let every slice of a warehouse read one. */
const PART_BYTES = 4 * 1024 * 1024;
/** Of one batch. */
const PUTS_AT_ONCE = 2;
/** Packs log rows to a ninth of their size; the higher levels cost several times the CPU for little more. */
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

  /** How many parts were begun, also those that no manifest names. */
  get count(): number {
    return this.#begun.length;
  }

  /** Whether a put ended with this error: it is not about any object that is being read. */
  failedWith(error: unknown): boolean {
    return this.#failures.some((failure) => failure === error);
  }

  /**
   * Deletes all parts, once no put is under way.
   *
   * @param input.otherKeys are deleted with them.
   * @param input.signal by default none: the parts of what was cut off are deleted too, and each call ends within its own bounds.
   * @throws IngestError when S3 refuses it.
   */
  async remove(input: { otherKeys?: readonly string[]; signal?: AbortSignal } = {}): Promise<void> {
    const { otherKeys = [], signal = new AbortController().signal } = input;
    await Promise.allSettled(this.#underWay);
    const keys = [...otherKeys, ...this.#begun];
    if (keys.length > 0) await this.#store.remove({ bucket: this.#bucket, keys, signal });
  }

  /** Rows that are written one after the other. */
  writer(): PartWriter {
    return new PartWriter(async (bytes) => {
      // Packed at once: what waits for its turn is a ninth of the rows.
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
    // The load ends anyway; whoever waits hears of the first failure.
    if (failure !== undefined) throw failure;
    const key = this.#keyOf(this.#begun.length + 1);
    this.#begun.push(key);
    const contentType = 'application/gzip';
    await this.#store.put({ bucket: this.#bucket, key, body, contentType, signal: this.#signal });
    return s3Uri({ bucket: this.#bucket, key });
  }
}

/** The parts of one manifest. The rows of small files share parts; a file that fills one has parts of its own. */
export class PartList {
  readonly #shared: PartWriter;
  readonly #ownUris: string[] = [];
  #sharedUris: readonly string[] = [];

  constructor(parts: Parts) {
    this.#shared = parts.writer();
  }

  /**
   * Takes what a writer of a file has written. Nobody uses that writer any more.
   *
   * @returns tells, after `end`, the URIs of the parts that have it.
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

/** Fills one part after the other. */
export class PartWriter {
  readonly #put: (bytes: Uint8Array) => Promise<string>;
  readonly #uris: Promise<string>[] = [];
  /** Bytes and not texts: thousands of texts that live as long as a part cost the collector of garbage a quarter of all CPU time. */
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** @param put packs the bytes before it returns, then stores the part and gives its URI. */
  constructor(put: (bytes: Uint8Array) => Promise<string>) {
    this.#put = put;
  }

  /** Takes lines of rows. Waits until no part but the latest full one is still to be stored. */
  async add(lines: Iterable<string>): Promise<void> {
    for (const line of lines) {
      this.#makeRoom(line.length * BYTES_A_UNIT);
      this.#length += this.#buffer.write(line, this.#length);
      if (this.#length >= PART_BYTES) this.#flush();
    }
    await this.#uris.at(-2);
  }

  /**
   * Takes what another writer gave up with `takeBytes`. Waits as `add` does.
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

  /** The lines of a writer that is not used any more and has not stored a part; `null` when it has. */
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
    // Whoever waits for the part hears of its error.
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
