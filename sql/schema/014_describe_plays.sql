-- Purpose: tells in the warehouse what the tables and columns that analysts read mean: plays, users, days of plays. The texts of
--          docs/data-model.md are these comments.
-- Grain:   COMMENT keeps one text for a table or a column. A migration that adds a column or changes a meaning brings its comment.
-- Bound:   a Data API batch has at most 40 statements, four of which "migrate" needs; hence several files.

comment on table songplays is 'The fact table: one row for each NextSong event. All times are UTC.';
comment on column songplays.songplay_id is 'MD5 of session, item, user and time of the play: the same in every reload.';
comment on column songplays.start_time is 'When the play began, UTC, with milliseconds. Joins time.start_time. Filter by it: the table is sorted by it.';
comment on column songplays.user_id is 'Who listened. Joins users.user_id.';
comment on column songplays.level is 'free or paid at the time of the play. NULL: the event did not say.';
comment on column songplays.song_id is 'The song whose title, artist name and duration equal those of the play; of several, the smallest id. Joins songs.song_id. NULL: no song of the catalogue is equal; a song that arrives later fills it in.';
comment on column songplays.artist_id is 'The artist of song_id. Joins artists.artist_id. NULL: when song_id is NULL.';
comment on column songplays.session_id is 'The session of the player. A session can have several users, one after another.';
comment on column songplays.location is 'Where the listener was, as the player sent it. NULL: the event did not say.';
comment on column songplays.user_agent is 'Browser or app, as the player sent it. NULL: the event did not say.';
comment on column songplays.item_in_session is 'The number of the event in its session.';
comment on column songplays.song_title is 'Title of the song, as the player sent it. NULL: the event did not say.';
comment on column songplays.artist_name is 'Name of the artist, as the player sent it. NULL: the event did not say.';
comment on column songplays.song_length is 'Length of the song in seconds, as the player sent it. NULL: the event did not say.';
comment on column songplays.match_key is 'MD5 of title, artist name and length, by which a play and a song find each other. NULL: one of them is NULL, and the play cannot match a song.';
comment on column songplays.batch_id is 'The batch that wrote the row last. Joins ingest_batches.batch_id.';
comment on column songplays.object_id is 'The log file whose live version has exactly these values. Joins ingest_objects.object_id. NULL: a program for tables before version 10 loaded the row.';
comment on column songplays.line_number is 'The line of the event in that file, from 1. NULL: when object_id is NULL.';

comment on table users is 'One row for each user that any event names. The values are those of the newest event of the user, plays and other pages alike.';
comment on column users.user_id is 'The user.';
comment on column users.first_name is 'First name. NULL: the event did not say.';
comment on column users.last_name is 'Last name. NULL: the event did not say.';
comment on column users.gender is 'Gender as the player sent it, such as F or M. NULL: the event did not say.';
comment on column users.level is 'free or paid today. The level at the time of a play is songplays.level. NULL: the event did not say.';
comment on column users.last_event_at is 'Time of the newest event of the user, UTC.';
comment on column users.last_session_id is 'Session of that event; decides between events of the same time.';
comment on column users.last_item_in_session is 'Number of that event in its session; decides between events of the same session and time.';
comment on column users.object_id is 'The log file whose live version has the event. Joins ingest_objects.object_id. NULL: a program for tables before version 10 loaded the row.';
comment on column users.line_number is 'The line of the event in that file, from 1. NULL: when object_id is NULL.';

comment on table play_keys is 'Since when and until when plays of a title were heard, so that a late song repairs only the plays of these days. For the service, not for analysts.';
comment on column play_keys.key_prefix is 'The first twelve digits of songplays.match_key.';
comment on column play_keys.first_day is 'The first day (UTC) with a play of the title, or an earlier one.';
comment on column play_keys.last_day is 'The last day (UTC) with a play of the title, or a later one.';
