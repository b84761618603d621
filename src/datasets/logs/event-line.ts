import { remembered } from '../../core/remembered.ts';
import type { LogRow } from './judge-event.ts';

/**
 * A row of `sparkify_staging` as a line of a part: the result of `partLine`, in a third of the time, because a backfill has millions
 * of them.
 */
export function eventLine(
  at: { readonly fileNumber: number; readonly lineNumber: number; readonly ordinal: number },
  row: LogRow,
): string {
  return (
    `{"kind":"E","file_number":"${at.fileNumber}","line_number":"${at.lineNumber}","row_number":"${at.ordinal}","start_time":"${row.start_time_ms}"` +
    `,"is_play":"${row.is_play}","user_id":"${row.user_id}","session_id":"${row.session_id}"` +
    `,"item_in_session":"${row.item_in_session}"` +
    level(row.level) +
    firstName(row.first_name) +
    lastName(row.last_name) +
    gender(row.gender) +
    (row.is_play === '1' ? playMembers(row) : '') +
    `,"user_hash":"${row.user_hash}"}\n`
  );
}

function playMembers(row: LogRow): string {
  return (
    plain(',"songplay_id":"', row.songplay_id) +
    location(row.location) +
    userAgent(row.user_agent) +
    text(',"song_title":', row.song_title) +
    text(',"artist_name":', row.artist_name) +
    plain(',"song_length":"', row.song_length) +
    plain(',"match_key":"', row.match_key) +
    plain(',"play_hash":"', row.play_hash)
  );
}

const level = repetitive(',"level":');
const firstName = repetitive(',"first_name":');
const lastName = repetitive(',"last_name":');
const gender = repetitive(',"gender":');
const location = repetitive(',"location":');
const userAgent = repetitive(',"user_agent":');

/** A value without characters to escape. NULL is an absent member. */
function plain(before: string, value: string | null): string {
  return value === null ? '' : before + value + '"';
}

function text(before: string, value: string | null): string {
  return value === null ? '' : before + JSON.stringify(value);
}

/** A text that repeats often. */
function repetitive(before: string): (value: string | null) => string {
  const member = remembered((value) => before + JSON.stringify(value));
  return (value) => (value === null ? '' : member(value));
}
