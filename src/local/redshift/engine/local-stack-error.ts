/** A reason why the stand-in cannot start or run, as a sentence that says what was seen and what to do. */
export class LocalStackError extends Error {
  override readonly name = 'LocalStackError';
}
