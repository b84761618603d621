const PUT_AGAIN = 'put the corrected file under the same key: the new version replaces the old one';

/** By the code in the ledger; a reason whose code is not here says what to do. */
const OF_FILES: Readonly<Record<string, string>> = {
  not_json_objects: `write one JSON object per line (jq -c '.[]' does that with an array), then ${PUT_AGAIN}`,
  gzip_invalid: `compress the file again, then ${PUT_AGAIN}`,
  inflated_too_large: 'split the file into smaller files, and put them under keys of their own',
  refused_by_warehouse: 'this is a bug of sparkify: report the message of the warehouse, and keep the file',
};

/** The usual remedy for a quarantined file; `null` when the reason says it. */
export function remedyOfFile(errorCode: string | null): string | null {
  return OF_FILES[errorCode ?? ''] ?? null;
}

const OF_ROWS: readonly (readonly [RegExp, string])[] = [
  [/^is malformed: unterminated/, 'the file was cut off, or a brace is missing: write it again'],
  [/^is malformed/, 'correct the JSON at this place'],
  [/^is missing/, 'the producer has to write this key with a value in every row'],
  [/^is longer than/, 'shorten the value: it is not cut, because a cut value would be another value'],
  [/NUL character/, 'write the text as UTF-8, without NUL characters and unpaired surrogates'],
  [/milliseconds since 1970/, 'write the time in milliseconds since 1970, not in seconds or as text'],
  [/^is not a|^is outside/, 'correct the value, or its unit, where it is produced'],
];

/** The usual remedy for a rejected row. */
export function remedyOfRow(reason: string): string {
  const found = OF_ROWS.find(([pattern]) => pattern.test(reason));
  return `${found?.[1] ?? 'correct the row'}; ${PUT_AGAIN}`;
}
