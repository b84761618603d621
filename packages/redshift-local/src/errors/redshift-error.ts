/**
 * A refusal or failure with the text Redshift gives: what `DescribeStatement.Error` shows after `ERROR: `, and what a
 * program matches on.
 */
export class RedshiftError extends Error {
  override readonly name = 'RedshiftError';
  readonly sqlState: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** 1-based character position in the statement as received, if known. */
  readonly position: number | null;

  constructor(
    sqlState: string,
    message: string,
    options: { detail?: string | null; hint?: string | null; position?: number | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.sqlState = sqlState;
    this.detail = options.detail ?? null;
    this.hint = options.hint ?? null;
    this.position = options.position ?? null;
  }
}

/** Redshift's refusal of something it does not have (SQLSTATE 0A000). */
export function notSupported(message: string): RedshiftError {
  return new RedshiftError('0A000', message);
}

/** A syntax error in PostgreSQL's and Redshift's common wording (SQLSTATE 42601). */
export function syntaxErrorAt(token: string | null, position: number | null = null): RedshiftError {
  const message = token === null ? 'syntax error at end of input' : `syntax error at or near "${token}"`;
  return new RedshiftError('42601', message, { position });
}
