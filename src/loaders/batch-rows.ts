import { hash } from 'node:crypto';
import { cutToBytes, objectId, paddedSequencer } from '../core/ledger.ts';
import type { NumberedFile } from '../core/ledger.ts';
import type { ObjectVersion } from '../core/ports.ts';
import { createLogJudge } from '../datasets/logs/judge-event.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import { judgeSong } from '../datasets/songs/judge-song.ts';
import type { Rejected } from '../datasets/field.ts';
import type { Piece } from '../reader/split-objects.ts';
import { eventLine } from './event-line.ts';
import type { PartRow } from './part-writer.ts';
import { partLine } from './part-writer.ts';

/** Where a row comes from: the file of the batch and the version of the object that S3 delivered. */
export type RowSource = { readonly file: NumberedFile; readonly version: ObjectVersion };

/** What one piece of a file is to the load. `not_kept`: an event that the model does not keep. */
type MadeRow =
  | { readonly kind: 'row'; readonly line: string; readonly startMs: number | null }
  | { readonly kind: 'rejected'; readonly column: string; readonly reason: string; readonly line: () => string }
  | { readonly kind: 'not_kept' };

/** How the objects of a dataset become rows of its staging table, as lines of a part. */
export type RowMaker = {
  readonly make: (piece: Piece, source: RowSource) => MadeRow;
  /** What stands for a file that was read and has no row of its own; `null` where nothing does. */
  readonly emptyFile: (source: RowSource) => string | null;
};

const NOT_KEPT: MadeRow = { kind: 'not_kept' };

/** @param keyNames under which keys the log files have each value; `undefined`: under their own. */
export function logRowMaker(keyNames?: LogKeyNames): RowMaker {
  const judge = createLogJudge(keyNames);
  return {
    emptyFile: () => null,
    make: (piece, source) => {
      if (piece.kind === 'malformed') return rejectedRow(piece, source, malformed(piece));
      const judged = judge(piece);
      if (judged.kind === 'not_kept') return NOT_KEPT;
      if (judged.kind === 'rejected') return rejectedRow(piece, source, judged);
      const { row } = judged;
      const startMs = row.is_play === '1' ? Number(row.start_time_ms) : null;
      const at = { fileNumber: source.file.fileNumber, lineNumber: piece.lineNumber };
      return { kind: 'row', line: eventLine(at, row), startMs };
    },
  };
}

export const SONG_ROW_MAKER: RowMaker = {
  // This version was read and names no song: what an older one named goes.
  emptyFile: (source) =>
    partLine({ kind: 'N', file_number: String(source.file.fileNumber), row_number: '0', ...stamp(source) }),
  make: (piece, source) => {
    if (piece.kind === 'malformed') return rejectedRow(piece, source, malformed(piece));
    const judged = judgeSong(piece);
    if (judged.kind === 'rejected') return rejectedRow(piece, source, judged);
    const row_number = String(piece.ordinal);
    const row = { kind: 'S', ...place(piece, source), row_number, ...stamp(source), ...judged.row };
    return { kind: 'row', line: partLine(row), startMs: null };
  },
};

function place(piece: Piece, { file }: RowSource): PartRow {
  return { file_number: String(file.fileNumber), line_number: String(piece.lineNumber) };
}

function stamp({ file, version }: RowSource): PartRow {
  return {
    etag: version.etag,
    last_modified: String(version.lastModifiedMs),
    sequencer: paddedSequencer(file.file.sequencer),
  };
}

/** A malformed stretch has no column of its own; the column that rows name for it is `json`. */
function malformed(piece: Extract<Piece, { kind: 'malformed' }>): Omit<Rejected, 'kind'> {
  return { column: 'json', reason: `is malformed: ${piece.reason} (column ${piece.columnNumber})` };
}

/** What `rejected_rows.row_text` takes. */
const ROW_TEXT_BYTES = 65_535;

function rejectedRow(piece: Piece, source: RowSource, { column, reason }: Omit<Rejected, 'kind'>): MadeRow {
  const line = (): string => {
    const row_text = storedText(piece.text);
    const { file } = source.file;
    const rejected_id = hash('md5', JSON.stringify([objectId(file), piece.ordinal, column, reason, row_text]));
    return partLine({ kind: 'R', ...place(piece, source), rejected_id, column_name: column, reason, row_text });
  };
  return { kind: 'rejected', column, reason, line };
}

/** A text of bytes as a column can hold it: what is not UTF-8 as U+FFFD, NUL too, cut to the column. */
function storedText(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString().replaceAll('\0', '\ufffd');
  return cutToBytes(text, ROW_TEXT_BYTES);
}
