-- Purpose: comments, as in 014_describe_plays.sql: the other dimensions, and the list of migrations.
-- Grain:   one text for a table or a column.

comment on table songs is 'The catalogue: one row for each song, with the values of its newest song object (last-modified in S3, then key).';
comment on column songs.song_id is 'The song.';
comment on column songs.title is 'Title. NULL: the song object has none.';
comment on column songs.artist_id is 'The artist. Joins artists.artist_id.';
comment on column songs.year is 'Year of release; 0 is what the catalogue writes for an unknown year. NULL: the song object has none.';
comment on column songs.duration is 'Duration in seconds, with five decimals. NULL: the song object has none.';
comment on column songs.match_key is 'MD5 of title, artist name and duration, by which plays find the song. NULL: one of them is NULL.';
comment on column songs.last_modified is 'When S3 stored the song object, UTC, whole seconds.';
comment on column songs.source_id is 'The song file. Joins ingest_objects.object_id.';
comment on column songs.source_row is 'The number of the song among the objects of its file, from 1.';
comment on column songs.line_number is 'The line of the song in its file, from 1. NULL: a program for tables before version 10 loaded the row.';

comment on table artists is 'One row for each artist of the catalogue, with the values of the newest of the artist''s songs (last-modified in S3, then song_id).';
comment on column artists.artist_id is 'The artist.';
comment on column artists.name is 'Name. NULL: the song object has none.';
comment on column artists.location is 'Where the artist comes from, as the catalogue writes it; often an empty text. NULL: the song object has none.';
comment on column artists.latitude is 'Degrees north. NULL: the song object has none.';
comment on column artists.longitude is 'Degrees east. NULL: the song object has none.';
comment on column artists.source_id is 'The song file. Joins ingest_objects.object_id. NULL: a program for tables before version 10 loaded the row.';
comment on column artists.line_number is 'The line of the song in its file, from 1. NULL: when source_id is NULL.';

comment on table time is 'One row for each distinct start_time of a play. A row stays when its plays are removed.';
comment on column time.start_time is 'The time, UTC, with milliseconds.';
comment on column time.hour is 'Hour of the day, UTC, 0 to 23.';
comment on column time.day is 'Day of the month, UTC, 1 to 31.';
comment on column time.week is 'ISO week, 1 to 53: weeks begin on Monday, and the first days of January can belong to week 52 or 53.';
comment on column time.month is 'Month, UTC, 1 to 12.';
comment on column time.year is 'Calendar year, UTC. It is not the ISO year of week.';
comment on column time.weekday is 'Day of the week, UTC: 0 is Sunday, 6 is Saturday.';

comment on table schema_migrations is 'One row for each file of sql/schema that "sparkify migrate" has applied.';
comment on column schema_migrations.number is 'The number of the file; the largest is the version of the tables.';
comment on column schema_migrations.name is 'The name of the file.';
comment on column schema_migrations.checksum is 'SHA-256 of the file, so that a change after its application is found.';
comment on column schema_migrations.applied_at is 'When the migration was committed, UTC.';
