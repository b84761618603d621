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

/** A result set on disk: one file with its pages one after the other. */
export type StoredResult = {
  readonly file: string;
  readonly columns: readonly ColumnMetadata[];
  readonly totalRows: number;
  /** Bytes of each page; a result without rows has one page. */
  readonly pageBytes: readonly number[];
};

const csvPageBytes = 1_000_000;

/** The newest results, of which this many are kept: many more than calls that are under way. */
const KEPT_RESULTS = 1_000;

/** Keeps results in files, not in memory or the database: they are written once and read by page. */
export class ResultFiles {
  readonly #directory: string;
  #written = 0;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  writer(name: string, format: ResultFormatString): ResultWriter {
    this.#written += 1;
    if (this.#written % KEPT_RESULTS === 0) void this.removeOld(Date.now()).catch(() => undefined);
    return new ResultWriter(this.#directory, `${name.replace(':', '.')}.${format.toLowerCase()}`, format);
  }

  /** @returns the page's text: a JSON array of rows, or CSV lines; `null` when the result was removed. */
  readPage(result: StoredResult, page: number): string | null {
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
  readonly #file: number;
  #rows: string[] = [];
  #pendingBytes = 0;
  #pageBytes: number[] = [];
  #totalRows = 0;
  #totalBytes = 0;

  constructor(directory: string, name: string, format: ResultFormatString) {
    this.#format = format;
    this.#name = name;
    this.#path = join(directory, name);
    this.#file = openSync(this.#path, 'w', 0o600);
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
    if (this.#rows.length > 0 || this.#pageBytes.length === 0) this.#flush();
    closeSync(this.#file);
    return { file: this.#name, columns, totalRows: this.#totalRows, pageBytes: this.#pageBytes };
  }

  /** The statement failed: discards the rows written so far. */
  discard(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    const page = this.#format === 'CSV' ? this.#rows.join('') : `[${this.#rows.join(',')}]`;
    const bytes = Buffer.from(page);
    writeFileSync(this.#file, bytes);
    this.#pageBytes.push(bytes.length);
    this.#rows = [];
    this.#pendingBytes = 0;
  }
}
