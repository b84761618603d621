import { bigint, comparedName, epochMs, integer, seconds, varchar } from '../column-types.ts';
import type { ColumnType } from '../column-types.ts';
import type { Field } from '../field.ts';

/** The keys of an event as Sparkify's players write them, in the order of the JSONPaths file. */
export const LOG_KEYS = [
  'artist',
  'auth',
  'firstName',
  'gender',
  'itemInSession',
  'lastName',
  'length',
  'level',
  'location',
  'method',
  'page',
  'registration',
  'sessionId',
  'song',
  'status',
  'ts',
  'userAgent',
  'userId',
] as const;

export type LogKey = (typeof LOG_KEYS)[number];

type LogField<Column extends string> = Field & { readonly key: LogKey; readonly column: Column };

/** Which kind of event it is: a play when the page is NextSong. */
export const PAGE = { ...required('page', 'page', comparedName), isRepetitive: true };
export const PLAY_PAGE = 'NextSong';

/** Together they identify a play, and order the events of a user. */
export const IDENTITY_FIELDS = [
  required('ts', 'ts', epochMs),
  required('userId', 'user_id', bigint),
  required('sessionId', 'session_id', bigint),
  required('itemInSession', 'item_in_session', integer),
];

/** What every event tells about its user. */
export const USER_FIELDS = [
  repetitive('level', 'level', varchar(16)),
  repetitive('gender', 'gender', varchar(16)),
  repetitive('firstName', 'first_name', varchar(256)),
  repetitive('lastName', 'last_name', varchar(256)),
];

/** What only a play is asked for, beside the level. */
export const PLAY_FIELDS = [
  optional('length', 'song_length', seconds),
  repetitive('location', 'location', varchar(512)),
  repetitive('userAgent', 'user_agent', varchar(2048)),
  optional('song', 'song_title', varchar(1024)),
  optional('artist', 'artist_name', varchar(1024)),
];

function required<const Column extends string>(key: LogKey, column: Column, type: ColumnType): LogField<Column> {
  return { key, column, type, isRequired: true, isRepetitive: false };
}

function optional<const Column extends string>(key: LogKey, column: Column, type: ColumnType): LogField<Column> {
  return { key, column, type, isRequired: false, isRepetitive: false };
}

function repetitive<const Column extends string>(key: LogKey, column: Column, type: ColumnType): LogField<Column> {
  return { key, column, type, isRequired: false, isRepetitive: true };
}
