/**
 * A call reached its time limit. It may have taken effect.
 *
 * The SDK retries a `TimeoutError` as often as its settings allow, and never retries other names.
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
