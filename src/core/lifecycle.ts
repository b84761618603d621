/**
 * The state machines of the consumer and of a batch. Every state has a cell for every event, so that a missing transition does not
 * compile. `docs/SPEC.md` has the diagrams and what holds in each state.
 */
export type ConsumerState = 'starting' | 'consuming' | 'paused' | 'draining' | 'failing' | 'stopped' | 'failed';

export type ConsumerEvent =
  /** The queue has answered for the first time. */
  | 'queue_answered'
  /** The first reason for a pause was added. */
  | 'intake_paused'
  /** The last reason was removed. */
  | 'intake_resumed'
  /** Shutdown was requested, or `--until-idle` found nothing more to do. */
  | 'intake_ended'
  /** An error that needs a person. */
  | 'fatal_error'
  /** Nothing is in flight, and all held messages are released. */
  | 'all_let_go';

/** States of a closed batch. An open batch has none; see `core/batch.ts`. */
export type BatchState = 'closed' | 'loading' | 'backing_off' | 'waiting' | 'committed' | 'abandoned';

export type BatchEvent = 'take' | 'load_committed' | 'load_to_retry' | 'load_to_wait' | 'try_again' | 'give_up';

/** `go`: the next state. `stay`: the event changes nothing, for this reason. `never`: a bug. */
type Cell<State extends string> =
  | { readonly kind: 'go'; readonly to: State }
  | { readonly kind: 'stay'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, Cell<State>>>>
>;

/**
 * The state after an event.
 *
 * @throws Error for a `never` cell.
 */
export function transition<State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
  state: State,
  event: Event,
): State {
  const cell: Cell<State> = table[state][event];
  if (cell.kind === 'go') return cell.to;
  if (cell.kind === 'stay') return state;
  throw new Error(
    `Event "${event}" is not possible in state "${state}": ${cell.why}. This is a bug; please report it.`,
  );
}

const go = <State extends string>(to: State): Cell<State> => ({ kind: 'go', to });
const stay = (why: string): Cell<never> => ({ kind: 'stay', why });
const never = (why: string): Cell<never> => ({ kind: 'never', why });

const ENDED = stay('this state is final');
const NOT_ASKED = never('messages are released only after the intake has ended or after a fatal error');

export const CONSUMER_TRANSITIONS: TransitionTable<ConsumerState, ConsumerEvent> = {
  starting: {
    queue_answered: go('consuming'),
    intake_paused: go('paused'),
    intake_resumed: stay('the intake was not paused'),
    intake_ended: go('draining'),
    fatal_error: go('failing'),
    all_let_go: NOT_ASKED,
  },
  consuming: {
    queue_answered: stay('every receive gets an answer'),
    intake_paused: go('paused'),
    intake_resumed: stay('the intake was not paused'),
    intake_ended: go('draining'),
    fatal_error: go('failing'),
    all_let_go: NOT_ASKED,
  },
  paused: {
    queue_answered: stay('a receive that was under way when the pause began'),
    intake_paused: stay('one more reason for the same pause'),
    intake_resumed: go('consuming'),
    intake_ended: go('draining'),
    fatal_error: go('failing'),
    all_let_go: NOT_ASKED,
  },
  draining: {
    queue_answered: stay('a receive that was under way; its messages are released'),
    intake_paused: stay('the last load waits for the warehouse; the intake has ended'),
    intake_resumed: stay('the intake has ended'),
    intake_ended: stay('the end was requested twice'),
    fatal_error: go('failing'),
    all_let_go: go('stopped'),
  },
  failing: {
    queue_answered: stay('a receive that was under way; its messages are released'),
    intake_paused: stay('the intake has ended'),
    intake_resumed: stay('the intake has ended'),
    intake_ended: stay('the consumer is stopping already'),
    fatal_error: stay('the first error is the one to report'),
    all_let_go: go('failed'),
  },
  stopped: {
    queue_answered: ENDED,
    intake_paused: ENDED,
    intake_resumed: ENDED,
    intake_ended: ENDED,
    fatal_error: ENDED,
    all_let_go: ENDED,
  },
  failed: {
    queue_answered: ENDED,
    intake_paused: ENDED,
    intake_resumed: ENDED,
    intake_ended: ENDED,
    fatal_error: ENDED,
    all_let_go: ENDED,
  },
};

const TAKEN = never('the batch was taken already');
const NOT_LOADING = never('no load of this batch is in flight');
const LOADING = never('the load of the batch is in flight');
const COMMITTED = never('a commit is final; its messages are deleted one by one (core/settlement.ts)');
const GONE = never('its messages were released');
const LATE = stay('the abandoned load ended after all; the next delivery finds its result in the ledger');

export const BATCH_TRANSITIONS: TransitionTable<BatchState, BatchEvent> = {
  closed: {
    take: go('loading'),
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: NOT_LOADING,
    give_up: go('abandoned'),
  },
  loading: {
    take: TAKEN,
    load_committed: go('committed'),
    load_to_retry: go('backing_off'),
    load_to_wait: go('waiting'),
    try_again: LOADING,
    give_up: go('abandoned'),
  },
  backing_off: {
    take: TAKEN,
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: go('loading'),
    give_up: go('abandoned'),
  },
  waiting: {
    take: TAKEN,
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: go('loading'),
    give_up: go('abandoned'),
  },
  committed: {
    take: COMMITTED,
    load_committed: COMMITTED,
    load_to_retry: COMMITTED,
    load_to_wait: COMMITTED,
    try_again: COMMITTED,
    give_up: COMMITTED,
  },
  abandoned: {
    take: GONE,
    load_committed: LATE,
    load_to_retry: LATE,
    load_to_wait: LATE,
    try_again: GONE,
    give_up: stay('it was given up already'),
  },
};
