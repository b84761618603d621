import { widenPlayKey } from './play-keys.ts';
import { isGuarded, insertOnce, publishObjects } from './live-objects.ts';
import { addCounts, agesOfBatch, batchPlays, batchUsers, byFile, byMoment } from './log-events.ts';
import { matchOf, matched, momentOf, rivalOf, userMoment, userOf } from './log-events.ts';
import { refuseRows } from './refusals.ts';
import type { LiveObject } from './tables.ts';
import type { TypedEvent } from './temporary.ts';
import type { Step, Transaction } from './transaction.ts';
import { isIn, textValue } from './transaction.ts';
import { timeRow } from './values.ts';

/** `sql/load/logs`, file by file, without the exact plan. */
export const LOG_STEPS: Readonly<Record<string, Step>> = {
  'load/logs/stage/00_drop_temp_tables.sql': ({ temporary }) => {
    temporary.drop([
      'staging',
      'doubles',
      'users_there',
      'choices',
      'sparkify_objects',
      'sparkify_retracted',
      'sparkify_retraction',
      'sparkify_plays',
      'sparkify_users',
    ]);
    return undefined;
  },
  'load/logs/stage/10_create_staging.sql': ({ temporary }) => {
    temporary.set('staging', []);
    temporary.set('staging_of', 'logs');
    temporary.set('doubles', []);
    temporary.set('users_there', []);
    temporary.set('choices', []);
    return undefined;
  },
  'load/logs/stage/40_batch_plays.sql': (transaction) => {
    transaction.temporary.set('sparkify_plays', batchPlays(transaction));
    return undefined;
  },
  'load/logs/stage/50_batch_users.sql': (transaction) => {
    transaction.temporary.set('sparkify_users', batchUsers(transaction));
    return undefined;
  },
  'load/logs/append/10_songplays.sql': (transaction, values) => {
    const { temporary } = transaction;
    const batchId = textValue(values, 'batch_id');
    refuseRows('publish', temporary.get('staging'));
    for (const play of temporary.get('sparkify_plays')) {
      const row = matched(rivalOf(play, batchId), matchOf(transaction, play.matchKey));
      insertOnce(transaction, 'songplays', play.id, row);
    }
    return undefined;
  },
  'load/logs/append/30_users.sql': (transaction) => {
    const { tables, temporary } = transaction;
    refuseRows('publish', temporary.get('staging'));
    addUserSources(transaction);
    for (const event of newestOfUsers(transaction)) {
      const known = tables.users.get(event.userId);
      const isOlder = known !== undefined && byMoment(momentOf(event), userMoment(known)) > 0;
      if (known !== undefined) temporary.set('users_there', [...temporary.get('users_there'), { isOlder }]);
      if (known === undefined || isOlder) tables.users.update(event.userId, userOf(event));
    }
    return undefined;
  },
  'load/logs/append/80_counts.sql': (transaction, values) => {
    const { temporary } = transaction;
    const there = temporary.get('users_there');
    const isRead = isIn(values, 'times');
    const isEnough = isGuarded(transaction, isRead) && !hasSharedEvent(transaction, isRead);
    const rows = temporary.get('sparkify_plays').length + newestOfUsers(transaction).length;
    addCounts(temporary, {
      ...{ inserted: isEnough ? rows - there.length : null, repaired: 0, removed: 0 },
      updated: there.filter(({ isOlder }) => isOlder).length,
    });
    return undefined;
  },
  'load/logs/publish/15_play_keys.sql': (transaction) => {
    for (const play of transaction.temporary.get('sparkify_plays')) widenPlayKey(transaction, play);
    return undefined;
  },
  'load/logs/publish/20_time.sql': ({ tables, temporary }, values) => {
    const isRead = isIn(values, 'times');
    const starts = new Set(temporary.get('sparkify_plays').map(({ startMs }) => startMs));
    for (const startMs of starts) {
      const known = tables.time.get(String(startMs));
      if (known === undefined || !isRead(startMs)) tables.time.insert(String(startMs), timeRow(startMs));
    }
    return undefined;
  },
  'load/logs/publish/40_objects.sql': (transaction, values) =>
    publishObjects(transaction, values, (objectId) => rowsOfObject(transaction, objectId)),
};

/** A user's newest event in each object of the batch. */
export function addUserSources(transaction: Transaction): void {
  for (const event of transaction.temporary.get('sparkify_users')) {
    insertOnce(transaction, 'user_sources', `${event.userId} ${event.objectId}`, userOf(event));
  }
}

/** `place` 1 of `sparkify_users`. */
function newestOfUsers(transaction: Transaction): readonly TypedEvent[] {
  const ages = agesOfBatch(transaction);
  const ageOf = ({ objectId }: TypedEvent) => ages.get(objectId) ?? { lastModifiedMs: 0, key: '' };
  const newest = new Map<string, TypedEvent>();
  for (const event of transaction.temporary.get('sparkify_users')) {
    const known = newest.get(event.userId);
    const isNewer =
      known === undefined || (byMoment(momentOf(event), momentOf(known)) || byFile(ageOf(event), ageOf(known))) > 0;
    if (isNewer) newest.set(event.userId, event);
  }
  return [...newest.values()];
}

/** Whether an event that a user's row could come from stands in another object, too. */
function hasSharedEvent({ tables, temporary }: Transaction, isRead: (atMs: number) => boolean): boolean {
  const batch = temporary.get('sparkify_users');
  return [...tables.user_sources.rows()].some(
    (row) =>
      isRead(row.lastMs) &&
      batch.some(
        (event) =>
          event.userId === row.userId &&
          event.objectId !== row.objectId &&
          byMoment(momentOf(event), userMoment(row)) === 0,
      ),
  );
}

function rowsOfObject(
  { temporary }: Transaction,
  objectId: string,
): Pick<LiveObject, 'rowsKept' | 'rowsSum' | 'firstMs' | 'lastMs' | 'dataset'> {
  const [plays, users] = [temporary.get('sparkify_plays'), temporary.get('sparkify_users')].map((events) =>
    events.filter((event) => event.objectId === objectId),
  );
  const hashes = [...(plays ?? []).map(({ playHash }) => playHash), ...(users ?? []).map(({ userHash }) => userHash)];
  const times = [...(plays ?? []), ...(users ?? [])].map(({ startMs }) => startMs);
  return {
    dataset: 'logs',
    rowsKept: hashes.length,
    rowsSum: hashes.reduce((sum, hash) => sum + hashShare(hash), 0n),
    firstMs: times.length === 0 ? null : Math.min(...times),
    lastMs: times.length === 0 ? null : Math.max(...times),
  };
}

/** A row's share in `rows_sum`. */
function hashShare(hash: string): bigint {
  return BigInt(`0x${hash.slice(0, 15)}`);
}
