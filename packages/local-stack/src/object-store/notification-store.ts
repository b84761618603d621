import type { DatabaseSync } from 'node:sqlite';
import type { QueueConfiguration } from './notification-configuration.ts';

/** Bucket notification configurations and the last sequencer, beside objects and messages in the same SQLite file. */
export type NotificationStore = {
  get(bucket: string): readonly QueueConfiguration[];
  put(bucket: string, configurations: readonly QueueConfiguration[]): void;
  /** Greater than every one before, in this run and in earlier ones: 18 hexadecimal digits. */
  nextSequencer(nowMs: number): string;
};

export function notificationStore(database: DatabaseSync): NotificationStore {
  database.exec(`
    create table if not exists notification_configurations (bucket text primary key, configurations text not null);
    create table if not exists notification_sequencer (only integer primary key check (only = 1), last text not null);
    insert or ignore into notification_sequencer (only, last) values (1, '0');
  `);
  const select = database.prepare('select configurations from notification_configurations where bucket = ?');
  const remove = database.prepare('delete from notification_configurations where bucket = ?');
  const insert = database.prepare('insert or replace into notification_configurations values (?, ?)');
  const readLast = database.prepare('select last from notification_sequencer');
  const writeLast = database.prepare('update notification_sequencer set last = ?');
  return {
    get(bucket) {
      const row = select.get(bucket);
      return row === undefined ? [] : (JSON.parse(String(row['configurations'])) as QueueConfiguration[]);
    },
    put(bucket, configurations) {
      if (configurations.length === 0) remove.run(bucket);
      else insert.run(bucket, JSON.stringify(configurations));
    },
    nextSequencer(nowMs) {
      const last = BigInt(String(readLast.get()?.['last'] ?? '0'));
      // Follows the clock, so it is not a count of events; never goes back when the clock does.
      const now = BigInt(Math.trunc(nowMs)) << 20n;
      const next = now > last ? now : last + 1n;
      writeLast.run(next.toString());
      return next.toString(16).toUpperCase().padStart(18, '0');
    },
  };
}
