/** Why no row of a file can be loaded; stands as `ingest_files.error_code`. */
export type FileProblemCode = 'gzip_invalid' | 'inflated_too_large' | 'not_json_objects';

/** The content of a file, not its transfer, makes the file unreadable: reading it again gives the same error. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly code: FileProblemCode;

  /** @param reason what was expected, what was found and what to do, as the end of a sentence about the file. */
  constructor(code: FileProblemCode, reason: string, options: { cause?: unknown } = {}) {
    super(reason, options);
    this.code = code;
  }
}
