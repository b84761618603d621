import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ColumnMetadata, ResultFormatString } from '@aws-sdk/client-redshift-data';
import { RedshiftError } from '../errors/redshift-error.ts';
import { unconfirmed } from './unconfirmed.ts';
import { csvLine } from './csv-line.ts';
import { fieldsOf } from './fields.ts';
import { limits } from './read-input.ts';
import type { ResultField } from '../engine/column-metadata.ts';

/** A result set: a file with its pages one after the other, or the only page of a small result. */
export type StoredResult = {
  readonly file: string | null;
  readonly text: string | null;
  readonly columns: readonly ColumnMetadata[];
  readonly totalRows: number;
  /** Bytes of each page; a result without rows has one page. */
  readonly pageBytes: readonly number[];
};

const csvPageBytes = 1_000_000;

/** The newest results, of which this many are kept: many more than calls that are under way. */
const KEPT_RESULTS = 1_000;

/** Results up to this size are kept with the record of their statement: making a file takes longer than a short statement. */
const SMALL_BYTES = 4 * 1024;

/** Keeps results in files, not in memory or the database: they are written once and read by page. */
export class ResultFiles {
  readonly #directory: string;
  #written = 0;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  writer(name: string, format: ResultFormatString): ResultWriter {
    const onFile = (): void => {
      this.#written += 1;
      if (this.#written % KEPT_RESULTS === 0) void this.removeOld(Date.now()).catch(() => undefined);
    };
    const file = `${name.replace(':', '.')}.${format.toLowerCase()}`;
    return new ResultWriter({ directory: this.#directory, name: file, format, onFile });
  }

  /** @returns the page's text: a JSON array of rows, or CSV lines; `null` when the result was removed. */
  readPage(result: StoredResult, page: number): string | null {
    if (result.file === null) return result.text;
    const start = result.pageBytes.slice(0, page).reduce((sum, bytes) => sum + bytes, 0);
    const buffer = Buffer.alloc(result.pageBytes[page] ?? 0);
    const path = join(this.#directory, result.file);
    if (!existsSync(path)) return null;
    const file = openSync(path, 'r');
    try {
      readSync(file, buffer, 0, buffer.length, start);
    } finally {
      closeSync(file);
    }
    return buffer.toString('utf8');
  }

  /** Removes results that the Data API no longer returns, and all but the newest. A file is written once: its age is its statement's. */
  async removeOld(nowMs: number): Promise<void> {
    const paths = (await readdir(this.#directory)).map((file) => join(this.#directory, file));
    const files = await Promise.all(paths.map(async (path) => ({ path, mtimeMs: (await stat(path)).mtimeMs })));
    const newest = files.toSorted((one, other) => other.mtimeMs - one.mtimeMs);
    for (const [index, { path, mtimeMs }] of newest.entries()) {
      if (index >= KEPT_RESULTS || mtimeMs <= nowMs - limits.retentionMs) await rm(path, { force: true });
    }
  }
}

/** Writes synchronously: rows come as fast as the server sends them, and this way they cannot pile up in memory. */
export class ResultWriter {
  readonly #format: ResultFormatString;
  readonly #path: string;
  readonly #name: string;
  readonly #onFile: () => void;
  #file: number | null = null;
  #rows: string[] = [];
  #pendingBytes = 0;
  #pageBytes: number[] = [];
  #totalRows = 0;
  #totalBytes = 0;

  constructor(to: { directory: string; name: string; format: ResultFormatString; onFile: () => void }) {
    this.#format = to.format;
    this.#name = to.name;
    this.#path = join(to.directory, to.name);
    this.#onFile = to.onFile;
  }

  get bytes(): number {
    return this.#totalBytes;
  }

  /** @throws RedshiftError when a row or the result is larger than the Data API delivers. */
  add(values: readonly (string | null)[], fields: readonly ResultField[]): void {
    const text = this.#format === 'CSV' ? csvLine(values, fields) : JSON.stringify(fieldsOf(values, fields));
    const bytes = Buffer.byteLength(text);
    const rowBytes = values.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
    if (rowBytes > limits.resultRowBytes) throw new RedshiftError('54000', 'Packet for query is too large');
    this.#totalBytes += rowBytes;
    if (this.#totalBytes > limits.resultBytes)
      throw new RedshiftError('54000', 'Result set is larger than the 500 MB limit');
    const pageLimit = this.#format === 'CSV' ? csvPageBytes : unconfirmed.jsonPageBytes;
    if (this.#rows.length > 0 && this.#pendingBytes + bytes > pageLimit) this.#flush();
    this.#rows.push(text);
    this.#pendingBytes += bytes + 1;
    this.#totalRows += 1;
  }

  finish(columns: readonly ColumnMetadata[]): StoredResult {
    const result = { columns, totalRows: this.#totalRows };
    if (this.#file === null && this.#pendingBytes <= SMALL_BYTES) {
      const text = this.#page();
      return { ...result, file: null, text, pageBytes: [Buffer.byteLength(text)] };
    }
    if (this.#rows.length > 0 || this.#pageBytes.length === 0) this.#flush();
    if (this.#file !== null) closeSync(this.#file);
    return { ...result, file: this.#name, text: null, pageBytes: this.#pageBytes };
  }

  /** The statement failed: discards the rows written so far. */
  discard(): void {
    if (this.#file === null) return;
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #page(): string {
    return this.#format === 'CSV' ? this.#rows.join('') : `[${this.#rows.join(',')}]`;
  }

  #flush(): void {
    if (this.#file === null) {
      this.#file = openSync(this.#path, 'w', 0o600);
      this.#onFile();
    }
    const bytes = Buffer.from(this.#page());
    writeFileSync(this.#file, bytes);
    this.#pageBytes.push(bytes.length);
    this.#rows = [];
    this.#pendingBytes = 0;
  }
}
