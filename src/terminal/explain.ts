import { countOf } from '../core/count-of.ts';
import { printable } from '../core/printable.ts';
import type { MatchExample, MatchShare } from '../look/explain-matches.ts';
import { MATCH_REASONS } from '../look/explain-matches.ts';
import type { PlayExplained, Witness } from '../look/explain-play.ts';
import type { UserExplained } from '../look/explain-user.ts';
import type { BatchEntry } from '../look/ledger-rows.ts';
import { batchLines } from './history.ts';
import { shortTime } from './spans.ts';
import { formatNumber, renderTable } from './table.ts';

export function renderPlay(play: PlayExplained): string {
  const { candidates, heard, rivals, songId, whyNoSong } = play;
  return [
    `play ${play.songplayId}: user ${play.userId}, session ${play.sessionId}, item ${play.itemInSession}, ${shortTime(play.startTime) ?? '?'}`,
    `heard: ${printable(heard.title ?? '–')} by ${printable(heard.artist ?? '–')}, ${heard.length ?? '–'} s`,
    `comes from ${place(play.witness)}`,
    ...rivals.map((rival) => `is also in ${place(rival)}`),
    songId === null ? `no song: ${printable(whyNoSong ?? '')}` : `song: ${songId}`,
    '',
    ...(candidates.length === 0
      ? []
      : [
          'nearest songs:',
          renderTable(
            ['song', 'title', 'artist', 'duration', 'what differs'],
            candidates.map(({ artist, differences, length, songId: id, title }) => [
              id,
              title,
              artist,
              length,
              differences.join('; '),
            ]),
          ),
          '',
        ]),
    ...batchOf(play.batch),
    '',
  ].join('\n');
}

export function renderUser(user: UserExplained, max: number): string {
  const { objects, plays } = user;
  const rows = (objects ?? []).map((one) => [
    shortTime(one.eventAt),
    one.key,
    one.lineNumber,
    one.status,
    one.level,
    `${one.firstName ?? ''} ${one.lastName ?? ''}`,
    one.batchId,
  ]);
  return [
    `user ${user.userId}: ${printable(`${user.firstName ?? '–'} ${user.lastName ?? '–'}`)}, ${printable(user.gender ?? '–')}, ${printable(user.level ?? '–')}`,
    `newest event: ${shortTime(user.lastEventAt) ?? '?'}, from ${place(user.witness)}`,
    `${countOf(plays.count, 'play')}${plays.count === 0 ? '' : `, ${shortTime(plays.firstAt) ?? ''} to ${shortTime(plays.lastAt) ?? ''}`}`,
    '',
    ...(objects === null
      ? []
      : [
          renderTable(['newest event', 'file', 'line', 'version', 'level', 'name', 'batch'], rows),
          ...(rows.length === max ? [`there may be more (--max ${max})`] : []),
          '',
        ]),
    ...batchOf(user.batch),
    '',
  ].join('\n');
}

export function renderMatches(shares: readonly MatchShare[]): string {
  if (shares.length === 0) return 'no play in this time\n';
  const all = shares.reduce((sum, { plays }) => sum + plays, 0);
  const blocks = shares.map(({ damagedPlays, examples, plays, reason, share }) =>
    [
      `${(100 * share).toFixed(1)} % (${formatNumber(plays)} of ${countOf(all, 'play')}): ${MATCH_REASONS[reason]}`,
      ...(damagedPlays === 0
        ? []
        : [`    of these, at least ${countOf(damagedPlays, 'play')} with damaged text: UTF-8 was encoded twice`]),
      ...(reason === 'matched' ? [] : examples.map((one) => `    ${example(one)}`)),
      '',
    ].join('\n'),
  );
  return `${blocks.join('\n')}"sparkify explain play ID" shows the songs that are nearest to a play.\n`;
}

function example({ artist, length, nearestSeconds, plays, repaired, songplayId, title }: MatchExample): string {
  const differs = nearestSeconds === null ? '' : `; the nearest duration differs by ${nearestSeconds} s`;
  const meant = repaired === null ? '' : `; probably ${printable(repaired)}`;
  const what = `${printable(title ?? '–')} by ${printable(artist ?? '–')}, ${length ?? '–'} s`;
  return `${what}${differs}${meant} (${countOf(plays, 'play')}, such as ${songplayId})`;
}

function place(witness: Witness | null): string {
  if (witness === null)
    return 'an unknown file: an older version of sparkify loaded the row; "sparkify backfill --reload" finds it';
  return `s3://${witness.bucket}/${printable(witness.key)}, line ${witness.lineNumber}`;
}

/** The batch of a row, or of the version of a file. */
export function batchOf(batch: BatchEntry | null): string[] {
  if (batch === null) return ['its batch is not in the ledger'];
  return [renderTable(['batch', batch.batchId], batchLines(batch))];
}
