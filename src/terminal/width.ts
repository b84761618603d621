import { Help } from 'commander';

/** Columns of a terminal; without a terminal lines have any length. */
export function columnsOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
}

/** Narrower lines are harder to read than lines that the terminal breaks. */
export const LEAST_COLUMNS = 20;
const help = new Help();
help.minWidthToWrap = LEAST_COLUMNS;

/** Breaks lines at blanks, where they are longer than `columns`; continues them at the line's own indentation. */
export function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => {
      if (help.displayWidth(line) <= columns) return line;
      const [indent = ''] = /^ */.exec(line) ?? [];
      const lines = help.boxWrap(line.slice(indent.length), columns - indent.length).split('\n');
      return lines.map((part) => `${indent}${part}`).join('\n');
    })
    .join('\n');
}

/** Text and a remark behind it, in columns; where a pair is too wide, the remark stands in a line above its text. */
export function remarked(pairs: readonly (readonly [text: string, remark: string])[], columns: number): string {
  const width = Math.max(...pairs.map(([text]) => text.length));
  const beside = pairs.map(([text, remark]) => `  ${text.padEnd(width)}   # ${remark}`);
  if (beside.every((line) => line.length <= columns)) return beside.join('\n');
  return pairs.map(([text, remark]) => `${wrapped(`  # ${remark}`, columns)}\n  ${text}`).join('\n');
}
