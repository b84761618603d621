import { hash } from 'node:crypto';
import { cutToBytes, objectId } from '../core/loading/ledger.ts';
import type { NumberedFile } from '../core/loading/ledger.ts';
import { eventLine } from '../datasets/logs/event-line.ts';
import { createLogJudge } from '../datasets/logs/judge-event.ts';
import type { LogKeyNames } from '../datasets/logs/judge-event.ts';
import { judgeSong } from '../datasets/songs/judge-song.ts';
import type { Rejected } from '../datasets/field.ts';
import type { Piece } from '../reader/split-objects.ts';
import type { PartRow } from './part-writer.ts';
import { partLine } from './part-writer.ts';

/** Where a row comes from. */
export type RowSource = { readonly file: NumberedFile };

/** The row of one piece of a file. `not_kept`: an event that the model does not keep. */
type MadeRow =
  /** `eventMs`: when the event happened; `null` of a song. */
  | { readonly kind: 'row'; readonly line: string; readonly eventMs: number | null; readonly isPlay: boolean }
  | { readonly kind: 'rejected'; readonly column: string; readonly reason: string; readonly line: () => string }
  | { readonly kind: 'not_kept' };

/** Turns pieces of a dataset's files into rows of its staging table, as lines of a part. */
export type RowMaker = (piece: Piece, source: RowSource) => MadeRow;

const NOT_KEPT: MadeRow = { kind: 'not_kept' };

/** @param keyNames the keys of the log files; `undefined`: the usual keys. */
export function logRowMaker(keyNames?: LogKeyNames): RowMaker {
  const judge = createLogJudge(keyNames);
  return (piece, source) => {
    if (piece.kind === 'malformed') return rejectedRow(piece, source, malformed(piece));
    const judged = judge(piece);
    if (judged.kind === 'not_kept') return NOT_KEPT;
    if (judged.kind === 'rejected') return rejectedRow(piece, source, judged);
    const { row } = judged;
    const at = { fileNumber: source.file.fileNumber, lineNumber: piece.lineNumber, ordinal: piece.ordinal };
    return { kind: 'row', line: eventLine(at, row), eventMs: Number(row.start_time_ms), isPlay: row.is_play === '1' };
  };
}

export const makeSongRow: RowMaker = (piece, source) => {
  if (piece.kind === 'malformed') return rejectedRow(piece, source, malformed(piece));
  const judged = judgeSong(piece);
  if (judged.kind === 'rejected') return rejectedRow(piece, source, judged);
  const row = { kind: 'S', ...place(piece, source), row_number: String(piece.ordinal), ...judged.row };
  return { kind: 'row', line: partLine(row), eventMs: null, isPlay: false };
};

function place(piece: Piece, { file }: RowSource): PartRow {
  return { file_number: String(file.fileNumber), line_number: String(piece.lineNumber) };
}

/** A malformed stretch belongs to no column; its rejected row names the column `json`. */
function malformed(piece: Extract<Piece, { kind: 'malformed' }>): Omit<Rejected, 'kind'> {
  return { column: 'json', reason: `is malformed: ${piece.reason} (column ${piece.columnNumber})` };
}

/** The width of `rejected_rows.row_text`. */
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

/** Bytes as a text that the column can hold: invalid UTF-8 and NUL become U+FFFD, and the text is cut to the column. */
function storedText(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString().replaceAll('\0', '\ufffd');
  return cutToBytes(text, ROW_TEXT_BYTES);
}
