/**
 * The state machine of the consumer and of a batch, as values. Every state has a cell for every event: what nobody
 * thought about does not compile. `docs/SPEC.md` draws it and says what holds in each state.
 */
export type ConsumerState = 'starting' | 'consuming' | 'paused' | 'draining' | 'failing' | 'stopped' | 'failed';

export type ConsumerEvent =
  /** The queue has answered for the first time. */
  | 'queue_answered'
  /** The first reason for not receiving was named. */
  | 'intake_paused'
  /** The last reason is gone. */
  | 'intake_resumed'
  /** Shutdown was asked for, or `--until-idle` found nothing more to do. */
  | 'intake_ended'
  /** An error that a person has to see. */
  | 'fatal_error'
  /** Nothing is in flight and everything held was handed back. */
  | 'all_let_go';

export type BatchState =
  'open' | 'closed' | 'loading' | 'backing_off' | 'waiting' | 'committed' | 'settled' | 'abandoned';

export type BatchEvent =
  | 'close'
  | 'take'
  | 'load_committed'
  | 'load_to_retry'
  | 'load_to_wait'
  | 'try_again'
  /** Every message that waited only for this batch is acknowledged, or left to be delivered and recognised again. */
  | 'messages_settled'
  | 'give_up';

/** `go`: the next state. `stay`: may happen and changes nothing, for this reason. `never`: a mistake in the program. */
export type Cell<State extends string> =
  | { readonly kind: 'go'; readonly to: State }
  | { readonly kind: 'stay'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

export type TransitionTable<State extends string, Event extends string> = Readonly<
  Record<State, Readonly<Record<Event, Cell<State>>>>
>;

/**
 * The state after an event.
 *
 * @throws Error at a cell that says `never`.
 */
export function transition<State extends string, Event extends string>(
  table: TransitionTable<State, Event>,
  state: State,
  event: Event,
): State {
  const cell: Cell<State> = table[state][event];
  if (cell.kind === 'go') return cell.to;
  if (cell.kind === 'stay') return state;
  throw new Error(`"${event}" in state "${state}" cannot be: ${cell.why}. This is a bug; please report it.`);
}

const go = <State extends string>(to: State): Cell<State> => ({ kind: 'go', to });
const stay = (why: string): Cell<never> => ({ kind: 'stay', why });
const never = (why: string): Cell<never> => ({ kind: 'never', why });

const ENDED = stay('the end is the end');
const NOT_ASKED = never('nothing is let go before the intake ended or an error stopped it');

export const CONSUMER_TRANSITIONS: TransitionTable<ConsumerState, ConsumerEvent> = {
  starting: {
    queue_answered: go('consuming'),
    intake_paused: go('paused'),
    intake_resumed: stay('it was not paused'),
    intake_ended: go('draining'),
    fatal_error: go('failing'),
    all_let_go: NOT_ASKED,
  },
  consuming: {
    queue_answered: stay('every receive answers'),
    intake_paused: go('paused'),
    intake_resumed: stay('it was not paused'),
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
    queue_answered: stay('a receive that was under way; its messages are handed back'),
    intake_paused: stay('the last load waits for the warehouse; intake is over anyway'),
    intake_resumed: stay('intake is over'),
    intake_ended: stay('asked twice'),
    fatal_error: go('failing'),
    all_let_go: go('stopped'),
  },
  failing: {
    queue_answered: stay('a receive that was under way; its messages are handed back'),
    intake_paused: stay('intake is over'),
    intake_resumed: stay('intake is over'),
    intake_ended: stay('it is ending already'),
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

const CLOSED_ONCE = never('a batch closes once');
const NOT_LOADING = never('no load of this batch is in flight');
const LOADING = never('its load is in flight');
const NOT_COMMITTED = never('messages are settled after the commit only');
const LATE = stay('the abandoned load ended after all; the ledger tells the next delivery');
const COMMITTED = never('a commit is not taken back');

export const BATCH_TRANSITIONS: TransitionTable<BatchState, BatchEvent> = {
  open: {
    close: go('closed'),
    take: never('only a closed batch is loaded'),
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: NOT_LOADING,
    messages_settled: NOT_COMMITTED,
    give_up: go('abandoned'),
  },
  closed: {
    close: CLOSED_ONCE,
    take: go('loading'),
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: NOT_LOADING,
    messages_settled: NOT_COMMITTED,
    give_up: go('abandoned'),
  },
  loading: {
    close: CLOSED_ONCE,
    take: LOADING,
    load_committed: go('committed'),
    load_to_retry: go('backing_off'),
    load_to_wait: go('waiting'),
    try_again: LOADING,
    messages_settled: NOT_COMMITTED,
    give_up: go('abandoned'),
  },
  backing_off: {
    close: CLOSED_ONCE,
    take: never('it is taken already'),
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: go('loading'),
    messages_settled: NOT_COMMITTED,
    give_up: go('abandoned'),
  },
  waiting: {
    close: CLOSED_ONCE,
    take: never('it is taken already'),
    load_committed: NOT_LOADING,
    load_to_retry: NOT_LOADING,
    load_to_wait: NOT_LOADING,
    try_again: go('loading'),
    messages_settled: NOT_COMMITTED,
    give_up: go('abandoned'),
  },
  committed: {
    close: CLOSED_ONCE,
    take: COMMITTED,
    load_committed: COMMITTED,
    load_to_retry: COMMITTED,
    load_to_wait: COMMITTED,
    try_again: COMMITTED,
    messages_settled: go('settled'),
    give_up: COMMITTED,
  },
  settled: {
    close: CLOSED_ONCE,
    take: COMMITTED,
    load_committed: COMMITTED,
    load_to_retry: COMMITTED,
    load_to_wait: COMMITTED,
    try_again: COMMITTED,
    messages_settled: COMMITTED,
    give_up: COMMITTED,
  },
  abandoned: {
    close: CLOSED_ONCE,
    take: never('its messages are with the queue again'),
    load_committed: LATE,
    load_to_retry: LATE,
    load_to_wait: LATE,
    try_again: never('its messages are with the queue again'),
    messages_settled: never('its messages are with the queue again'),
    give_up: stay('asked twice'),
  },
};
