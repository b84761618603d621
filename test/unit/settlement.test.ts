import { expect, it } from 'vitest';
import type { FileIdentity } from '../../src/core/file-identity.ts';
import { Settlement } from '../../src/core/intake/settlement.ts';

const file = (name: string) => name as FileIdentity;
const message = (receiptHandle: string, receivedAtMs = 0) => ({
  ...{ messageId: 'm', receiptHandle, receivedAtMs, parkReason: null, sentAtMs: 0, answeredAtMs: receivedAtMs },
});

it('releasing a message keeps the others that wait for its file', () => {
  const settlement = new Settlement();
  const [back, stays] = [message('back'), message('stays')];
  settlement.hold(back, [file('a')]);
  settlement.hold(stays, [file('a')]);
  settlement.release([back]);
  expect(settlement.waitingFor([file('a')])).toEqual([stays]);
  expect(settlement.settle([file('a')])).toEqual([stays]);
});

it('a message that names a file twice waits for one file', () => {
  const settlement = new Settlement();
  settlement.hold(message('twice'), [file('a'), file('a')]);
  expect(settlement.heldFiles).toBe(1);
  expect(settlement.settle([file('a')])).toHaveLength(1);
  expect(settlement.heldFiles).toBe(0);
});

it('releasing a message that is not held changes nothing', () => {
  const settlement = new Settlement();
  const held = message('held');
  settlement.hold(held, [file('a')]);
  settlement.release([message('never seen')]);
  settlement.release([held]);
  settlement.release([held]);
  expect([settlement.heldMessages, settlement.heldFiles]).toEqual([0, 0]);
});

it('the message that is held longest is the first that was received and is still held', () => {
  const settlement = new Settlement();
  expect(settlement.oldestReceivedAtMs).toBeNull();
  settlement.hold(message('first', 10), [file('a')]);
  settlement.hold(message('second', 20), [file('b')]);
  expect(settlement.oldestReceivedAtMs).toBe(10);
  settlement.settle([file('a')]);
  expect(settlement.oldestReceivedAtMs).toBe(20);
});
