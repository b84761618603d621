import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { notificationStore } from '../../src/object-store/notification-store.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';

test('sequencers grow within one millisecond, when the clock goes back, and across restarts', () => {
  const file = join(temporaryFolder(), 'sequencer.db');
  const now = Date.UTC(2018, 10, 12);
  const sequencers: string[] = [];
  for (const clock of [now, now - 3_600_000, now + 1]) {
    const database = new DatabaseSync(file);
    const store = notificationStore(database);
    for (let count = 0; count < 3; count += 1) sequencers.push(store.nextSequencer(clock));
    database.close();
  }
  expect([...new Set(sequencers)].sort()).toEqual(sequencers);
  expect(sequencers.every((sequencer) => /^[0-9A-F]{18}$/.test(sequencer))).toBe(true);
});
