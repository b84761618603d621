/** Why one value, or one document, cannot become a row: a code and text of Redshift's load error reference. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly code: number;
  /** Where in the value, from 0. */
  readonly position: number;
  /** The column's index in the row, set by the caller; `null` = the whole document. */
  column: number | null = null;
  value = '';

  constructor(code: number, reason: string, position = 0) {
    super(reason);
    this.code = code;
    this.position = position;
  }
}
