import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileIdentity } from '../../src/core/file-identity.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { IngestError } from '../../src/core/errors.ts';
import { readNotification } from '../../src/core/intake/notification.ts';
import { aRecord, s3Message } from '../unit/s3-messages.ts';
import { outcomeOf, startConsumer } from '../consumer/consumer-harness.ts';

const aKey = fc
  .tuple(fc.constantFrom('song_data/', 'log_data/', 'elsewhere/'), fc.nat(15))
  .map(([prefix, n]) => `${prefix}${n}`);
const anArrival = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.nat(1500), fc.nat(20_000)),
  messages: fc.array(fc.array(aKey, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
});
const aLoad = fc.record({
  ms: fc.constantFrom(5, 800, 4000, 90_000),
  error: fc.option(
    fc.constantFrom<ErrorCode>('deadlock', 'timeout', 'warehouse_paused', 'throttled', 'outcome_unknown'),
    {
      nil: null,
      freq: 3,
    },
  ),
  commitsBeforeItFails: fc.boolean(),
});
const aFault = fc.constantFrom('none', 'none', 'none', 'entry', 'call', 'lost');
const aScenario = fc.record({
  arrivals: fc.array(anArrival, { minLength: 1, maxLength: 8 }),
  loads: fc.array(aLoad, { minLength: 1, maxLength: 6 }),
  deleteFaults: fc.array(aFault, { maxLength: 6 }),
  leaseFaults: fc.array(fc.constantFrom('none', 'entry', 'call'), { maxLength: 6 }),
  maxHeldFiles: fc.constantFrom(10, 40, 20_000),
  batchMaxFiles: fc.constantFrom(2, 7, 5000),
  stopAfterMs: fc.oneof(fc.nat(5000), fc.nat(60_000), fc.constant(1_800_000)),
});

describe('the consumer, for any arrivals, errors, faults and time of shutdown', () => {
  it('loses no message, acknowledges none before its files are committed, and releases the rest at the end', async () => {
    await fc.assert(
      fc.asyncProperty(aScenario, async (scenario) => {
        const committed = new Set<string>();
        const filesOf = new Map<string, readonly string[]>();
        let calls = 0;
        const running = startConsumer({
          settings: { maxHeldFiles: scenario.maxHeldFiles, batchMaxFiles: scenario.batchMaxFiles },
          load: async ({ batch, signal }, clock) => {
            const plan = scenario.loads[(calls += 1) - 1];
            await clock.sleep(plan?.ms ?? 500, signal);
            const outcome = outcomeOf(batch);
            // "Do it and lose the reply": the case that at-least-once systems get wrong.
            const commits = plan?.error == null || plan.commitsBeforeItFails;
            if (signal.aborted && !commits) signal.throwIfAborted();
            if (commits) for (const { file } of outcome.files) committed.add(fileIdentity(file));
            if (plan?.error != null) throw new IngestError(plan.error, 'As scripted.');
            return outcome;
          },
        });
        const { clock, queue, consumer, events } = running;
        queue.onDelete = (id) => {
          for (const file of filesOf.get(id) ?? []) expect(committed).toContain(file);
        };
        const faulty = (faults: readonly string[]) => (call: number, handles: readonly string[]) => {
          const fault = faults[call - 1] ?? 'none';
          if (fault === 'call') throw new IngestError('endpoint_unreachable', 'As scripted.');
          const receiptHandle = handles[0] ?? '';
          return fault === 'entry' ? [{ receiptHandle, code: 'InternalError', retryable: true }] : [];
        };
        queue.faults = { delete: faulty(scenario.deleteFaults), changeVisibility: faulty(scenario.leaseFaults) };

        const sent: string[] = [];
        let leftMs = scenario.stopAfterMs;
        for (const { afterMs, messages } of scenario.arrivals) {
          const ms = Math.min(afterMs, leftMs);
          leftMs -= ms;
          await clock.advance(ms);
          for (const keys of messages) {
            const body = s3Message(...keys.map((key) => aRecord({ key })));
            const notification = readNotification(body);
            const id = queue.send(body);
            sent.push(id);
            filesOf.set(id, notification.kind === 'events' ? notification.files.map(fileIdentity) : []);
          }
          const { heldMessages, lastCommitAtMs } = consumer.snapshot();
          expect(heldMessages).toBeLessThanOrEqual(lastCommitAtMs === null ? 10 : scenario.maxHeldFiles);
        }
        await clock.advance(leftMs);
        const end = await running.stopped();

        expect(end.error).toBeNull();
        // Every message is acknowledged or visible in the queue.
        expect([...queue.deletedIds, ...queue.leftIds].toSorted()).toEqual(sent.toSorted());
        expect(new Set(queue.deletedIds).size).toBe(queue.deletedIds.length);
        const snapshot = consumer.snapshot();
        expect(snapshot).toMatchObject({ state: 'stopped', heldMessages: 0, receivers: 0, loadInFlight: null });
        await clock.advance(130_000);
        expect(queue.visibleIds.toSorted()).toEqual(queue.leftIds.toSorted());
        // No lease ran out while its message was held (faults are shorter than half a visibility).
        expect(events.filter((event) => event.kind === 'lease.lost')).toEqual([]);
        // With time enough, everything is committed and acknowledged.
        if (scenario.stopAfterMs === 1_800_000) expect(queue.leftIds).toEqual([]);
      }),
      { numRuns: 80, endOnFailure: true },
    );
  });
});
