import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import pLimit from 'p-limit';
import { s3Uri } from '../core/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Uncompressed. COPY does not split gzip, so several parts of even size let every slice of a warehouse read one. */
const PART_BYTES = 4 * 1024 * 1024;
/** Parts in memory, with the one that is being filled: those that are packed and put. */
const PUTS_AT_ONCE = 2;
/** Packs log rows to a ninth of their size; the higher levels cost several times the CPU for little more. */
const GZIP_LEVEL = 1;

const pack = promisify(gzip);

/** A row of a part; COPY matches the keys with the columns of staging. A key that is absent is NULL. */
export type PartRow = Readonly<Record<string, string | null | undefined>>;

/**
 * Writes the rows of a batch as gzipped JSON lines, in parts of even size. Every value is a text, because COPY reads JSON
 * numbers as floating point (Amazon Redshift Database Developer Guide, "COPY from JSON format").
 */
export class PartWriter {
  readonly #store: ObjectStore;
  readonly #bucket: string;
  readonly #keyOf: (part: number) => string;
  readonly #signal: AbortSignal;
  readonly #puts = pLimit(PUTS_AT_ONCE);
  readonly #underWay = new Set<Promise<void>>();
  readonly #keys: string[] = [];
  #lines: string[] = [];
  #characters = 0;

  /** @param input.keyOf the key of a part, from 1. */
  constructor(input: { store: ObjectStore; bucket: string; keyOf: (part: number) => string; signal: AbortSignal }) {
    this.#store = input.store;
    this.#bucket = input.bucket;
    this.#keyOf = input.keyOf;
    this.#signal = input.signal;
  }

  /** The parts so far, in the order in which they were begun. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  get uris(): readonly string[] {
    return this.#keys.map((key) => s3Uri({ bucket: this.#bucket, key }));
  }

  /** Takes lines that `partLine` made. Waits while too much is in memory. */
  async add(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.length;
      if (this.#characters >= PART_BYTES) await this.#put();
    }
  }

  /** Resolves when every part is stored. @throws what a put threw. */
  async end(): Promise<void> {
    if (this.#lines.length > 0) await this.#put();
    await Promise.all(this.#underWay);
  }

  async #put(): Promise<void> {
    const text = this.#lines.join('');
    this.#lines = [];
    this.#characters = 0;
    const key = this.#keyOf(this.#keys.length + 1);
    this.#keys.push(key);
    const put = this.#puts(async () => {
      const body = await pack(text, { level: GZIP_LEVEL });
      await this.#store.put({ bucket: this.#bucket, key, body, contentType: 'application/gzip', signal: this.#signal });
    });
    this.#underWay.add(put);
    // A put that fails fails the batch: here, or where the next one has to wait.
    if (this.#underWay.size > PUTS_AT_ONCE) await Promise.race(this.#underWay);
    void put.then(
      () => this.#underWay.delete(put),
      () => undefined,
    );
  }
}

/** A row as a line of a part. */
export function partLine(row: PartRow): string {
  return `${JSON.stringify(row, (_key, value: unknown) => value ?? undefined)}\n`;
}
