import { setImmediate as nextTurn } from 'node:timers/promises';
import { RedshiftError } from '../../errors/redshift-error.ts';
import type { CopyStatement } from '../parse/copy-statement.ts';
import type { CopyTarget } from './describe-target.ts';
import { FieldError } from '../convert/field-error.ts';
import type { CopySource } from '../read/list-sources.ts';
import type { LoadLog, LoadTotals, ScannedFile } from './load-log.ts';
import type { OpenSource } from '../read/open-source.ts';
import { openAhead } from '../read/open-ahead.ts';
import type { RowSink } from './row-sink.ts';
import type { CopyContext } from '../read/copy-context.ts';
import { s3Url } from '../parse/s3-location.ts';
import type { JsonPiece } from '../read/split-json.ts';
import { JsonSplitter, maxDocumentBytes } from '../read/split-json.ts';
import { unconfirmed } from '../convert/unconfirmed.ts';

type Loading = {
  readonly statement: CopyStatement;
  readonly target: CopyTarget;
  readonly context: Pick<CopyContext, 's3' | 'signal'>;
  readonly log: LoadLog;
  readonly toLine: (document: Buffer) => string;
  /** `null` = NOLOAD. */
  readonly sink: RowSink | null;
};

/** Reads the files of one COPY into the row sink and counts what it meets. */
export class LoadFiles {
  readonly #loading: Loading;
  readonly #scanned: ScannedFile[] = [];
  #rows = 0;
  #bytes = 0;
  #errors = 0;
  #listed = 0;

  constructor(loading: Loading) {
    this.#loading = loading;
  }

  totals(): LoadTotals {
    return { rows: this.#rows, bytes: this.#bytes, errors: this.#errors, files: this.#listed };
  }

  scanned(): readonly ScannedFile[] {
    return this.#scanned;
  }

  /**
   * Loads the files in order.
   *
   * @throws RedshiftError when a mandatory file or every file is missing, or when there are too many errors;
   *   PostgreSQL's error when it refuses a row.
   */
  async load(sources: readonly CopySource[]): Promise<void> {
    const { statement, context } = this.#loading;
    this.#listed = sources.length;
    for await (const opened of openAhead(sources, statement, context)) await this.#loadFile(opened);
    if (this.#scanned.length > 0) return;
    throw new RedshiftError(
      'XX000',
      `No such file or directory: none of the ${sources.length} files of the manifest is there`,
    );
  }

  async #loadFile(source: OpenSource): Promise<void> {
    const splitter = new JsonSplitter({ ignoreHeader: this.#loading.statement.ignoreHeader });
    const startedAt = new Date();
    const errorsBefore = this.#errors;
    const file = s3Url(source.location);
    let first = true;
    try {
      for await (const chunk of source.content) {
        const content = first ? withoutMark(chunk) : chunk;
        first = false;
        await this.#loadPieces(file, splitter.push(content));
      }
      await this.#loadPieces(file, splitter.finish());
    } finally {
      const errors = this.#errors - errorsBefore;
      this.#bytes += splitter.bytesScanned();
      this.#scanned.push({ source, lines: splitter.linesScanned(), errors, startedAt });
    }
  }

  async #loadPieces(file: string, pieces: readonly JsonPiece[]): Promise<void> {
    const { sink, toLine, context } = this.#loading;
    let lines = '';
    for (const piece of pieces) {
      try {
        lines += toLine(documentOf(piece));
        this.#rows += 1;
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        await this.#refuse(file, piece, error);
      }
    }
    if (lines !== '') await sink?.write(lines);
    context.signal.throwIfAborted();
    // Other sessions of this process get a turn after every chunk.
    await nextTurn();
  }

  async #refuse(file: string, piece: JsonPiece, error: FieldError): Promise<void> {
    const { log, statement, target } = this.#loading;
    this.#errors += 1;
    await log.refuse(file, piece, error);
    if (statement.failAtErrors === null || this.#errors < statement.failAtErrors) return;
    throw new RedshiftError(
      'XX000',
      `Load into table '${target.table}' failed.  Check 'sys_load_error_detail' system table for details.`,
    );
  }
}

function documentOf(piece: JsonPiece): Buffer {
  switch (piece.kind) {
    case 'document':
      return piece.bytes;
    case 'junk':
      throw new FieldError(
        unconfirmed.malformedJsonCode,
        'Invalid value: only white space may stand between JSON documents',
      );
    case 'malformed':
      throw new FieldError(
        unconfirmed.malformedJsonCode,
        'Invalid value: the JSON document is not well-formed or has no end',
      );
    case 'too_long':
      throw new FieldError(
        unconfirmed.malformedJsonCode,
        `Max size allowed for a JSON object is ${maxDocumentBytes} bytes`,
      );
  }
}

function withoutMark(chunk: Buffer): Buffer {
  const marked = chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
  return marked && unconfirmed.byteOrderMark === 'skip' ? chunk.subarray(3) : chunk;
}
