import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_PACE, filesAtPace, paceAfter, pacedBytes } from '../../src/backfill/publish-pace.ts';

const MB = 1024 * 1024;

it('comes to 0.3 s with the lock, or to three times the least, and keeps to it', () => {
  // A publish takes `fixedMs` and a time for each MB.
  const aWarehouse = fc.record({
    fixedMs: fc.double({ min: 1, max: 20_000, noNaN: true }),
    msPerMB: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  });
  fc.assert(
    fc.property(aWarehouse, fc.integer({ min: 60, max: 90 }), ({ fixedMs, msPerMB }, batches) => {
      const lockedMsOf = (bytes: number): number => fixedMs + (msPerMB * bytes) / MB;
      let pace = FIRST_PACE;
      for (let batch = 0; batch < batches; batch += 1)
        pace = paceAfter(pace, { bytes: pace.bytes, lockedMs: lockedMsOf(pace.bytes) });
      const wantedMs = Math.max(300, 3 * pace.leastMs);
      if (pace.bytes > 0.25 * MB) expect(lockedMsOf(pace.bytes)).toBeLessThanOrEqual(1.2 * wantedMs);
      expect(lockedMsOf(2 * pace.bytes)).toBeGreaterThan(0.75 * wantedMs);
    }),
  );
});

it('doubles at most, goes to a quarter at least, and does not follow small batches', () => {
  const pace = { bytes: 16 * MB, leastMs: 100 };
  expect(paceAfter(pace, { bytes: 500 * MB, lockedMs: 1 }).bytes).toBe(32 * MB);
  expect(paceAfter(pace, { bytes: 1_000, lockedMs: 100 }).bytes).toBe(16 * MB);
  expect(paceAfter(pace, { bytes: 1_000, lockedMs: 10_000 }).bytes).toBe(4 * MB);
  expect(paceAfter(pace, { bytes: 16 * MB, lockedMs: 660 }).bytes).toBeCloseTo(8 * MB);
});

it('takes as many files as fit, and at least one', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ size: fc.nat(MB) }), { minLength: 1 }), fc.nat(4 * MB), (files, bytes) => {
      const count = filesAtPace(files, { bytes, leastMs: 0 });
      expect(count).toBeGreaterThan(0);
      if (count > 1) expect(pacedBytes(files.slice(0, count))).toBeLessThanOrEqual(bytes);
      if (count < files.length) expect(pacedBytes(files.slice(0, count + 1))).toBeGreaterThan(bytes);
    }),
  );
});
