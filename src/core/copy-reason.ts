/** Load error codes that text-only staging can meet (Redshift docs, "Load error reference"), in words for people. */
const MEANINGS: ReadonlyMap<number, string> = new Map([
  [1200, 'is no JSON that COPY can read'],
  [1204, 'has a value that is longer than 65,535 bytes'],
  [1216, 'is no sequence of JSON objects with white space between them'],
  [1220, 'has a text with a NUL or with bytes that are no UTF-8'],
  [1224, 'is no well-formed JSON'],
]);

/** Why a file is set aside, as `ingest_files.reason` says it: what it means, then what COPY said. */
export function copyReason(code: number, message: string): string {
  const meaning = MEANINGS.get(code) ?? 'cannot be loaded';
  return `${meaning} (COPY error ${code}: ${message})`;
}
