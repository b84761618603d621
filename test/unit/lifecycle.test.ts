import { describe, expect, it } from 'vitest';
import type { BatchEvent, BatchState, ConsumerEvent, ConsumerState } from '../../src/core/lifecycle.ts';
import { BATCH_TRANSITIONS, CONSUMER_TRANSITIONS, transition } from '../../src/core/lifecycle.ts';
import type { TransitionTable } from '../../src/core/lifecycle.ts';

/** States that can be reached from `state` by any events. */
function reachable<S extends string, E extends string>(table: TransitionTable<S, E>, state: S): Set<S> {
  const seen = new Set<S>();
  const next = [state];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const event of Object.keys(table[at]) as E[]) {
      const cell = table[at][event];
      if (cell.kind === 'go') next.push(cell.to);
    }
  }
  return seen;
}

const machines = [
  { name: 'consumer', table: CONSUMER_TRANSITIONS, first: 'starting', last: ['stopped', 'failed'] },
  { name: 'batch', table: BATCH_TRANSITIONS, first: 'closed', last: ['committed', 'abandoned'] },
] as unknown as { name: string; table: TransitionTable<string, string>; first: string; last: string[] }[];

describe.each(machines)('the state machine of the $name', ({ table, first, last }) => {
  const states = Object.keys(table);

  it('has a cell for every event in every state, and each says why where nothing changes', () => {
    const events = Object.keys(table[first] ?? {});
    for (const state of states) {
      expect(Object.keys(table[state] ?? {}).toSorted()).toEqual(events.toSorted());
      for (const cell of Object.values(table[state] ?? {})) {
        if (cell.kind === 'go') expect(states).toContain(cell.to);
        else expect(cell.why).toMatch(/\w+ \w+/);
      }
    }
  });

  it('reaches every state from the first one', () => {
    expect([...reachable(table, first)].toSorted()).toEqual(states.toSorted());
  });

  it('has a way out of every state that is not an end, and none out of an end', () => {
    for (const state of states) {
      const ends = [...reachable(table, state)].filter((to) => last.includes(to));
      expect(ends).not.toEqual([]);
      if (last.includes(state)) expect([...reachable(table, state)]).toEqual([state]);
    }
  });
});

describe('transitions', () => {
  it('never release anything while consuming, and say that it is a bug', () => {
    expect(() => transition<ConsumerState, ConsumerEvent>(CONSUMER_TRANSITIONS, 'consuming', 'all_let_go')).toThrow(
      /"all_let_go" is not possible in state "consuming".*bug/,
    );
  });

  it('never undo a commit', () => {
    for (const event of Object.keys(BATCH_TRANSITIONS.committed) as BatchEvent[]) {
      expect(() => transition<BatchState, BatchEvent>(BATCH_TRANSITIONS, 'committed', event)).toThrow(
        /a commit is final/,
      );
    }
  });

  it('do not leave draining before everything is released', () => {
    let state: ConsumerState = 'draining';
    for (const event of ['queue_answered', 'intake_paused', 'intake_resumed', 'intake_ended'] as const) {
      state = transition(CONSUMER_TRANSITIONS, state, event);
    }
    expect(state).toBe('draining');
    expect(transition(CONSUMER_TRANSITIONS, state, 'all_let_go')).toBe('stopped');
  });
});
