import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTimes } from '../../src/core/loading/ledger.ts';
import { aFile } from '../unit/file-events.ts';

it('the ranges of event times in a ledger query cover the time of every file of the batch once', () => {
  const times = fc.array(fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(times, (all) => {
      const files = all.map((eventTimeMs, index) => ({
        fileNumber: index + 1,
        file: aFile({ eventTimeMs }),
      }));
      const ranges = eventTimes(files);
      for (const atMs of all)
        expect(ranges.filter(({ maxMs, minMs }) => minMs <= atMs && atMs <= maxMs)).toHaveLength(1);
      // And not the whole ledger: an hour more on each side would read a block more on each side.
      for (const { maxMs, minMs } of ranges) {
        const inside = all.filter((atMs) => minMs <= atMs && atMs <= maxMs);
        expect(maxMs - minMs).toBeLessThan(Math.max(...inside) - Math.min(...inside) + 3_600_000);
      }
    }),
  );
});
