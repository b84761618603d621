import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_PACE, paceAfter } from '../../src/core/loading/publish-pace.ts';

const MB = 1024 * 1024;

/** A publish that takes `fixedMs` and a time for each MB. */
const aWarehouse = fc.record({
  fixedMs: fc.double({ min: 1, max: 20_000, noNaN: true }),
  msPerMB: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
});

function after(batches: number, lockedMsOf: (bytes: number) => number) {
  let pace = FIRST_PACE;
  for (let batch = 0; batch < batches; batch += 1)
    pace = paceAfter(pace, { pacedBytes: pace.bytes, lockedMs: lockedMsOf(pace.bytes) });
  return pace;
}

it('has the lock for at most a second, or three times the least, and is not much smaller than that allows', () => {
  fc.assert(
    fc.property(aWarehouse, fc.integer({ min: 40, max: 80 }), ({ fixedMs, msPerMB }, batches) => {
      const lockedMsOf = (bytes: number): number => fixedMs + (msPerMB * bytes) / MB;
      const { bytes } = after(batches, lockedMsOf);
      const mostMs = Math.max(1_000, 3 * lockedMsOf(MB));
      if (bytes > 0.25 * MB) expect(lockedMsOf(bytes)).toBeLessThanOrEqual(0.41 * mostMs);
      expect(lockedMsOf(2 * bytes)).toBeGreaterThan(300);
    }),
  );
});

it('doubles at most, and a small batch that was quick does not make the next one smaller', () => {
  const { bytes } = FIRST_PACE;
  expect(paceAfter(FIRST_PACE, { pacedBytes: bytes, lockedMs: 1 }).bytes).toBe(2 * bytes);
  expect(paceAfter(FIRST_PACE, { pacedBytes: 1_000, lockedMs: 100 }).bytes).toBe(bytes);
  const slow = paceAfter({ ...FIRST_PACE, leastMs: 100 }, { pacedBytes: bytes, lockedMs: 3_000 });
  expect(slow.bytes).toBeCloseTo(256 * 1024);
});
