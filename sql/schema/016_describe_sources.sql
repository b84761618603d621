-- Purpose: comments, as in 014_describe_plays.sql: the newest contribution of each file to songs, artists and users, and the lock.
-- Grain:   one text for a table or a column.

comment on table song_sources is 'The live version of each song object. songs, artists and the matches of plays are functions of it. One row for each JSON object of a song file.';
comment on column song_sources.source_id is 'The song file: MD5 of bucket and key. Joins ingest_objects.object_id.';
comment on column song_sources.row_number is 'The number of the song among the objects of its file, from 1.';
comment on column song_sources.bucket is 'Bucket of the file.';
comment on column song_sources.object_key is 'Key of the file.';
comment on column song_sources.etag is 'ETag of the version.';
comment on column song_sources.last_modified is 'When S3 stored the version, UTC, whole seconds.';
comment on column song_sources.song_id is 'As in songs.';
comment on column song_sources.title is 'As in songs.';
comment on column song_sources.artist_id is 'As in songs.';
comment on column song_sources.artist_name is 'artists.name.';
comment on column song_sources.artist_location is 'artists.location.';
comment on column song_sources.artist_latitude is 'artists.latitude.';
comment on column song_sources.artist_longitude is 'artists.longitude.';
comment on column song_sources.year is 'As in songs.';
comment on column song_sources.duration is 'As in songs.';
comment on column song_sources.match_key is 'As in songs.';
comment on column song_sources.batch_id is 'The batch that wrote the row. Joins ingest_batches.batch_id.';
comment on column song_sources.line_number is 'The line of the song in its file, from 1. NULL: a program for tables before version 10 loaded the row.';

comment on table user_sources is 'The newest event of each user in each log file, from which users is computed. One row for each user and file.';
comment on column user_sources.user_id is 'The user. Joins users.user_id.';
comment on column user_sources.event_at is 'Time of the event, UTC.';
comment on column user_sources.session_id is 'Session of the event.';
comment on column user_sources.item_in_session is 'Number of the event in its session.';
comment on column user_sources.first_name is 'As in users.';
comment on column user_sources.last_name is 'As in users.';
comment on column user_sources.gender is 'As in users.';
comment on column user_sources.level is 'As in users.';
comment on column user_sources.object_id is 'The log file. Joins ingest_objects.object_id. NULL: a program for tables before version 10 loaded the event.';
comment on column user_sources.line_number is 'The line of the event in its file, from 1. NULL: when object_id is NULL.';

comment on table ingest_lock_9 is 'Empty. Every publishing transaction locks it first, so that one writes at a time. Readers never touch it.';
comment on column ingest_lock_9.holder is 'Not used: a table needs a column.';
