import type { Dataset } from '../core/dataset.ts';
import { printable } from '../core/printable.ts';
import { IDENTITY_FIELDS, PAGE, PLAY_FIELDS, USER_FIELDS } from '../datasets/logs/fields.ts';
import { SONG_FIELDS } from '../datasets/songs/fields.ts';

/** The keys of the files by the columns that rejections name. Logs and songs have another key for `artist_name`. */
const KEY_OF_COLUMN: Readonly<Record<Dataset, ReadonlyMap<string, string>>> = {
  logs: keysByColumn([PAGE, ...IDENTITY_FIELDS, ...USER_FIELDS, ...PLAY_FIELDS]),
  songs: keysByColumn(SONG_FIELDS),
};

function keysByColumn(fields: readonly { readonly column: string; readonly key: string }[]): Map<string, string> {
  return new Map(fields.map(({ column, key }) => [column, key]));
}

type RejectedText = {
  readonly dataset: Dataset;
  readonly text: string;
  readonly column: string;
  readonly reason: string;
};

/** A part of a row and a line below with a caret under what does not fit; without a place, only the row. */
export type PointedRow = { readonly line: string; readonly caret: string | null };

/**
 * Shows what a rejection means.
 *
 * @param row.text the row as it is in the file, or its beginning.
 * @param width of the terminal, in characters.
 */
export function pointAt(row: RejectedText, width: number): PointedRow {
  const at = placeIn(row);
  if (at === null) return { line: cut(printable(firstLine(row.text)), width), caret: null };
  const lineStart = row.text.lastIndexOf('\n', at - 1) + 1;
  const before = printable(row.text.slice(lineStart, at));
  const behind = printable(firstLine(row.text.slice(at)));
  // The place stands in the last third, so that what leads to it is seen.
  const room = Math.floor((width * 2) / 3);
  const shown = before.length <= room ? before : `…${before.slice(-room + 1)}`;
  return { line: cut(shown + behind, width), caret: `${' '.repeat(shown.length)}^` };
}

/** Where in the text the value begins that does not fit; `null` when that is not known. */
function placeIn({ column, dataset, reason, text }: RejectedText): number | null {
  const malformedAt = /\(column (\d+)\)$/.exec(reason)?.[1];
  if (malformedAt !== undefined) {
    // The column counts bytes of the line. A stretch over several lines does not tell in which of them the place is.
    if (text.includes('\n')) return null;
    return Math.min(
      Buffer.from(text)
        .subarray(0, Number(malformedAt) - 1)
        .toString().length,
      text.length,
    );
  }
  const at = valueAt(text, KEY_OF_COLUMN[dataset].get(column));
  return at ?? (reason.startsWith('is missing') ? Math.max(0, text.trimEnd().length - 1) : null);
}

/** Of a key that stands there twice the last value counts. */
function valueAt(text: string, key: string | undefined): number | null {
  if (key === undefined) return null;
  const found = [...text.matchAll(new RegExp(String.raw`"${key}"\s*:\s*`, 'gi'))].at(-1);
  return found === undefined ? null : found.index + found[0].length;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
