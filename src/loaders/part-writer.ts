import { gzipSync } from 'node:zlib';
import pLimit from 'p-limit';
import { s3Uri } from '../core/manifest.ts';
import type { ObjectStore } from '../core/ports.ts';

/** Uncompressed. COPY does not split gzip, so several parts of even size let every slice of a warehouse read one. */
const PART_CHARACTERS = 4 * 1024 * 1024;
/** Of one batch. */
const PUTS_AT_ONCE = 2;
/** Packs log rows to a ninth of their size; the higher levels cost several times the CPU for little more. */
const GZIP_LEVEL = 1;

/** A row of a part; COPY matches the keys with the columns of staging. A key that is absent is NULL. */
export type PartRow = Readonly<Record<string, string | null | undefined>>;

/** A row as a line of a part. */
export function partLine(row: PartRow): string {
  return `${JSON.stringify(row, (_key, value: unknown) => value ?? undefined)}\n`;
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

  /** @param input.keyOf the key of a part, from 1. */
  constructor(input: { store: ObjectStore; bucket: string; keyOf: (part: number) => string; signal: AbortSignal }) {
    this.#store = input.store;
    this.#bucket = input.bucket;
    this.#keyOf = input.keyOf;
    this.#signal = input.signal;
  }

  /** Keys of all parts, also of those that no manifest names. */
  get begun(): readonly string[] {
    return this.#begun;
  }

  /** Rows that are written one after the other. */
  writer(): PartWriter {
    return new PartWriter(async (text) => await this.#puts(async () => await this.#put(text)));
  }

  async #put(text: string): Promise<string> {
    const key = this.#keyOf(this.#begun.length + 1);
    this.#begun.push(key);
    const body = gzipSync(text, { level: GZIP_LEVEL });
    const contentType = 'application/gzip';
    await this.#store.put({ bucket: this.#bucket, key, body, contentType, signal: this.#signal });
    return s3Uri({ bucket: this.#bucket, key });
  }
}

/** Parts of one writer by their order, from 0; both ends belong to it. `last` is before `first` when there is none. */
export type PartRange = { readonly first: number; readonly last: number };

/** Fills one part after the other. */
export class PartWriter {
  readonly #put: (text: string) => Promise<string>;
  readonly #uris: Promise<string>[] = [];
  #lines: string[] = [];
  #characters = 0;

  /** @param put stores a part and gives its URI. */
  constructor(put: (text: string) => Promise<string>) {
    this.#put = put;
  }

  /**
   * Takes lines that `partLine` made. Waits until the part before the one that is being filled is stored.
   *
   * @returns the parts in which the lines are.
   */
  async add(lines: readonly string[]): Promise<PartRange> {
    const first = this.#uris.length;
    let last = first - 1;
    for (const line of lines) {
      last = this.#uris.length;
      this.#lines.push(line);
      this.#characters += line.length;
      if (this.#characters >= PART_CHARACTERS) {
        await this.#uris.at(-1);
        // Somebody else may have flushed meanwhile.
        if (this.#characters >= PART_CHARACTERS) this.#flush();
      }
    }
    return { first, last };
  }

  /** The lines that are not in a part yet, which nobody writes any more; `null` when a part is written. */
  takeLines(): readonly string[] | null {
    return this.#uris.length > 0 ? null : this.#lines;
  }

  /** @returns the URIs of all parts, once they are stored. @throws what a put threw. */
  async end(): Promise<readonly string[]> {
    if (this.#lines.length > 0) this.#flush();
    return await Promise.all(this.#uris);
  }

  #flush(): void {
    const uri = this.#put(this.#lines.join(''));
    // Whoever waits for the part hears of its error.
    uri.catch(() => undefined);
    this.#uris.push(uri);
    this.#lines = [];
    this.#characters = 0;
  }
}
