import type { JsonObject } from '../../core/json-object.ts';
import { tokenText } from '../../core/token-text.ts';
import { isBlank, isMisfit } from '../column-types.ts';
import { fieldReader } from '../field.ts';
import type { Rejected } from '../field.ts';
import { createKeyFinder } from '../find-keys.ts';
import { matchKey } from '../hashes.ts';
import { IDENTITY_FIELDS, PAGE, PLAY_FIELDS, PLAY_PAGE, USER_FIELDS } from './fields.ts';
import type { LogKey } from './fields.ts';
import { playHash, songplayId, userHash } from './hashes.ts';
import type { LogValues } from './hashes.ts';

/** What becomes of one event. `not_kept`: another page than NextSong that names no user. */
export type JudgedEvent = { readonly kind: 'event'; readonly row: LogRow } | Rejected | { readonly kind: 'not_kept' };

/** A row of log staging, every value as text; `null` is NULL. What an event is not used for is `null`. */
export type LogRow = {
  /** `1` or `0`. */
  readonly is_play: string;
  readonly songplay_id: string | null;
  /** Epoch milliseconds. */
  readonly start_time_ms: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly item_in_session: string;
  readonly level: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly gender: string | null;
  readonly location: string | null;
  readonly user_agent: string | null;
  readonly song_title: string | null;
  readonly artist_name: string | null;
  /** Seconds with exactly five decimals. */
  readonly song_length: string | null;
  readonly match_key: string | null;
  readonly play_hash: string | null;
  readonly user_hash: string;
};

/** The key under which the files have each key of `LOG_KEYS`; any two of the values differ in more than case. */
export type LogKeyNames = Readonly<Record<LogKey, string>>;

const FIELDS_OF_OTHERS = [...IDENTITY_FIELDS, ...USER_FIELDS];
const FIELDS_OF_PLAYS = [...FIELDS_OF_OTHERS, ...PLAY_FIELDS];
/** Where a column stands among the fields of plays, of which those of others are the beginning. */
const AT = Object.fromEntries(FIELDS_OF_PLAYS.map(({ column }, at) => [column, at])) as Record<Column, number>;
type Column = (typeof FIELDS_OF_PLAYS)[number]['column'];

const LOOKED_UP = [...FIELDS_OF_PLAYS, PAGE];
const PAGE_AT = LOOKED_UP.indexOf(PAGE);

const NOT_KEPT: JudgedEvent = { kind: 'not_kept' };

/**
 * Judges events of log files. Only the values that the model uses are checked: all values of a play, the identity and the user
 * of another event that names a user, the page of any other event. The first field that does not fit is the reason of a
 * rejection, in the order of the description.
 *
 * @param keyNames from a JSONPaths file; without one the keys are those of `LOG_KEYS`.
 */
export function createLogJudge(keyNames?: LogKeyNames): (object: JsonObject) => JudgedEvent {
  const findKeys = createKeyFinder(LOOKED_UP.map(({ key }) => keyNames?.[key] ?? key));
  const readPage = fieldReader(PAGE);
  const ofPlays = FIELDS_OF_PLAYS.map((field) => ({ column: field.column, read: fieldReader(field) }));
  const ofOthers = ofPlays.slice(0, FIELDS_OF_OTHERS.length);
  return (object) => {
    const found = findKeys(object);
    const token = (at: number): string | undefined => object.tokens[found[at] ?? -1];
    const page = readPage(token(PAGE_AT));
    if (isMisfit(page)) return { kind: 'rejected', column: PAGE.column, reason: page.reason };
    const isPlay = page === PLAY_PAGE;
    if (!isPlay && !namesUser(token(AT.user_id))) return NOT_KEPT;

    const values: (string | null)[] = [];
    for (const { column, read } of isPlay ? ofPlays : ofOthers) {
      const value = read(token(values.length));
      if (isMisfit(value)) return { kind: 'rejected', column, reason: value.reason };
      values.push(value);
    }
    return { kind: 'event', row: logRow(isPlay, logValues(values)) };
  };
}

function namesUser(token: string | undefined): boolean {
  const text = token === undefined ? null : tokenText(token);
  return typeof text === 'string' ? !isBlank(text) : text !== null;
}

function logValues(values: readonly (string | null)[]): LogValues {
  return {
    // Required: the event would have been rejected without them.
    ts: values[AT.ts] ?? '',
    user_id: values[AT.user_id] ?? '',
    session_id: values[AT.session_id] ?? '',
    item_in_session: values[AT.item_in_session] ?? '',
    level: values[AT.level] ?? null,
    gender: values[AT.gender] ?? null,
    first_name: values[AT.first_name] ?? null,
    last_name: values[AT.last_name] ?? null,
    song_length: values[AT.song_length] ?? null,
    location: values[AT.location] ?? null,
    user_agent: values[AT.user_agent] ?? null,
    song_title: values[AT.song_title] ?? null,
    artist_name: values[AT.artist_name] ?? null,
  };
}

function logRow(isPlay: boolean, values: LogValues): LogRow {
  return {
    is_play: isPlay ? '1' : '0',
    songplay_id: isPlay ? songplayId(values) : null,
    start_time_ms: values.ts,
    user_id: values.user_id,
    session_id: values.session_id,
    item_in_session: values.item_in_session,
    level: values.level,
    first_name: values.first_name,
    last_name: values.last_name,
    gender: values.gender,
    location: values.location,
    user_agent: values.user_agent,
    song_title: values.song_title,
    artist_name: values.artist_name,
    song_length: values.song_length,
    match_key: isPlay ? matchKey(values.song_title, values.artist_name, values.song_length) : null,
    play_hash: isPlay ? playHash(values) : null,
    user_hash: userHash(values),
  };
}
