import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consumerState } from '../../src/core/intake/consumer-state.ts';
import type { ConsumerFacts } from '../../src/core/intake/consumer-state.ts';

const FACTS = fc.record<ConsumerFacts>({
  hasAnswered: fc.boolean(),
  isPaused: fc.boolean(),
  isDraining: fc.boolean(),
  hasFailed: fc.boolean(),
  isDone: fc.boolean(),
});

/** A state may follow another one of the same number, or of a smaller one. */
const ORDER = { starting: 0, consuming: 0, paused: 0, draining: 1, failing: 2, stopped: 3, failed: 3 };

test('a consumer is in each state for one set of facts', () => {
  const running = { hasAnswered: true, isPaused: false, isDraining: false, hasFailed: false, isDone: false };
  expect(consumerState({ ...running, hasAnswered: false })).toBe('starting');
  expect(consumerState(running)).toBe('consuming');
  expect(consumerState({ ...running, isPaused: true })).toBe('paused');
  expect(consumerState({ ...running, isPaused: true, isDraining: true })).toBe('draining');
  expect(consumerState({ ...running, isDraining: true, hasFailed: true })).toBe('failing');
  expect(consumerState({ ...running, isDraining: true, isDone: true })).toBe('stopped');
  expect(consumerState({ ...running, isDraining: true, hasFailed: true, isDone: true })).toBe('failed');
});

test('whatever happens next, a consumer does not go back to receiving, and an end is an end', () => {
  fc.assert(
    fc.property(FACTS, FACTS, (facts, more) => {
      const before = consumerState(facts);
      const later = consumerState({
        hasAnswered: facts.hasAnswered || more.hasAnswered,
        isPaused: more.isPaused,
        isDraining: facts.isDraining || more.isDraining,
        hasFailed: facts.hasFailed || (more.hasFailed && !facts.isDone),
        isDone: facts.isDone || more.isDone,
      });
      expect(ORDER[later]).toBeGreaterThanOrEqual(ORDER[before]);
      if (facts.isDone) expect(later).toBe(before);
    }),
  );
});
