import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTimeRange } from '../../src/core/ledger.ts';
import { aFile } from '../unit/file-events.ts';

it('the range of event times in which the ledger is asked covers the time of every file of the batch', () => {
  const times = fc.array(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(times, (all) => {
      const files = all.map((eventTimeMs, index) => ({
        fileNumber: index + 1,
        file: aFile({ eventTimeMs }),
      }));
      const { maxMs, minMs } = eventTimeRange(files);
      for (const atMs of all) {
        expect(atMs).toBeGreaterThanOrEqual(minMs);
        expect(atMs).toBeLessThanOrEqual(maxMs);
      }
      // And not the whole ledger: an hour more on both sides would be a block more on both sides.
      expect(maxMs - minMs).toBeLessThan(Math.max(...all) - Math.min(...all) + 3_600_000);
    }),
  );
});
