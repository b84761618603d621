import { expect, test } from 'vitest';
import { intakeRoom } from '../../src/core/intake/intake-room.ts';

test('nothing is received while forty unreadable messages are on their way to the dead-letter queue', () => {
  const room = (parking: number, hasLoaded = true) =>
    intakeRoom({ heldFiles: 0, heldMessages: 0, parking }, { maxHeldFiles: 1_000, hasLoaded });
  expect([room(0), room(39), room(40), room(41)]).toEqual([1_000, 1_000, 0, 0]);
  expect([room(39, false), room(40, false)]).toEqual([10, 0]);
});
