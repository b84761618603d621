/** Why no row of a file can be loaded; stands as `ingest_files.error_code`. The SQL of backfills and sweeps has the same list. */
export const UNREADABLE_CONTENT_CODES = ['not_json_objects', 'gzip_invalid', 'inflated_too_large'] as const;
export type UnreadableContentCode = (typeof UNREADABLE_CONTENT_CODES)[number];

/** The content of a file, not its transfer, makes the file unreadable: reading it again gives the same error. */
export class UnreadableContent extends Error {
  override readonly name = 'UnreadableContent';
  readonly code: UnreadableContentCode;

  /** @param reason what was expected, what was found and what to do, as the end of a sentence about the file. */
  constructor(code: UnreadableContentCode, reason: string, options: { cause?: unknown } = {}) {
    super(reason, options);
    this.code = code;
  }
}
