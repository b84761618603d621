import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Batching } from '../../src/consumer/batching.ts';
import type { Lane } from '../../src/core/dataset.ts';
import { LANES_BY_PRIORITY } from '../../src/core/dataset.ts';
import { fileIdentity } from '../../src/core/file-identity.ts';
import type { Batch, LoadOutcome } from '../../src/core/load.ts';
import type { RestLimits } from '../../src/core/rest.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { aFile } from '../unit/file-events.ts';

const limits = { lingerMs: 2000, batchMaxFiles: 4, batchMaxBytes: 100, batchMaxAgeMs: 30_000 };
const someRest = fc.record({
  loadIntervalMs: fc.constantFrom(0, 0, 20_000, 200_000),
  loadRest: fc.constantFrom(0, 1, 3),
  loadRestMaxMs: fc.constantFrom(5_000, 60_000),
});
const aLoad = fc.record({
  ms: fc.constantFrom(10, 1000, 45_000),
  warehouseMs: fc.constantFrom(0, 5, 900, 30_000),
  liveConsumers: fc.constantFrom(1, 1, 3),
});
/** A load as it was made. `offered`: loads that had begun when the first file of its batch came. */
type Taken = {
  readonly batch: Batch;
  readonly atMs: number;
  readonly endedAtMs: number;
  readonly offered: number;
} & Pick<LoadOutcome, 'warehouseMs' | 'liveConsumers'>;
const anArrival = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(3000), fc.nat(60_000)),
  lane: fc.constantFrom<Lane>('songs', 'logs', 'ignored'),
  key: fc.nat(8),
  size: fc.oneof(fc.nat(60), fc.constant(1000)),
});

describe('batching, for any arrivals and any loads', () => {
  it('puts every file into a batch in time, keeps every limit, rests and gives the right reason', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anArrival, { minLength: 1, maxLength: 25 }),
        fc.array(aLoad, { minLength: 1, maxLength: 5 }),
        someRest,
        async (arrivals, loads, rest) => {
          const clock = new VirtualClock();
          const closed = new Map<string, number>();
          const batching = new Batching({
            clock,
            random: () => 0.5,
            limits: { ...limits, ...rest },
            consumer: 'c',
            emit: (event) => {
              if (event.kind === 'batch.closed') closed.set(event.batchId, clock.nowMs());
            },
          });
          const taken: Taken[] = [];
          const offered: { lane: Lane; identity: string; atMs: number; begun: number }[] = [];
          let begun = 0;
          const loader = (async () => {
            for (let batch = await batching.next(); batch !== null; batch = await batching.next()) {
              const atMs = clock.nowMs();
              begun += 1;
              const { ms, ...cost } = loads[taken.length % loads.length] ?? {
                ms: 10,
                warehouseMs: 0,
                liveConsumers: 1,
              };
              await clock.sleep(ms);
              batching.loaded(cost);
              const [first] = batch.files.map(fileIdentity);
              const before = offered.find(({ identity }) => identity === first)?.begun ?? 0;
              taken.push({ batch, atMs, endedAtMs: clock.nowMs(), offered: before, ...cost });
            }
          })();
          for (const { afterMs, lane, key, size } of arrivals) {
            await clock.advance(afterMs);
            // Another ms, another version.
            const file = aFile({ key: `${lane}/${key}`, size, sequencer: clock.nowMs().toString(16) });
            const identity = fileIdentity(file);
            if (offered.some((other) => other.identity === identity && other.begun !== begun)) continue;
            offered.push({ lane, identity, atMs: clock.nowMs(), begun });
            batching.add(lane, file);
          }
          await clock.advance(400_000 * arrivals.length);
          batching.stop();
          await loader;

          expect(batching.isEmpty).toBe(true);
          const rests = checkRounds(taken, rest);
          expect(new Set(taken.map(({ batch }) => batch.id)).size).toBe(taken.length);
          for (const { batch } of taken) {
            const identities = batch.files.map(fileIdentity);
            expect(new Set(identities).size).toBe(identities.length);
            expect(batch.files.length).toBeLessThanOrEqual(limits.batchMaxFiles);
            expect(batch.bytes).toBe(batch.files.reduce((sum, file) => sum + file.size, 0));
            if (batch.files.length > 1) expect(batch.bytes).toBeLessThanOrEqual(limits.batchMaxBytes);
            expect(closed.get(batch.id)).toBe(batch.closedAtMs);
            // No batch is open for longer than its age and the rest, and only the reason that holds is given.
            const ageMs = batch.closedAtMs - batch.openedAtMs;
            const agedAtMs = batch.openedAtMs + limits.batchMaxAgeMs;
            const { untilMs } = rests.find((one) => one.fromMs <= agedAtMs && agedAtMs < one.untilMs) ?? { untilMs: 0 };
            expect(batch.closedAtMs).toBeLessThanOrEqual(Math.max(agedAtMs, untilMs));
            if (batch.closeReason === 'count') expect(batch.files).toHaveLength(limits.batchMaxFiles);
            if (batch.closeReason === 'age') expect(ageMs).toBeGreaterThanOrEqual(limits.batchMaxAgeMs);
          }
          for (const { lane, identity, atMs } of offered) {
            const inTime = taken.some(
              ({ batch }) =>
                batch.lane === lane &&
                batch.openedAtMs <= atMs &&
                batch.closedAtMs >= atMs &&
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

/** All that came before a round began is in that round or an earlier one, and a round rests unless something in it is full, or all of it together. @returns the rests. */
function checkRounds(taken: readonly Taken[], rest: RestLimits): readonly { fromMs: number; untilMs: number }[] {
  const rounds: Taken[][] = [];
  let firstLoad = -1;
  for (const [load, one] of taken.entries()) {
    if (firstLoad < 0 || one.offered > firstLoad) {
      rounds.push([]);
      firstLoad = load;
    }
    rounds.at(-1)?.push(one);
  }
  const rests: { fromMs: number; untilMs: number }[] = [];
  for (const [index, round] of rounds.entries()) {
    const lanes = round.map(({ batch }) => LANES_BY_PRIORITY.indexOf(batch.lane));
    expect(lanes).toEqual(lanes.toSorted());
    for (const [place, { atMs }] of round.entries()) {
      if (place > 0) expect(atMs).toBe(round[place - 1]?.endedAtMs);
    }
    const before = rounds[index - 1];
    if (before === undefined) continue;
    const [startedAtMs, endedAtMs] = [before[0]?.atMs ?? 0, before.at(-1)?.endedAtMs ?? 0];
    const costMs = before.reduce((sum, { warehouseMs }) => sum + warehouseMs, 0);
    const consumers = Math.max(...before.map(({ liveConsumers }) => liveConsumers));
    const restMs = Math.min(costMs * rest.loadRest * consumers, rest.loadRestMaxMs);
    const restedUntilMs = Math.max(startedAtMs + rest.loadIntervalMs, endedAtMs + restMs);
    const begunAtMs = round[0]?.atMs ?? 0;
    rests.push({ fromMs: endedAtMs, untilMs: Math.min(restedUntilMs, begunAtMs) });
    const files = round.reduce((sum, { batch }) => sum + batch.files.length, 0);
    const isFull =
      files >= limits.batchMaxFiles ||
      round.some(({ batch }) => batch.closeReason === 'count' || batch.closeReason === 'bytes');
    if (!isFull) expect(begunAtMs).toBeGreaterThanOrEqual(restedUntilMs);
    for (const { batch } of round) {
      expect(batch.restedMs).toBe(round[0]?.batch.restedMs);
      expect(batch.restedMs).toBeLessThanOrEqual(begunAtMs - endedAtMs);
      if (batch.restedMs > 0 && !isFull) expect(begunAtMs).toBe(restedUntilMs);
    }
  }
  return rests;
}
