import { isGuarded, insertOnce, replacedIds } from './live-objects.ts';
import type { FileAge, Moment } from './log-events.ts';
import {
  addCounts,
  agesOfBatch,
  byFile,
  byMoment,
  changedEvents,
  matchOf,
  matched,
  momentOf,
  rivalOf,
  userMoment,
  userOf,
} from './log-events.ts';
import { refuseRows } from './refusals.ts';
import { addUserSources } from './steps-logs.ts';
import type { Play, Rival, User } from './tables.ts';
import type { Choice, TypedEvent } from './temporary.ts';
import type { Step, Transaction, Values } from './transaction.ts';
import { integerValue, isIn, textValue } from './transaction.ts';
import { playHash, userHash } from './values.ts';

const DAY_MS = 86_400_000;

/** `sql/load/logs/exact`, file by file. */
export const EXACT_STEPS: Readonly<Record<string, Step>> = {
  'load/logs/exact/10_play_choice.sql': ({ temporary }) => {
    refuseRows('publish', temporary.get('staging'));
    return undefined;
  },
  'load/logs/exact/20_songplays.sql': choosePlays,
  'load/logs/exact/25_time.sql': ({ tables, temporary }, values) => {
    const isRead = isIn(values, 'times');
    const heard = new Set([...tables.songplays.rows()].map(({ startMs }) => startMs));
    for (const { isOut, isUser, startMs } of temporary.get('choices')) {
      if (!isUser && isOut && isRead(startMs) && !heard.has(startMs)) tables.time.delete(String(startMs));
    }
    return undefined;
  },
  'load/logs/exact/30_user_choice.sql': ({ temporary }) => {
    refuseRows('publish', temporary.get('staging'));
    return undefined;
  },
  'load/logs/exact/35_users.sql': chooseUsers,
  'load/logs/exact/80_counts.sql': (transaction, values) => {
    const { temporary } = transaction;
    const choices = temporary.get('choices');
    const count = (is: (choice: Choice) => boolean) => choices.filter(is).length;
    const readMs = integerValue(values, 'days_before') * DAY_MS;
    const isFar = choices.some(({ isOut, lostMs, startMs }) => lostMs !== null && (isOut || startMs < lostMs - readMs));
    const isEnough = !isFar || integerValue(values, 'reads_all_users') === 1;
    addCounts(temporary, {
      inserted: isGuarded(transaction) && isEnough ? count(({ isNew, isOut }) => isNew && !isOut) : null,
      updated: count(({ isNew, isOut, isThere }) => !isNew && !isOut && !isThere),
      repaired: 0,
      removed: count(({ isOut }) => isOut),
    });
    return undefined;
  },
};

/** A row that may stand for a play or a user. */
type Candidate = FileAge & {
  /** `old`: from the star or from user_sources, and without an object. */
  readonly source: 'batch' | 'star' | 'rival' | 'old';
  readonly isInStar: boolean;
  /** In the version that is replaced or taken back. */
  readonly isOut: boolean;
  /** Equal for equal values. */
  readonly values: string;
  /** Object and line together with the values; of no use for a rival, which never is the row that is there. */
  readonly row: string | null;
};

/**
 * The candidate that stands for its key from now on: of those that are not out, the newest file's. But a row that is there
 * stays where another one has the same values; the row of the batch that has its object, its line and its values is the same row.
 * A row without an object gives way to any other.
 */
function chosen<C extends Candidate>(
  candidates: readonly C[],
  newer: (a: C, b: C) => number,
): { choice: Omit<Choice, 'startMs' | 'isUser' | 'lostMs'>; winner: C } {
  const [best] = candidates.toSorted((a, b) => Number(a.isOut) - Number(b.isOut) || newer(b, a) || byFile(b, a));
  if (best === undefined) throw new Error('Nothing to choose from.');
  const there = candidates.find(({ isInStar }) => isInStar);
  const isIncumbent = ({ row }: C) => row !== null && row === there?.row;
  const equal = candidates.filter(
    (one) => one.isOut === best.isOut && newer(one, best) === 0 && one.values === best.values,
  );
  const winner =
    equal.toSorted(
      (a, b) =>
        Number(a.source === 'old') - Number(b.source === 'old') ||
        Number(isIncumbent(b)) - Number(isIncumbent(a)) ||
        byFile(b, a) ||
        Number(b.isInStar) - Number(a.isInStar) ||
        Number(a.source === 'rival') - Number(b.source === 'rival'),
    )[0] ?? best;
  return {
    choice: {
      isOut: winner.isOut,
      isThere: !winner.isOut && (isIncumbent(winner) || (winner.isInStar && winner.source === 'old')),
      isNew: there === undefined,
    },
    winner,
  };
}

type PlayCandidate = Candidate & { readonly play: Omit<Play, 'songId' | 'artistId'> };

function choosePlays(transaction: Transaction, values: Values): undefined {
  const { tables, temporary } = transaction;
  const isRead = isIn(values, 'times');
  const batchId = textValue(values, 'batch_id');
  const out = replacedIds(transaction);
  const lost = new Set<string>();
  for (const [key, { id, objectId, startMs }] of tables.play_rivals.entries()) {
    if (!out.has(objectId) || !isRead(startMs)) continue;
    lost.add(id);
    tables.play_rivals.delete(key);
  }
  for (const candidates of playCandidates(transaction, isRead, lost).values()) {
    const { choice, winner } = chosen(candidates, () => 0);
    const { id, startMs } = winner.play;
    temporary.set('choices', [...temporary.get('choices'), { ...choice, startMs, isUser: false, lostMs: null }]);
    for (const one of candidates) {
      if (!isAttributed(one.play)) continue;
      const key = rivalKey(one.play);
      if (one === winner) {
        if (one.source === 'rival') tables.play_rivals.delete(key);
      } else if (!one.isOut && one.source !== 'rival')
        insertOnce(transaction, 'play_rivals', key, { ...one.play, batchId });
    }
    if (choice.isThere) continue;
    if (!choice.isNew) tables.songplays.delete(id);
    if (!choice.isOut)
      insertOnce(
        transaction,
        'songplays',
        id,
        matched({ ...winner.play, batchId }, matchOf(transaction, winner.play.matchKey)),
      );
  }
  return undefined;
}

function isAttributed(play: PlayCandidate['play']): play is Rival {
  return play.objectId !== null;
}

function rivalKey({ id, objectId }: Rival): string {
  return `${id} ${objectId}`;
}

function playCandidates(
  transaction: Transaction,
  isRead: (atMs: number) => boolean,
  lost: ReadonlySet<string>,
): ReadonlyMap<string, readonly PlayCandidate[]> {
  const { tables, temporary } = transaction;
  const [ages, out] = [agesOfBatch(transaction), replacedIds(transaction)];
  const candidates = new Map<string, PlayCandidate[]>();
  const add = (
    play: PlayCandidate['play'],
    one: Omit<PlayCandidate, 'play' | 'values' | 'row' | 'isInStar'> & Partial<Candidate>,
  ) => {
    const values = playHash(play);
    const row = one.source === 'rival' || play.objectId === null ? null : `${play.objectId} ${play.line} ${values}`;
    candidates.set(play.id, [...(candidates.get(play.id) ?? []), { isInStar: false, ...one, play, values, row }]);
  };
  for (const play of temporary.get('sparkify_plays')) {
    add(rivalOf(play, ''), { ...ageIn(ages, play.objectId), source: 'batch', isOut: false });
  }
  for (const play of tables.songplays.rows()) {
    const isOut = play.objectId !== null && out.has(play.objectId);
    if (!isRead(play.startMs) || (!isOut && !candidates.has(play.id) && !lost.has(play.id))) continue;
    const source = play.objectId === null ? 'old' : 'star';
    add(play, { ...ageOf(transaction, play.objectId), source, isOut, isInStar: true });
  }
  for (const play of tables.play_rivals.rows()) {
    if (!isRead(play.startMs) || out.has(play.objectId) || !candidates.has(play.id)) continue;
    add(play, { ...ageOf(transaction, play.objectId), source: 'rival', isOut: false });
  }
  return candidates;
}

type UserCandidate = Candidate & { readonly user: User; readonly moment: Moment };

function chooseUsers(transaction: Transaction, values: Values): undefined {
  const { tables, temporary } = transaction;
  const isRead = isIn(values, 'times');
  const out = replacedIds(transaction);
  const lost = new Set<string>();
  const isOutNow = ({ lastMs, objectId }: User) => objectId !== null && out.has(objectId) && isRead(lastMs);
  for (const source of tables.user_sources.rows()) if (isOutNow(source)) lost.add(source.userId);
  const all = userCandidates(transaction, isIn(values, 'fallback'), lost);
  const staged = new Set(changedEvents(temporary).map((event) => userEvent(event.userId, momentOf(event))));
  for (const [key, source] of tables.user_sources.entries()) {
    const isReplaced =
      source.objectId === null && isRead(source.lastMs) && staged.has(userEvent(source.userId, userMoment(source)));
    if (isOutNow(source) || isReplaced) tables.user_sources.delete(key);
  }
  for (const [userId, candidates] of all) {
    const { choice, winner } = chosen(candidates, (a, b) => byMoment(a.moment, b.moment));
    const lostMs = candidates.find(({ isInStar, isOut }) => isOut && isInStar)?.moment.startMs ?? null;
    const chosenOf = { ...choice, startMs: winner.moment.startMs, isUser: true, lostMs };
    temporary.set('choices', [...temporary.get('choices'), chosenOf]);
    if (choice.isThere) continue;
    if (!choice.isNew) tables.users.delete(userId);
    if (!choice.isOut) tables.users.update(userId, winner.user);
  }
  addUserSources(transaction);
  return undefined;
}

function userEvent(userId: string, moment: Moment): string {
  return JSON.stringify([userId, moment.startMs, moment.sessionId, moment.item]);
}

function userCandidates(
  transaction: Transaction,
  isFallback: (atMs: number) => boolean,
  lost: ReadonlySet<string>,
): ReadonlyMap<string, readonly UserCandidate[]> {
  const { tables, temporary } = transaction;
  const [ages, out] = [agesOfBatch(transaction), replacedIds(transaction)];
  const candidates = new Map<string, UserCandidate[]>();
  const add = (
    user: User,
    one: Omit<UserCandidate, 'user' | 'values' | 'row' | 'moment' | 'isInStar'> & Partial<Candidate>,
  ) => {
    const moment = userMoment(user);
    const values = userHash(user);
    const hasRow = one.source !== 'rival' && user.objectId !== null;
    const row = hasRow ? JSON.stringify([user.objectId, user.line, moment, values]) : null;
    const others = candidates.get(user.userId) ?? [];
    candidates.set(user.userId, [...others, { isInStar: false, ...one, user, moment, values, row }]);
  };
  const batch = temporary.get('sparkify_users');
  for (const event of batch) add(userOf(event), { ...ageIn(ages, event.objectId), source: 'batch', isOut: false });
  for (const user of tables.users.rows()) {
    const isOut = user.objectId !== null && out.has(user.objectId);
    if (!isOut && !candidates.has(user.userId) && !lost.has(user.userId)) continue;
    const source = user.objectId === null ? 'old' : 'star';
    add(user, { ...ageOf(transaction, user.objectId), source, isOut, isInStar: true });
  }
  for (const source of tables.user_sources.rows()) {
    const user = tables.users.get(source.userId);
    if (user === undefined || !isFallback(source.lastMs)) continue;
    if (source.objectId !== null && out.has(source.objectId)) continue;
    const isSameEvent = byMoment(userMoment(user), userMoment(source)) === 0;
    const isOfBatch = batch.some(({ userId }) => userId === user.userId);
    const isUserOut = user.objectId !== null && out.has(user.objectId);
    const isEventOpen = isSameEvent && (isOfBatch || isUserOut || lost.has(user.userId));
    if (!isEventOpen && !hasLostNewest(user, batch, out)) continue;
    const from = source.objectId === null ? 'old' : 'rival';
    add(source, { ...ageOf(transaction, source.objectId), source: from, isOut: false });
  }
  return candidates;
}

/** Whether a user's row goes, and the batch has no event that is as new. */
function hasLostNewest(user: User, batch: readonly TypedEvent[], out: ReadonlySet<string>): boolean {
  const isAsNew = (event: TypedEvent) =>
    event.userId === user.userId && byMoment(momentOf(event), userMoment(user)) >= 0;
  return user.objectId !== null && out.has(user.objectId) && !batch.some(isAsNew);
}

const NO_AGE: FileAge = { lastModifiedMs: 0, key: '' };

function ageIn(ages: ReadonlyMap<string, FileAge>, objectId: string): FileAge {
  return ages.get(objectId) ?? NO_AGE;
}

/** Of the live version. */
function ageOf({ tables }: Transaction, objectId: string | null): FileAge {
  return (objectId === null ? undefined : tables.ingest_objects.get(objectId)) ?? NO_AGE;
}
