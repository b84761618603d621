import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndedRound, RestLimits } from '../../src/core/rest.ts';
import { NO_REST, restAfter, restedMs, restLeftMs } from '../../src/core/rest.ts';

const DEFAULTS: RestLimits = { loadIntervalMs: 0, loadRest: 1, loadRestMaxMs: 60_000 };

const aRound = fc
  .record({
    startedAtMs: fc.nat(1_000_000),
    tookMs: fc.nat(200_000),
    warehouseMs: fc.double({ min: 0, max: 200_000, noNaN: true }),
    liveConsumers: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ tookMs, ...round }): EndedRound => ({ ...round, endedAtMs: round.startedAtMs + tookMs }));
const someLimits = fc.record({
  loadIntervalMs: fc.oneof(fc.constant(0), fc.nat(900_000)),
  loadRest: fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 100, noNaN: true })),
  loadRestMaxMs: fc.oneof(fc.constant(60_000), fc.nat(900_000)),
});

function aRoundOf(round: Partial<EndedRound>): EndedRound {
  return { startedAtMs: 0, endedAtMs: 12_000, warehouseMs: 10_000, liveConsumers: 1, ...round };
}

describe('the rest after a round of loads', () => {
  it('is as long as its statements ran in the warehouse, times the factor and the consumers, up to the longest', () => {
    expect(restAfter(aRoundOf({}), DEFAULTS)).toEqual({ reason: 'load', fromMs: 12_000, untilMs: 22_000 });
    expect(restAfter(aRoundOf({ liveConsumers: 3 }), DEFAULTS)?.untilMs).toBe(42_000);
    expect(restAfter(aRoundOf({}), { ...DEFAULTS, loadRest: 0.5 })?.untilMs).toBe(17_000);
    expect(restAfter(aRoundOf({ warehouseMs: 3_600_000 }), DEFAULTS)?.untilMs).toBe(72_000);
    expect(restAfter(aRoundOf({ warehouseMs: 0 }), DEFAULTS)).toBeNull();
  });

  it('lasts until the interval since the start of the round is over, where that is longer', () => {
    const limits = { ...DEFAULTS, loadIntervalMs: 120_000 };
    expect(restAfter(aRoundOf({}), limits)).toEqual({ reason: 'interval', fromMs: 12_000, untilMs: 120_000 });
    expect(restAfter(aRoundOf({ endedAtMs: 115_000 }), limits)).toMatchObject({ reason: 'load', untilMs: 125_000 });
  });

  it('for any round and limits: keeps both bounds, and is not longer than the longer of the two', () => {
    fc.assert(
      fc.property(aRound, someLimits, (round, limits) => {
        const untilMs = restAfter(round, limits)?.untilMs ?? round.endedAtMs;
        const nextMs = Math.max(untilMs, round.endedAtMs);
        expect(nextMs - round.startedAtMs).toBeGreaterThanOrEqual(limits.loadIntervalMs);
        const wantedMs = round.warehouseMs * limits.loadRest * round.liveConsumers;
        expect(nextMs - round.endedAtMs).toBeGreaterThanOrEqual(Math.min(wantedMs, limits.loadRestMaxMs));
        const longestMs = Math.max(limits.loadIntervalMs, limits.loadRestMaxMs);
        expect(nextMs - round.endedAtMs).toBeLessThanOrEqual(longestMs);
        expect(Number.isInteger(nextMs)).toBe(true);
        expect(restAfter(round, NO_REST)).toBeNull();
      }),
    );
  });

  it('lasts no longer for a clock that was set back during the round', () => {
    const round = { startedAtMs: 3_600_000, endedAtMs: 1_000, warehouseMs: 500, liveConsumers: 1 };
    const limits = { loadIntervalMs: 60_000, loadRest: 1, loadRestMaxMs: 60_000 };
    expect(restAfter(round, limits)).toEqual({ reason: 'interval', fromMs: 1_000, untilMs: 61_000 });
  });

  it('for any round, limits and time: gets shorter as time passes, and is over for a full batch or a clock set back', () => {
    fc.assert(
      fc.property(aRound, someLimits, fc.nat(2_000_000), fc.nat(2_000_000), (round, limits, atMs, dueAtMs) => {
        const rest = restAfter(round, limits);
        const left = restLeftMs(rest, { atMs, isFull: false });
        const isOn = rest !== null && atMs >= rest.fromMs && atMs < rest.untilMs;
        expect(left).toBe(isOn ? rest.untilMs - atMs : 0);
        expect(restLeftMs(rest, { atMs, isFull: true })).toBe(0);
        // A round that begins now was held back for no longer than it was due, and for no longer than the rest.
        const rested = restedMs(rest, { dueAtMs, startedAtMs: atMs });
        expect(rested).toBeGreaterThanOrEqual(0);
        expect(rested).toBeLessThanOrEqual(Math.max(0, atMs - dueAtMs));
        expect(rested).toBeLessThanOrEqual(rest === null ? 0 : rest.untilMs - rest.fromMs);
        if (rest !== null && dueAtMs <= rest.fromMs && atMs >= rest.untilMs)
          expect(rested).toBe(rest.untilMs - rest.fromMs);
      }),
    );
  });
});
