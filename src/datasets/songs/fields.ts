import { degrees, identifier, seconds, varchar, year } from '../column-types.ts';
import type { ColumnType } from '../column-types.ts';
import type { Field } from '../field.ts';

/** What is kept of a song object. Its keys are the columns' names. */
export const SONG_FIELDS = [
  required('song_id', identifier(64)),
  required('artist_id', identifier(64)),
  optional('title', varchar(1024)),
  optional('artist_name', varchar(1024)),
  optional('artist_location', varchar(1024)),
  optional('duration', seconds),
  optional('year', year),
  optional('artist_latitude', degrees),
  optional('artist_longitude', degrees),
];

function required<const Column extends string>(column: Column, type: ColumnType): Field & { column: Column } {
  return { key: column, column, type, isRequired: true, isRepetitive: false };
}

function optional<const Column extends string>(column: Column, type: ColumnType): Field & { column: Column } {
  return { key: column, column, type, isRequired: false, isRepetitive: false };
}
