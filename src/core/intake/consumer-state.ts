export type ConsumerState = 'starting' | 'consuming' | 'paused' | 'draining' | 'failing' | 'stopped' | 'failed';

/** What the consumer is doing with a batch: its load is under way, it waits for the next attempt, or for the warehouse. */
export type LoadPhase = 'loading' | 'backing_off' | 'waiting';

/** The facts from which the state of a consumer follows. None of them but `isPaused` is ever taken back. */
export type ConsumerFacts = {
  /** The queue has answered a receive. */
  readonly hasAnswered: boolean;
  /** There is a reason not to receive. */
  readonly isPaused: boolean;
  /** The intake has ended. */
  readonly isDraining: boolean;
  /** An error ended the intake. */
  readonly hasFailed: boolean;
  /** Nothing is held, and nothing is in flight. */
  readonly isDone: boolean;
};

/** `docs/SPEC.md` says what holds in each state. */
export function consumerState({ hasAnswered, hasFailed, isDone, isDraining, isPaused }: ConsumerFacts): ConsumerState {
  if (isDone) return hasFailed ? 'failed' : 'stopped';
  if (hasFailed) return 'failing';
  if (isDraining) return 'draining';
  if (isPaused) return 'paused';
  return hasAnswered ? 'consuming' : 'starting';
}
