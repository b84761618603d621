import { logUpload } from '../../simulation/generate-content.ts';
import { generateHistory } from '../../simulation/generate-history.ts';
import type { History, Operation } from '../../simulation/history.ts';
import type { Dice } from '../../src/generate/dice.ts';
import { dice } from '../../src/generate/dice.ts';

/** An object is overwritten while its stage step is slow, so that another consumer loads the newer version first. */
export function overtakenHistory(seed: number): History {
  return rewrittenWhileSlow(seed, 'stage', [1_000, 5_000]);
}

/** Two consumers replace one version: the first is slow to publish, so that the second publishes the newer version first. */
export function replacedTwiceHistory(seed: number): History {
  return rewrittenWhileSlow(seed, 'publish', [1_000, 60_000, 64_000]);
}

/** An object is put at these times. From 1 s before the second to last put, the next such operation is slow. */
function rewrittenWhileSlow(seed: number, operation: 'stage' | 'publish', putsAtMs: readonly number[]): History {
  const d = dice(seed, 'overtaken', 0);
  const slow = { target: 'warehouse', operation, kind: 'slow', code: 'timeout' } as const;
  return historyOf(seed, [
    ...putsAtMs.map((atMs) => aLogPut(atMs, 'overtaken', d)),
    { kind: 'fault', atMs: (putsAtMs.at(-2) ?? 0) - 1_000, fault: slow, count: 1 },
  ]);
}

/** Two objects hold the same events, and the second is put when the first is loaded. */
export function sameEventsHistory(seed: number): History {
  return historyOf(
    seed,
    [1_000, 60_000].map((atMs) => aLogPut(atMs, `at-${atMs}`, dice(seed, 'same events', 0))),
  );
}

/** Newer objects have lesser keys. A person reads all of them again in the end. */
export function reloadedHistory(seed: number): History {
  const puts = ['d', 'c', 'b', 'a'].map((name, index) => aLogPut(10_000 * index, name, dice(seed, 'reloaded', index)));
  return historyOf(seed, [...puts, { kind: 'backfill', atMs: 120_000, isReload: true, crashAfterMs: null }]);
}

/** S3 refuses all log files for a minute. The last one is put then: what no operation follows is mended at once. */
export function refusedHistory(seed: number): History {
  const d = dice(seed, 'refused', 0);
  return historyOf(seed, [
    { kind: 'unreadable', atMs: 0, under: 'log_data/', how: 'access_denied', forMs: 60_000 },
    ...[1_000, 1_000, 60_000].map((atMs, index) => aLogPut(atMs, `refused-${index}`, d)),
  ]);
}

/** These operations and nothing else, with three consumers that load at once. */
function historyOf(seed: number, operations: readonly Operation[]): History {
  const history = generateHistory(seed);
  return {
    ...history,
    settings: { ...history.settings, consumers: 3, lingerMs: 0, loadIntervalMs: 0 },
    operations: operations.toSorted((a, b) => a.atMs - b.atMs),
  };
}

function aLogPut(atMs: number, name: string, d: Dice): Operation {
  const key = `log_data/${name}.json`;
  return { kind: 'put', atMs, objects: [{ key, upload: logUpload(d, key, () => d) }], notices: [10], uploadMs: 0 };
}

/** Two logs are put, and something happens to the first one. All consumers remove the rows of deleted objects. */
export function withTwoLogs(...operations: readonly Operation[]): (seed: number) => History {
  return (seed) => {
    const history = generateHistory(seed);
    const d = dice(seed, 'two logs', 0);
    const puts = [FIRST_LOG, 'log_data/second.json'].map((key, index): Operation => {
      const objects = [{ key, upload: logUpload(d, key, () => d) }];
      return { kind: 'put', atMs: 1_000 * index, objects, notices: [10, 30_000], uploadMs: 0 };
    });
    const settings = { consumers: 1, lingerMs: 0, loadIntervalMs: 0, loadRest: 0, onDelete: ['remove'] as const };
    return { ...history, settings: { ...history.settings, ...settings }, operations: [...puts, ...operations] };
  };
}

export const FIRST_LOG = 'log_data/first.json';
export const UNANSWERED_LOOK = {
  target: 'bucket',
  operation: 'open',
  kind: 'refused',
  code: 'endpoint_unreachable',
} as const;
