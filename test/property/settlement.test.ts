import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileIdentity } from '../../src/core/file-identity.ts';
import { Settlement } from '../../src/core/intake/settlement.ts';

const times = (atMs: number) => ({ sentAtMs: 0, receivedAtMs: atMs, answeredAtMs: atMs });
const files = ['a', 'b', 'c', 'd', 'e', 'f'] as FileIdentity[];
const aStep = fc.oneof(
  fc.record({ kind: fc.constant('hold' as const), files: fc.subarray(files) }),
  fc.record({ kind: fc.constant('settle' as const), files: fc.subarray(files, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('release' as const), nth: fc.nat(5) }),
);

describe('the join of files and messages, after any steps', () => {
  it('finishes a message exactly when the fate of all its files has been committed since it came', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 60 }), (steps) => {
        const settlement = new Settlement();
        // The model: what each held message still waits for.
        const model = new Map<string, Set<FileIdentity>>();
        const finished: string[] = [];
        let received = 0;
        let acknowledged = 0;
        let handedBack = 0;
        for (const step of steps) {
          if (step.kind === 'hold') {
            received += 1;
            const message = { messageId: 'm', receiptHandle: `r${received}`, ...times(received), parkReason: null };
            const held = settlement.hold(message, step.files);
            expect(held).toBe(step.files.length === 0 ? 'finished' : 'held');
            if (held === 'held') model.set(message.receiptHandle, new Set(step.files));
            else acknowledged += 1;
          } else if (step.kind === 'settle') {
            const expected: string[] = [];
            for (const [handle, waits] of model) {
              for (const file of step.files) waits.delete(file);
              if (waits.size === 0) expected.push(handle);
            }
            for (const handle of expected) model.delete(handle);
            const done = settlement.settle(step.files).map((message) => message.receiptHandle);
            expect(done.toSorted()).toEqual(expected.toSorted());
            finished.push(...done);
            acknowledged += done.length;
          } else {
            const message = settlement.all()[step.nth];
            if (message === undefined) continue;
            settlement.release([message]);
            model.delete(message.receiptHandle);
            handedBack += 1;
          }
          // Nothing is lost at any time: every message is acknowledged, released or still held.
          expect(settlement.heldMessages).toBe(received - acknowledged - handedBack);
          expect(settlement.all().map((message) => message.receiptHandle)).toEqual([...model.keys()]);
          expect(settlement.heldFiles).toBe([...model.values()].reduce((sum, waits) => sum + waits.size, 0));
        }
        expect(new Set(finished).size).toBe(finished.length);
      }),
      { numRuns: 500 },
    );
  });

  it('knows the messages that wait for a file', () => {
    const settlement = new Settlement();
    const message = (receiptHandle: string) => ({ messageId: 'm', receiptHandle, ...times(0), parkReason: null });
    settlement.hold(message('both'), [files[0], files[1]] as FileIdentity[]);
    settlement.hold(message('second'), [files[1]] as FileIdentity[]);
    const waiting = settlement.waitingFor([files[0]] as FileIdentity[]);
    expect(waiting.map((held) => held.receiptHandle)).toEqual(['both']);
  });
});
