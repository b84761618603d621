import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batching } from '../../src/consumer/batching.ts';
import type { Lane } from '../../src/core/dataset.ts';
import { fileIdentity } from '../../src/core/file-identity.ts';
import type { Batch } from '../../src/core/load.ts';
import { VirtualClock } from '../consumer/virtual-clock.ts';
import { aFile } from '../unit/file-events.ts';

const limits = { lingerMs: 2000, batchMaxFiles: 4, batchMaxBytes: 100, batchMaxAgeMs: 30_000 };
const anArrival = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(3000), fc.nat(60_000)),
  lane: fc.constantFrom<Lane>('songs', 'logs', 'ignored'),
  key: fc.nat(8),
  size: fc.oneof(fc.nat(60), fc.constant(1000)),
});

describe('batching, for any arrivals and any loads', () => {
  it('puts every file into a batch in time, keeps every limit and gives the reason that holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anArrival, { minLength: 1, maxLength: 25 }),
        fc.array(fc.constantFrom(10, 1000, 45_000), { minLength: 1, maxLength: 5 }),
        async (arrivals, loadMs) => {
          const clock = new VirtualClock();
          const closed = new Map<string, number>();
          const batching = new Batching({
            clock,
            random: () => 0.5,
            limits,
            consumer: 'c',
            emit: (event) => {
              if (event.kind === 'batch.closed') closed.set(event.batchId, clock.nowMs());
            },
          });
          const taken: { batch: Batch; atMs: number }[] = [];
          const loader = (async () => {
            for (let batch = await batching.next(); batch !== null; batch = await batching.next()) {
              taken.push({ batch, atMs: clock.nowMs() });
              await clock.sleep(loadMs[taken.length % loadMs.length] ?? 10);
            }
          })();
          const offered: { lane: Lane; identity: string; atMs: number }[] = [];
          for (const { afterMs, lane, key, size } of arrivals) {
            await clock.advance(afterMs);
            const file = aFile({ key: `${lane}/${key}`, size });
            offered.push({ lane, identity: fileIdentity(file), atMs: clock.nowMs() });
            batching.add(lane, file);
          }
          await clock.advance(60_000 * arrivals.length);
          batching.stop();
          await loader;

          expect(batching.isEmpty).toBe(true);
          expect(new Set(taken.map(({ batch }) => batch.id)).size).toBe(taken.length);
          for (const { batch } of taken) {
            const identities = batch.files.map(fileIdentity);
            expect(new Set(identities).size).toBe(identities.length);
            expect(batch.files.length).toBeLessThanOrEqual(limits.batchMaxFiles);
            expect(batch.bytes).toBe(batch.files.reduce((sum, file) => sum + file.size, 0));
            if (batch.files.length > 1) expect(batch.bytes).toBeLessThanOrEqual(limits.batchMaxBytes);
            expect(closed.get(batch.id)).toBe(batch.closedAtMs);
            // No batch is open for longer than its age, and only the reason that holds is given.
            const ageMs = batch.closedAtMs - batch.openedAtMs;
            expect(ageMs).toBeLessThanOrEqual(limits.batchMaxAgeMs);
            if (batch.closeReason === 'count') expect(batch.files).toHaveLength(limits.batchMaxFiles);
            if (batch.closeReason === 'age') expect(ageMs).toBe(limits.batchMaxAgeMs);
          }
          for (const { lane, identity, atMs } of offered) {
            const inTime = taken.some(
              ({ batch }) =>
                batch.lane === lane &&
                batch.openedAtMs <= atMs &&
                batch.closedAtMs >= atMs &&
                batch.closedAtMs <= atMs + limits.batchMaxAgeMs &&
                batch.files.some((file) => fileIdentity(file) === identity),
            );
            expect(inTime).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
