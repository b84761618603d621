/** A reason why the stand-in cannot start or run: a sentence with what was found and what to do. */
export class LocalStackError extends Error {
  override readonly name = 'LocalStackError';
}
