/**
 * A call that was ended because its bound was reached. The other side may have done what it was asked.
 *
 * The SDK tries an error again by its name: a `TimeoutError` as often as its settings allow, any other name never.
 */
export class NoAnswerError extends Error {
  override readonly name: 'TimeoutError' | 'NoAnswerError';
  /** Without this field the SDK adds a hint for its own developers to the message. */
  readonly $metadata = {};

  constructor(sentence: string, { mayTryAgain }: { readonly mayTryAgain: boolean }) {
    super(sentence);
    this.name = mayTryAgain ? 'TimeoutError' : 'NoAnswerError';
  }
}
