import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { generateHistory } from '../../simulation/generate-history.ts';
import type { History } from '../../simulation/history.ts';
import { minimise } from '../../simulation/minimise.ts';
import { SimulatedProcess, cutOff } from '../../simulation/process.ts';
import { runHistory } from '../../simulation/run-history.ts';
import type { RunResult } from '../../simulation/run-history.ts';
import { World } from '../../simulation/world.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

const SEEDS = Number(process.env['SPARKIFY_TEST_SEEDS'] ?? 60);
/** A bug that takes more histories than this to show has histories of its own. */
const WITHIN = 300;

describe('the service in a simulated world', () => {
  it(`keeps all promises in ${SEEDS} histories of faults, crashes and disorder`, async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violations } = await resultOf(seed);
      if (violations[0] !== undefined) broken.push(`seed ${seed}: ${violations[0]}`);
    }
    expect(broken).toEqual([]);
  }, 300_000);

  it('makes the same tables by the exact plan alone', async () => {
    let compared = 0;
    for (let seed = 1; seed <= SEEDS / 4; seed += 1) {
      const history = generateHistory(seed);
      const { isAlwaysExact, ...settings } = history.settings;
      const one = await resultOf(seed);
      const other = await runHistory({ ...history, settings: { ...settings, isAlwaysExact: !isAlwaysExact } });
      expect(other.violations, `seed ${seed}`).toEqual([]);
      // The plan changes when things happen, and so what the last look at an object saw that is gone.
      if (JSON.stringify(one.lastLooks) !== JSON.stringify(other.lastLooks)) continue;
      expect(other.fingerprint, `seed ${seed}`).toBe(one.fingerprint);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(SEEDS / 8);
  }, 300_000);

  it('does the same again for the same seed, to the last line', async () => {
    for (const seed of [3, 11, 42]) {
      const [first, again] = [await traced(seed), await traced(seed)];
      expect(first.trace.length).toBeGreaterThan(20);
      expect(again).toEqual(first);
    }
  });

  it('does something else for another seed', async () => {
    expect((await traced(1)).trace).not.toEqual((await traced(2)).trace);
  });

  it('gives back the memory of a crashed process: it listens to no signal', () => {
    const world = new World(1, { isTraced: false });
    const process = new SimulatedProcess(world, { name: 'consumer', index: 1, clockOffByMs: 0 });
    const { signal } = new AbortController();
    const wait = () => {
      void process.clock.sleep(1_000, signal);
      const call = { target: 'queue', operation: 'receive', serve: async () => await Promise.resolve(0) } as const;
      void process.call({ ...call, signal, onAbort: () => cutOff('receive') });
    };
    wait();
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    process.kill();
    wait();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

async function traced(seed: number): Promise<RunResult> {
  return await runHistory(generateHistory(seed), { isTraced: true });
}

type Result = Pick<RunResult, 'fingerprint' | 'lastLooks' | 'violations'>;
const results = new Map<number, Promise<Result>>();

/** Each seed runs once, whichever tests look at its result. */
async function resultOf(seed: number): Promise<Result> {
  const result = results.get(seed) ?? runHistory(generateHistory(seed)).then(withoutTables);
  results.set(seed, result);
  return await result;
}

function withoutTables({ fingerprint, lastLooks, violations }: RunResult): Result {
  return { fingerprint, lastLooks, violations };
}

describe('a planted bug is found', () => {
  it.each(PLANTED_BUGS)('$name', async (bug) => {
    const found = await firstFailing(bug);
    expect(found?.violation ?? `nothing in ${WITHIN} histories`).toMatch(bug.complaint);
  });

  it('and its history is made small, and still fails', async () => {
    const bug = PLANTED_BUGS.find(({ name }) => name.startsWith('a load that got no answer'));
    if (bug === undefined) throw new Error('The bug is not in the list.');
    const found = await firstFailing(bug);
    if (found === null) throw new Error('The bug was not found.');
    const small = await minimise(found, async (history) => await firstViolation(history, bug), 300);
    expect(small.history.operations.length).toBeLessThanOrEqual(6);
    expect(await firstViolation(small.history, bug)).toBe(small.violation);
  });
});

async function firstViolation(history: History, { alter }: PlantedBug): Promise<string | null> {
  return (await runHistory(history, { alter })).violations[0] ?? null;
}

async function firstFailing(bug: PlantedBug): Promise<{ history: History; violation: string } | null> {
  for (let seed = 1; seed <= WITHIN; seed += 1) {
    const history = (bug.histories ?? generateHistory)(seed);
    const violation = await firstViolation(history, bug);
    if (violation !== null) return { history, violation };
  }
  return null;
}
