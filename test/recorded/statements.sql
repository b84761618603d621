-- Every statement that the commands send, each transaction once.
-- Written by `npx vitest run test/recorded/statements.test.ts --update`.

-- transaction 1: sparkify migrate

create schema if not exists "sparkify";

set search_path to "sparkify";

create table if not exists schema_migrations (
  number integer not null,
  name varchar(127) not null,
  checksum char(64) not null,
  applied_at timestamp not null,
  primary key (number)
)
diststyle all
sortkey (number);

-- transaction 2: sparkify migrate

set search_path to "sparkify";

select number, name, checksum
from schema_migrations
order by number;

-- transaction 3: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 1;

create table ingest_lock (
  holder varchar(60)
)
diststyle all;

create table ingest_batches (
  batch_id varchar(60) not null encode zstd,
  dataset varchar(16) not null encode zstd,
  source varchar(16) not null encode zstd,
  close_reason varchar(16) not null encode zstd,
  files integer not null encode az64,
  bytes bigint not null encode az64,
  rows_staged bigint not null encode az64,
  rows_rejected bigint not null encode az64,
  rows_inserted bigint not null encode az64,
  rows_updated bigint not null encode az64,
  rows_repaired bigint not null encode az64,
  opened_at timestamp not null encode az64,
  closed_at timestamp not null encode az64,
  known_at timestamp encode az64,
  staged_at timestamp encode az64,
  published_at timestamp not null encode raw,
  consumer varchar(256) not null encode zstd,
  manifest_uri varchar(1200) encode zstd,
  query_ids varchar(1024) encode zstd,
  primary key (batch_id)
)
diststyle even
compound sortkey (published_at);

create table ingest_files (
  file_id char(32) not null encode raw,
  object_id char(32) not null encode raw,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  etag varchar(80) not null encode zstd,
  version_id varchar(1024) encode zstd,
  sequencer varchar(64) encode zstd,
  size bigint not null encode az64,
  event_time timestamp not null encode raw,
  last_modified timestamp encode az64,
  dataset varchar(16) not null encode zstd,
  status varchar(16) not null encode zstd,
  batch_id varchar(60) not null encode zstd,
  attempts integer not null encode az64,
  error_code varchar(40) encode zstd,
  reason varchar(1024) encode zstd,
  line_number bigint encode az64,
  column_name varchar(127) encode zstd,
  first_seen_at timestamp not null encode az64,
  settled_at timestamp not null encode az64,
  primary key (file_id)
)
diststyle key
distkey (object_id)
compound sortkey (event_time);

create table rejected_rows (
  rejected_id char(32) not null encode raw,
  batch_id varchar(60) not null encode zstd,
  dataset varchar(16) not null encode zstd,
  bucket varchar(63) encode zstd,
  object_key varchar(1024) encode zstd,
  line_number bigint encode az64,
  row_text varchar(65535) encode zstd,
  column_name varchar(127) not null encode zstd,
  reason varchar(1024) not null encode zstd,
  rejected_at timestamp not null encode raw,
  primary key (rejected_id)
)
diststyle even
compound sortkey (rejected_at);

insert into schema_migrations (number, name, checksum, applied_at)
values (1, '001_bookkeeping.sql', '7814c498131a377b2f9cedc71f98c078b3447239ce5baaaea28d82230dc788da', getdate());

-- transaction 4: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 2;

create table songplays (
  songplay_id char(32) not null encode raw,
  start_time timestamp not null encode raw,
  user_id bigint not null encode az64,
  level varchar(16) encode zstd,
  song_id varchar(64) encode zstd,
  artist_id varchar(64) encode zstd,
  session_id bigint not null encode az64,
  location varchar(512) encode zstd,
  user_agent varchar(2048) encode zstd,

  item_in_session integer not null encode az64,
  song_title varchar(1024) encode zstd,
  artist_name varchar(1024) encode zstd,
  song_length decimal(10, 5) encode az64,
  match_key char(32) encode raw,
  batch_id varchar(60) not null encode zstd
)
diststyle key
distkey (match_key)
compound sortkey (start_time);

create table users (
  user_id bigint not null encode raw,
  first_name varchar(256) encode zstd,
  last_name varchar(256) encode zstd,
  gender varchar(16) encode zstd,
  level varchar(16) encode zstd,

  last_event_at timestamp not null encode az64,
  last_session_id bigint not null encode az64,
  last_item_in_session integer not null encode az64,
  primary key (user_id)
)
diststyle all
compound sortkey (user_id);

create table songs (
  song_id varchar(64) not null encode zstd,
  title varchar(1024) encode zstd,
  artist_id varchar(64) not null encode zstd,
  year integer encode az64,
  duration decimal(10, 5) encode az64,

  match_key char(32) encode raw,
  last_modified timestamp not null encode az64,
  source_id char(32) not null encode raw,
  source_row integer not null encode az64,
  primary key (song_id)
)
diststyle all
compound sortkey (match_key);

create table artists (
  artist_id varchar(64) not null encode raw,
  name varchar(1024) encode zstd,
  location varchar(1024) encode zstd,
  latitude double precision encode zstd,
  longitude double precision encode zstd,
  primary key (artist_id)
)
diststyle all
compound sortkey (artist_id);

create table time (
  start_time timestamp not null encode raw,
  hour smallint not null encode az64,
  day smallint not null encode az64,
  week smallint not null encode az64,
  month smallint not null encode az64,
  year smallint not null encode az64,
  weekday smallint not null encode az64,
  primary key (start_time)
)
diststyle auto
compound sortkey (start_time);

insert into schema_migrations (number, name, checksum, applied_at)
values (2, '002_star.sql', 'b67188e8acf13a94270ff164450bec2bf4943af1102f77053d49f032d1789518', getdate());

-- transaction 5: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 3;

create table song_sources (
  source_id char(32) not null encode raw,
  row_number integer not null encode az64,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  etag varchar(80) not null encode zstd,
  last_modified timestamp not null encode az64,
  sequencer varchar(64) not null encode zstd,
  song_id varchar(64) encode raw,
  title varchar(1024) encode zstd,
  artist_id varchar(64) encode zstd,
  artist_name varchar(1024) encode zstd,
  artist_location varchar(1024) encode zstd,
  artist_latitude double precision encode zstd,
  artist_longitude double precision encode zstd,
  year integer encode az64,
  duration decimal(10, 5) encode az64,
  match_key char(32) encode raw,
  batch_id varchar(60) not null encode zstd,
  primary key (source_id, row_number)
)
diststyle key
distkey (artist_id)
compound sortkey (song_id);

insert into schema_migrations (number, name, checksum, applied_at)
values (3, '003_song_sources.sql', '6eea40630cc94b2e3883985737425b8686a3f06864ed52396accd163ab4e510f', getdate());

-- transaction 6: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 4;

drop table ingest_lock;

create table ingest_lock_4 (
  holder varchar(60)
)
diststyle all;

insert into schema_migrations (number, name, checksum, applied_at)
values (4, '004_fence.sql', 'de4076f025aab38fceb54d15f9c94e3259b0cfdbb2b01bba17e46b7b465b3f99', getdate());

-- transaction 7: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 5;

create table play_keys (
  key_prefix char(12) not null encode raw,
  first_day date not null encode az64,
  last_day date not null encode az64,
  primary key (key_prefix)
)
diststyle key
distkey (key_prefix)
compound sortkey (key_prefix);

insert into play_keys (key_prefix, first_day, last_day)
select left(p.match_key, 12)::char(12), min(p.start_time)::date, max(p.start_time)::date
from songplays p
where p.match_key is not null
group by left(p.match_key, 12)::char(12);

insert into schema_migrations (number, name, checksum, applied_at)
values (5, '005_play_keys.sql', '1ec68848ab70c19899d0fef6c81335fb0eeaa629d7cd3d8057d4d2c95cf690cc', getdate());

-- transaction 8: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 6;

alter table ingest_files drop constraint ingest_files_pkey;

insert into schema_migrations (number, name, checksum, applied_at)
values (6, '006_ledger_key.sql', '6df123289b045dc8cd27a3a74562946ef1bcbfd714f8f76b397ec2eb95a57f80', getdate());

-- transaction 9: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 7;

alter table ingest_batches add column read_at timestamp encode az64;

alter table users alter diststyle even;

alter table users alter diststyle key distkey user_id;

insert into schema_migrations (number, name, checksum, applied_at)
values (7, '007_cheap_batches.sql', '584970695c484c19bc10efccc2187831712ba550e4eeb7b543376caf169df60b', getdate());

-- transaction 10: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 8;

alter table ingest_batches add column rested_ms bigint default 0 encode az64 not null;

insert into schema_migrations (number, name, checksum, applied_at)
values (8, '008_rest.sql', '50ac35c9a474cf327eb50dde5f23df8546a7aa80bb7148ffea8cc26a461f6dd8', getdate());

-- transaction 11: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 9;

drop table ingest_lock_4;

create table ingest_lock_9 (
  holder varchar(60)
)
diststyle all;

insert into schema_migrations (number, name, checksum, applied_at)
values (9, '009_fence.sql', '12b6126e85974d8773ccdad264cd4a1dc71749a7400acdf20ff3df780f2832de', getdate());

-- transaction 12: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 10;

alter table songplays add column object_id char(32) encode zstd;

alter table songplays add column line_number bigint encode az64;

alter table users add column object_id char(32) encode zstd;

alter table users add column line_number bigint encode az64;

alter table songs add column line_number bigint encode az64;

alter table artists add column source_id char(32) encode zstd;

alter table artists add column line_number bigint encode az64;

alter table song_sources add column line_number bigint encode az64;

alter table rejected_rows add column file_id char(32) encode zstd;

alter table ingest_batches add column rows_removed bigint default 0 encode az64 not null;

create table ingest_objects (
  object_id char(32) not null encode raw,
  dataset varchar(16) not null encode zstd,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  etag varchar(80) not null encode zstd,
  last_modified timestamp not null encode az64,
  status varchar(16) not null encode zstd,
  rows_kept bigint not null encode az64,
  rows_sum decimal(38, 0) encode az64,
  first_event_at timestamp encode az64,
  last_event_at timestamp encode az64,
  batch_id varchar(60) not null encode zstd,
  primary key (object_id)
)
diststyle key
distkey (object_id)
compound sortkey (object_id);

create table play_rivals (
  songplay_id char(32) not null encode raw,
  start_time timestamp not null encode raw,
  user_id bigint not null encode az64,
  level varchar(16) encode zstd,
  session_id bigint not null encode az64,
  location varchar(512) encode zstd,
  user_agent varchar(2048) encode zstd,
  item_in_session integer not null encode az64,
  song_title varchar(1024) encode zstd,
  artist_name varchar(1024) encode zstd,
  song_length decimal(10, 5) encode az64,
  match_key char(32) encode raw,
  object_id char(32) not null encode zstd,
  line_number bigint not null encode az64,
  batch_id varchar(60) not null encode zstd
)
diststyle key
distkey (match_key)
compound sortkey (start_time);

create table user_sources (
  user_id bigint not null encode raw,
  event_at timestamp not null encode raw,
  session_id bigint not null encode az64,
  item_in_session integer not null encode az64,
  first_name varchar(256) encode zstd,
  last_name varchar(256) encode zstd,
  gender varchar(16) encode zstd,
  level varchar(16) encode zstd,
  object_id char(32) encode zstd,
  line_number bigint encode az64
)
diststyle key
distkey (user_id)
compound sortkey (event_at);

insert into user_sources (user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level)
select u.user_id, u.last_event_at, u.last_session_id, u.last_item_in_session, u.first_name, u.last_name, u.gender, u.level
from users u;

insert into ingest_objects (object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, batch_id)
select k.source_id, 'songs', max(k.bucket), max(k.object_key), max(k.etag), max(k.last_modified), 'live', count(k.song_id), max(k.batch_id)
from song_sources k
group by k.source_id;

delete from song_sources
where song_id is null;

alter table song_sources drop column sequencer;

insert into schema_migrations (number, name, checksum, applied_at)
values (10, '010_lineage.sql', 'eb54714ec8f492ff6f33a2f3efc48b39fb75e3c3e638e4e9d1857e4f916e6057', getdate());

-- transaction 13: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 11;

alter table ingest_batches add column objects_removed bigint default 0 encode az64 not null;

insert into schema_migrations (number, name, checksum, applied_at)
values (11, '011_removals.sql', '5deb8ec0141aa2efd7266543591f3995f90b21adf3cf466c3f5a7dd3f0517198', getdate());

-- transaction 14: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 12;

alter table ingest_batches add column objects_added bigint default 0 encode az64 not null;

create table ingest_open (
  object_id char(32) not null encode raw,
  dataset varchar(16) not null encode zstd,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  status varchar(16) not null encode zstd,
  error_code varchar(40) encode zstd,
  reason varchar(1024) encode zstd,
  rows_rejected bigint not null encode az64,
  batch_id varchar(60) not null encode zstd,
  settled_at timestamp not null encode az64,
  primary key (object_id)
)
diststyle key
distkey (object_id)
compound sortkey (object_id);

update ingest_batches
set objects_added = o.objects
from (
  select i.batch_id, count(*) as objects
  from ingest_objects i
  where i.status = 'live'
  group by i.batch_id
) o
where ingest_batches.batch_id = o.batch_id;

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, f.dataset, f.bucket, f.object_key, f.status, f.error_code, f.reason, coalesce(r.rejected, 0), f.batch_id,
  f.settled_at
from (
  select
    e.object_id, e.dataset, e.bucket, e.object_key, e.file_id, e.status, e.error_code, e.reason, e.batch_id, e.settled_at,
    row_number() over (partition by e.object_id order by e.settled_at desc, e.event_time desc, e.file_id) as preference
  from ingest_files e
  where e.status in ('loaded', 'quarantined', 'removed')
) f
left join (
  select j.file_id, count(*) as rejected
  from rejected_rows j
  where j.file_id is not null
  group by j.file_id
) r on r.file_id = f.file_id
where f.preference = 1
  and (f.status = 'quarantined' or (f.status = 'loaded' and r.rejected > 0));

insert into schema_migrations (number, name, checksum, applied_at)
values (12, '012_totals.sql', 'a51a998223f4454992b796846862dd4c1a4b1aa9d304fbde56c4d285b66987b6', getdate());

-- transaction 15: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 14;

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

insert into schema_migrations (number, name, checksum, applied_at)
values (14, '014_describe_plays.sql', 'db3af1415da2a661bc020438a99c7b33d5c1481f72f70e217b97e698badf12ba', getdate());

-- transaction 16: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 15;

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

insert into schema_migrations (number, name, checksum, applied_at)
values (15, '015_describe_songs.sql', 'c3a4a0ad9815b862aec89fa3bebcd93fad016d53a128d30bcf83e79b033d9112', getdate());

-- transaction 17: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 16;

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

insert into schema_migrations (number, name, checksum, applied_at)
values (16, '016_describe_sources.sql', '01e768cd9ff9a7a0283d3d7a31d2489de7f784b9dde499b489e0fd2a05c089aa', getdate());

-- transaction 18: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 17;

comment on table play_rivals is 'Plays that another file has, too: songplays has the row of the newest file, and this table the others. One row for each play and file. Empty while no event is in two files.';

comment on column play_rivals.songplay_id is 'The play. Joins songplays.songplay_id.';

comment on column play_rivals.start_time is 'As in songplays. Filter by it: the table is sorted by it.';

comment on column play_rivals.user_id is 'As in songplays.';

comment on column play_rivals.level is 'As in songplays, by this file.';

comment on column play_rivals.session_id is 'As in songplays.';

comment on column play_rivals.location is 'As in songplays, by this file.';

comment on column play_rivals.user_agent is 'As in songplays, by this file.';

comment on column play_rivals.item_in_session is 'As in songplays.';

comment on column play_rivals.song_title is 'As in songplays, by this file.';

comment on column play_rivals.artist_name is 'As in songplays, by this file.';

comment on column play_rivals.song_length is 'As in songplays, by this file.';

comment on column play_rivals.match_key is 'As in songplays, by this file.';

comment on column play_rivals.object_id is 'The log file. Joins ingest_objects.object_id.';

comment on column play_rivals.line_number is 'The line of the event in its file, from 1.';

comment on column play_rivals.batch_id is 'The batch that wrote the row. Joins ingest_batches.batch_id.';

comment on table rejected_rows is 'JSON objects that did not fit, with their text and the reason. One row for each place and content. SPARKIFY_REJECTED_ROWS_MAX limits the rows of a batch; ingest_batches.rows_rejected counts all. A row stays after its file was repaired.';

comment on column rejected_rows.rejected_id is 'MD5 of file, place and content: reading the file again adds nothing.';

comment on column rejected_rows.batch_id is 'The batch that read the row first. Joins ingest_batches.batch_id.';

comment on column rejected_rows.dataset is 'logs or songs.';

comment on column rejected_rows.bucket is 'Bucket of the file. NULL: a program for tables before version 10 did not find the file.';

comment on column rejected_rows.object_key is 'Key of the file. NULL: when bucket is NULL.';

comment on column rejected_rows.line_number is 'The line of the row in its file, from 1. NULL: when bucket is NULL.';

comment on column rejected_rows.row_text is 'The text of the row, at most 65,535 bytes. NULL: not known.';

comment on column rejected_rows.column_name is 'The column whose value is the reason; json when the text is not a JSON object.';

comment on column rejected_rows.reason is 'Why the value does not fit; column and reason form a sentence.';

comment on column rejected_rows.rejected_at is 'When the row was rejected, UTC. The table is sorted by it.';

comment on column rejected_rows.file_id is 'The version of the file. Joins ingest_files.file_id. NULL: a program for tables before version 10 rejected the row.';

insert into schema_migrations (number, name, checksum, applied_at)
values (17, '017_describe_rows_kept_aside.sql', '1c9635993a171a5d95d9f966889da0ffa13aef310a8d6e90454310a8782f235e', getdate());

-- transaction 19: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 18;

comment on table ingest_files is 'The ledger: one row for each version of an object that was announced, with its fate. A version that was announced under two times can have two rows.';

comment on column ingest_files.file_id is 'The version: MD5 of bucket, key, ETag, version id and sequencer of the notification.';

comment on column ingest_files.object_id is 'The object: MD5 of bucket and key. Joins ingest_objects.object_id.';

comment on column ingest_files.bucket is 'Bucket of the object.';

comment on column ingest_files.object_key is 'Key of the object.';

comment on column ingest_files.etag is 'ETag of the version that S3 delivered, or else the one of the notification.';

comment on column ingest_files.version_id is 'S3 version id of the notification. NULL: the bucket is not versioned, or a listing found the object.';

comment on column ingest_files.sequencer is 'Sequencer of the notification. Empty or NULL: a listing found the object.';

comment on column ingest_files.size is 'Bytes of the object as S3 stores it.';

comment on column ingest_files.event_time is 'When the object changed, by the notification, or last-modified in a listing; UTC. Filter by it: the table is sorted by it.';

comment on column ingest_files.last_modified is 'When S3 stored the version that was read, UTC. NULL: S3 delivered no version.';

comment on column ingest_files.dataset is 'logs, songs or ignored.';

comment on column ingest_files.status is 'loaded: rows are in the tables, or the version was the live one at an earlier notice. quarantined: unreadable, see error_code. missing: gone before it was read. ignored: outside the datasets. superseded: a replaced or removed version. removed: deleted with SPARKIFY_ON_DELETE=remove, or retracted by a person.';

comment on column ingest_files.batch_id is 'The batch that settled the version last. Joins ingest_batches.batch_id.';

comment on column ingest_files.attempts is 'How many batches settled the version: 1, and more after repairs.';

comment on column ingest_files.error_code is 'Why the version is quarantined, as a word: docs/errors.md. NULL: nothing is wrong.';

comment on column ingest_files.reason is 'The same as a sentence, with the remedy; or why the object is ignored or missing. NULL: nothing to say.';

comment on column ingest_files.line_number is 'The line of the error. NULL: today always; rejected_rows has lines.';

comment on column ingest_files.column_name is 'The column of the error. NULL: today always; rejected_rows has columns.';

comment on column ingest_files.first_seen_at is 'When the version was first settled, UTC.';

comment on column ingest_files.settled_at is 'When the version was last settled, UTC.';

comment on table ingest_objects is 'One row for each object whose rows are or were in the tables, in the version that is live: the version of the last look.';

comment on column ingest_objects.object_id is 'The object: MD5 of bucket and key.';

comment on column ingest_objects.dataset is 'logs or songs.';

comment on column ingest_objects.bucket is 'Bucket of the object.';

comment on column ingest_objects.object_key is 'Key of the object.';

comment on column ingest_objects.etag is 'ETag of the live version.';

comment on column ingest_objects.last_modified is 'When S3 stored the live version, UTC, whole seconds.';

comment on column ingest_objects.status is 'live: its rows are in the tables. removed: the object is gone and its rows were removed. retracted: a person removed the rows of this version, and it is not loaded again.';

comment on column ingest_objects.rows_kept is 'Rows of the version in the tables, play_rivals and user_sources; of a song object, in song_sources.';

comment on column ingest_objects.rows_sum is 'A checksum of these rows. NULL: the object is a song object.';

comment on column ingest_objects.first_event_at is 'Time of the first of these rows, UTC. NULL: no row, or a song object.';

comment on column ingest_objects.last_event_at is 'Time of the last of these rows, UTC. NULL: no row, or a song object.';

comment on column ingest_objects.batch_id is 'The batch that looked at the object last. Joins ingest_batches.batch_id.';

insert into schema_migrations (number, name, checksum, applied_at)
values (18, '018_describe_files.sql', '4e2028bfb78f59c794cdcedd6229773dd12efc7b5bb853a2295fcaad7a4d4087', getdate());

-- transaction 20: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 19;

comment on table ingest_batches is 'One row for each committed batch, written in the transaction that published its rows. All times are UTC.';

comment on column ingest_batches.batch_id is 'The batch; begins with the time at which it was opened.';

comment on column ingest_batches.dataset is 'logs, songs or ignored.';

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, replay or retract.';

comment on column ingest_batches.close_reason is 'Why the batch closed: idle, count, bytes, age or drain.';

comment on column ingest_batches.files is 'File events in the batch.';

comment on column ingest_batches.bytes is 'Bytes of the files as S3 stores them.';

comment on column ingest_batches.rows_staged is 'Rows that the files of the batch gave.';

comment on column ingest_batches.rows_rejected is 'Rows that did not fit. rejected_rows has a part of them when there are many.';

comment on column ingest_batches.rows_inserted is 'New rows in songplays and users, or in songs and artists.';

comment on column ingest_batches.rows_updated is 'Changed rows of these tables.';

comment on column ingest_batches.rows_repaired is 'Plays whose song_id and artist_id changed, because a song came, changed or went.';

comment on column ingest_batches.opened_at is 'When the first file event came into the batch.';

comment on column ingest_batches.closed_at is 'When the batch closed.';

comment on column ingest_batches.known_at is 'When a backfill knew which files are settled already. NULL: the batch did not ask.';

comment on column ingest_batches.staged_at is 'When the rows were staged in the warehouse. NULL: not known.';

comment on column ingest_batches.published_at is 'When the rows were published. The table is sorted by it.';

comment on column ingest_batches.consumer is 'The process that loaded the batch.';

comment on column ingest_batches.manifest_uri is 'The manifest of the load in S3. NULL: no file was read.';

comment on column ingest_batches.query_ids is 'Query ids of the warehouse, for its system views. NULL: none is known.';

comment on column ingest_batches.read_at is 'When the files were read. NULL: a program for tables before version 7 loaded the batch.';

comment on column ingest_batches.rested_ms is 'Milliseconds that the batch waited for the rest after earlier loads; 0: none.';

comment on column ingest_batches.rows_removed is 'Rows that went, because a file was replaced, deleted or retracted.';

insert into schema_migrations (number, name, checksum, applied_at)
values (19, '019_describe_batches.sql', 'fdadb7f0c6b3622defd65aeb1c1e50a671110f1c590e43be224a8d182142b720', getdate());

-- transaction 21: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 20;

comment on column ingest_batches.objects_removed is 'Deleted objects of the batch that had rows; 0 for a retraction, which a person asked for.';

comment on column ingest_batches.objects_added is 'Live objects after the batch minus live objects before; the sum over all batches is the number of live objects in ingest_objects.';

comment on table ingest_open is 'One row for each object that a person still has to look at: quarantined, or with rejected rows at the last look. The next look that finds nothing deletes the row.';

comment on column ingest_open.object_id is 'The object: MD5 of bucket and key. Joins ingest_objects.object_id.';

comment on column ingest_open.dataset is 'logs or songs.';

comment on column ingest_open.bucket is 'Bucket of the object.';

comment on column ingest_open.object_key is 'Key of the object.';

comment on column ingest_open.status is 'quarantined or loaded, as in ingest_files.';

comment on column ingest_open.error_code is 'Why the object is quarantined, as a word: docs/errors.md. NULL: it is loaded.';

comment on column ingest_open.reason is 'The same as a sentence, with the remedy. NULL: the object is loaded.';

comment on column ingest_open.rows_rejected is 'Rejected rows of the version of the last look.';

comment on column ingest_open.batch_id is 'The batch that looked at the object last. Joins ingest_batches.batch_id.';

comment on column ingest_open.settled_at is 'When that batch settled the object, UTC.';

insert into schema_migrations (number, name, checksum, applied_at)
values (20, '020_describe_open.sql', '62d139aa506ad252b60d817174c2fbe2c164328a7318f4423c860969a7176820', getdate());

-- transaction 22: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 23;

create table ingest_totals (
  dataset varchar(16) not null encode zstd,
  batches bigint not null encode az64,
  objects bigint not null encode az64,
  rows_now bigint not null encode az64,
  rows_rejected bigint not null encode az64,
  last_published_at timestamp encode az64,
  totalled_until timestamp not null encode az64
)
diststyle all;

insert into ingest_totals (dataset, batches, objects, rows_now, rows_rejected, last_published_at, totalled_until)
select
  d.dataset,
  count(b.batch_id),
  coalesce(sum(b.objects_added), 0),
  coalesce(sum(b.rows_inserted - b.rows_removed), 0),
  coalesce(sum(b.rows_rejected), 0),
  max(b.published_at),
  date_trunc('hour', dateadd(hour, -1, getdate()))
from (
  select 'logs' as dataset
  union all
  select 'songs' as dataset
  union all
  select 'ignored' as dataset
) d
left join ingest_batches b
  on b.dataset = d.dataset
  and b.published_at < date_trunc('hour', dateadd(hour, -1, getdate()))
group by d.dataset;

comment on table ingest_totals is 'One row for each dataset: the sums over its batches before totalled_until. Add the newer batches of ingest_batches to them.';

comment on column ingest_totals.dataset is 'logs, songs or ignored.';

comment on column ingest_totals.batches is 'Batches.';

comment on column ingest_totals.objects is 'Live objects: the sum of ingest_batches.objects_added.';

comment on column ingest_totals.rows_now is 'Rows that the batches inserted, without the rows that batches removed.';

comment on column ingest_totals.rows_rejected is 'Rows that did not fit.';

comment on column ingest_totals.last_published_at is 'When the newest of these batches was published, UTC. NULL: there is none.';

comment on column ingest_totals.totalled_until is 'The batches published before this time are in the sums, UTC.';

insert into schema_migrations (number, name, checksum, applied_at)
values (23, '023_running_totals.sql', '73e15a7e9bf2d6157d00b982bbc41e2148be1aa8f337eac14fabdd14f643debb', getdate());

-- transaction 23: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 25;

alter table ingest_batches add column operator varchar(128) encode zstd;

alter table ingest_batches add column action varchar(16) encode zstd;

alter table ingest_batches add column why varchar(1024) encode zstd;

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, replay, or operator (a person, by a command).';

comment on column ingest_batches.operator is 'Who asked for a batch of source operator: SPARKIFY_OPERATOR, or the name of the session of AWS. A claim: CloudTrail has the evidence. NULL: another source.';

comment on column ingest_batches.action is 'What the person asked for: retract or reload. NULL: another source.';

comment on column ingest_batches.why is 'The reason that the person gave. NULL: none.';

insert into schema_migrations (number, name, checksum, applied_at)
values (25, '025_operators.sql', '1f97ee2babfa09b60625307a6ebe4ff0f859b2463eb6b64bd157767d63634da2', getdate());

-- transaction 24: sparkify migrate

lock "sparkify".schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = 26;

comment on column ingest_batches.source is 'Who made the batch: live (a consumer), backfill, or operator (a person, by a command).';

comment on column ingest_batches.known_at is 'NULL: programs for tables before version 26 wrote when a backfill knew which files are settled already.';

comment on table time is 'One row for each distinct start_time of a play. The row goes with the last of its plays.';

insert into schema_migrations (number, name, checksum, applied_at)
values (26, '026_describe_again.sql', 'bf4cfb5efeced5248bb2729e5a55730901ca1ca4a41dca2814e6d3de308f4d23', getdate());

-- transaction 25: logs: new objects, a rejected row and an unreadable object

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number bigint,
  is_play smallint,
  songplay_id char(32),
  start_time timestamp,
  user_id bigint,
  session_id bigint,
  item_in_session integer,
  level varchar(16),
  first_name varchar(256),
  last_name varchar(256),
  gender varchar(16),
  location varchar(512),
  user_agent varchar(2048),
  song_title varchar(1024),
  artist_name varchar(1024),
  song_length decimal(10, 5),
  match_key char(32),
  play_hash char(32),
  user_hash char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_choice (
  songplay_id char(32),
  user_id bigint,
  start_time timestamp,
  source char(1) not null,
  object_id char(32),
  preference bigint,
  is_there boolean not null,
  is_out boolean,
  is_new boolean,
  session_id bigint,
  item_in_session integer,
  line_number bigint,
  last_modified timestamp,
  object_key varchar(1024),
  bucket varchar(63),
  user_hash char(32),
  is_lost boolean
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash, r.line_number, r.object_id
from (
  select
    e.songplay_id, e.start_time, e.user_id, e.level, e.session_id, e.location, e.user_agent, e.item_in_session,
    e.song_title, e.artist_name, e.song_length, e.match_key, e.play_hash, e.line_number, o.object_id,
    row_number() over (partition by e.songplay_id, o.object_id order by e.row_number desc) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and e.is_play = 1
    and o.change <> 'same'
) r
where r.preference = 1;

create temp table sparkify_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash,
  r.line_number, r.object_id,
  row_number() over (
    partition by r.user_id
    order by
      r.start_time desc, r.session_id desc, r.item_in_session desc, r.last_modified desc, r.object_key desc, r.bucket desc
  ) as place
from (
  select
    e.user_id, e.first_name, e.last_name, e.gender, e.level, e.start_time, e.session_id, e.item_in_session, e.user_hash,
    e.line_number, o.object_id, o.last_modified, o.object_key, o.bucket,
    row_number() over (
      partition by e.user_id, o.object_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.row_number desc
    ) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and o.change <> 'same'
) r
where r.preference = 1;

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    1 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 26: logs: new objects, a rejected row and an unreadable object

lock "sparkify".ingest_lock_9;

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, m.song_id, m.artist_id, b.session_id, b.location, b.user_agent,
  b.item_in_session, b.song_title, b.artist_name, b.song_length, b.match_key, '20181115T120000-000000000000', b.object_id, b.line_number
from sparkify_plays b
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select c.match_key from sparkify_plays c)
) m on m.match_key = b.match_key and m.preference = 1;

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

insert into sparkify_choice (user_id, source, is_there)
select
  u.user_id,
  'S',
  not (
    b.start_time > u.last_event_at
    or (b.start_time = u.last_event_at and b.session_id > u.last_session_id)
    or (b.start_time = u.last_event_at and b.session_id = u.last_session_id and b.item_in_session > u.last_item_in_session)
  )
from users u
join sparkify_users b on b.user_id = u.user_id and b.place = 1;

update users
set first_name = c.first_name,
    last_name = c.last_name,
    gender = c.gender,
    level = c.level,
    last_event_at = c.start_time,
    last_session_id = c.session_id,
    last_item_in_session = c.item_in_session,
    object_id = c.object_id,
    line_number = c.line_number
from (
  select
    b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
    b.line_number
  from sparkify_users b
  join sparkify_choice t on t.user_id = b.user_id
  where b.place = 1
    and not t.is_there
) c
where users.user_id = c.user_id;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
left join sparkify_choice t on t.user_id = b.user_id
where b.place = 1
  and t.user_id is null;

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when d.doubles = 0 and e.doubles = 0 then p.plays + u.users - t.found end,
  t.older,
  0,
  0
from (
  select count(*) as plays
  from sparkify_plays
) p
cross join (
  select coalesce(sum(case when place = 1 then 1 else 0 end), 0) as users
  from sparkify_users
) u
cross join (
  select count(*) as found, coalesce(sum(case when is_there then 0 else 1 end), 0) as older
  from sparkify_choice
) t
cross join (
  select count(*) as doubles
  from (
    select s.songplay_id
    from songplays s
    join (select distinct songplay_id from sparkify_plays) b on b.songplay_id = s.songplay_id
    where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    group by s.songplay_id
    having count(*) > 1
  ) x
) d
cross join (
  select count(*) as doubles
  from (
    select s.user_id
    from user_sources s
    join sparkify_users b
      on b.user_id = s.user_id
      and b.start_time = s.event_at
      and b.session_id = s.session_id
      and b.item_in_session = s.item_in_session
    where (s.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      and coalesce(s.object_id, '') <> b.object_id
  ) y
) e;

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at,
  file_id
)
select k.rejected_id, '20181115T120000-000000000000', 'logs', k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate(),
  k.file_id
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.rejected_id,
      f.bucket,
      f.object_key,
      f.file_id,
      r.line_number,
      r.row_text,
      r.column_name,
      r.reason,
      row_number() over (partition by f.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from sparkify_staging r
    join sparkify_staging f on f.file_number = r.file_number
    where r.kind = 'R'
      and f.kind = 'F'
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= 10000;

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, 'logs', f.bucket, f.object_key, f.status, f.error_code, f.reason, f.rows_rejected, '20181115T120000-000000000000', getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.rows_rejected,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or f.rows_rejected > 0);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'live',
  'idle',
  2,
  1144,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 4::bigint end,
  1::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2018-11-15 12:00:00.000'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2018-11-14 12:00:00.000'::timestamp;

-- transaction 27: logs: an object that is replaced

lock "sparkify".ingest_lock_9;

insert into sparkify_choice (songplay_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.songplay_id,
  r.start_time,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.songplay_id
      order by
        h.is_out,
        case when h.play_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc
    ) as preference
  from (
    select
      c.*,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.is_out, c.last_modified desc, c.object_key desc, c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.songplay_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.songplay_id) as stars,
      sum(case when c.source <> 'R' then 1 else 0 end) over (partition by c.songplay_id) as concerned
    from (
      select
        b.songplay_id,
        b.start_time,
        'B' as source,
        b.object_id,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.play_hash,
        b.object_id || b.line_number::varchar || ' ' || b.play_hash as own_row,
        0 as is_out
      from sparkify_plays b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.songplay_id,
        s.start_time,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.play_hash,
        s.object_id || s.line_number::varchar || ' ' || s.play_hash,
        s.is_out
      from (
        select
          p.songplay_id,
          p.start_time,
          p.object_id,
          p.line_number,
          coalesce(i.last_modified, timestamp 'epoch') as last_modified,
          coalesce(i.object_key, '') as object_key,
          coalesce(i.bucket, '') as bucket,
          md5(
            coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
            || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
            || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
            || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
            || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
            || coalesce((p.song_length * 100000)::bigint::varchar, '-')
          ) as play_hash,
          case when o.object_id is null then 0 else 1 end as is_out
        from songplays p
        left join sparkify_objects o on o.object_id = p.object_id and o.change = 'newer'
        left join ingest_objects i on i.object_id = p.object_id
        where (p.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
          and (
            o.object_id is not null
            or p.songplay_id in (select b.songplay_id from sparkify_plays b)
            or p.songplay_id in (
              select l.songplay_id
              from play_rivals l
              join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
              where (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
            )
          )
      ) s
      union all
      select
        v.songplay_id,
        v.start_time,
        'R',
        v.object_id,
        i.last_modified,
        i.object_key,
        i.bucket,
        md5(
          coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
          || coalesce(octet_length(v.location)::varchar || ':' || v.location, '-')
          || coalesce(octet_length(v.user_agent)::varchar || ':' || v.user_agent, '-')
          || coalesce(octet_length(v.song_title)::varchar || ':' || v.song_title, '-')
          || coalesce(octet_length(v.artist_name)::varchar || ':' || v.artist_name, '-')
          || coalesce((v.song_length * 100000)::bigint::varchar, '-')
        ),
        v.object_id,
        0
      from play_rivals v
      join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where (v.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
    ) c
  ) h
  where h.concerned > 0
) r;

delete from play_rivals
using sparkify_objects
where play_rivals.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into play_rivals (
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session, song_title, artist_name,
  song_length, match_key, object_id, line_number, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number, '20181115T120000-000000000000'
from sparkify_plays b
join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference > 1
union all
select
  s.songplay_id, s.start_time, s.user_id, s.level, s.session_id, s.location, s.user_agent, s.item_in_session,
  s.song_title, s.artist_name, s.song_length, s.match_key, s.object_id, s.line_number, '20181115T120000-000000000000'
from songplays s
join sparkify_choice c on c.songplay_id = s.songplay_id
where c.source = 'S'
  and c.preference > 1
  and not c.is_out
  and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

delete from songplays
using sparkify_choice
where songplays.songplay_id = sparkify_choice.songplay_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there
  and (songplays.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  w.songplay_id, w.start_time, w.user_id, w.level, m.song_id, m.artist_id, w.session_id, w.location, w.user_agent,
  w.item_in_session, w.song_title, w.artist_name, w.song_length, w.match_key, '20181115T120000-000000000000', w.object_id, w.line_number
from (
  select
    b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
    b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number
  from sparkify_plays b
  join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
  where c.source = 'B'
    and c.preference = 1
    and not c.is_there
  union all
  select
    r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
    r.song_title, r.artist_name, r.song_length, r.match_key, r.object_id, r.line_number
  from play_rivals r
  join sparkify_choice c on c.songplay_id = r.songplay_id and c.object_id = r.object_id
  where c.source = 'R'
    and c.preference = 1
    and (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
) w
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select b.match_key
    from sparkify_plays b
    union
    select r.match_key
    from play_rivals r
    where (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  )
) m on m.match_key = w.match_key and m.preference = 1;

delete from play_rivals
using sparkify_choice
where play_rivals.songplay_id = sparkify_choice.songplay_id
  and play_rivals.object_id = sparkify_choice.object_id
  and sparkify_choice.source = 'R'
  and sparkify_choice.preference = 1
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

delete from time
where (time.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and time.start_time in (
    select c.start_time
    from sparkify_choice c
    left join songplays s on s.start_time = c.start_time and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    where c.preference = 1
      and c.is_out
      and s.start_time is null
  );

insert into sparkify_choice (
  user_id, start_time, source, object_id, is_there, is_out, session_id, item_in_session, line_number, last_modified, object_key,
  bucket, user_hash, is_lost
)
select
  u.user_id,
  u.last_event_at,
  'A',
  u.object_id,
  false,
  o.object_id is not null,
  u.last_session_id,
  u.last_item_in_session,
  u.line_number,
  coalesce(i.last_modified, timestamp 'epoch'),
  coalesce(i.object_key, ''),
  coalesce(i.bucket, ''),
  md5(
    coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
    || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
    || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
    || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
  ),
  o.object_id is not null and n.user_id is null
from users u
left join sparkify_objects o on o.object_id = u.object_id and o.change = 'newer'
left join ingest_objects i on i.object_id = u.object_id
left join (
  select distinct b.user_id
  from sparkify_users b
  join users e on e.user_id = b.user_id
  where b.start_time > e.last_event_at
     or (b.start_time = e.last_event_at and b.session_id > e.last_session_id)
     or (b.start_time = e.last_event_at and b.session_id = e.last_session_id and b.item_in_session >= e.last_item_in_session)
) n on n.user_id = u.user_id
where o.object_id is not null
   or u.user_id in (select b.user_id from sparkify_users b)
   or u.user_id in (
     select l.user_id
     from user_sources l
     join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
     where (l.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
   );

insert into sparkify_choice (user_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.user_id,
  r.event_at,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.user_id
      order by
        h.is_out,
        h.event_at desc,
        h.session_id desc,
        h.item_in_session desc,
        case when h.user_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' or h.object_id is null then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc,
        case when h.source = 'R' then 1 else 0 end
    ) as preference
  from (
    select
      c.*,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by
          c.is_out, c.event_at desc, c.session_id desc, c.item_in_session desc, c.last_modified desc, c.object_key desc,
          c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.user_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.user_id) as stars
    from (
      select
        b.user_id,
        'B' as source,
        b.object_id,
        b.start_time as event_at,
        b.session_id,
        b.item_in_session,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.user_hash,
        b.object_id || b.line_number::varchar || ' ' || to_char(b.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || b.session_id::varchar || ' ' || b.item_in_session::varchar || ' ' || b.user_hash as own_row,
        0 as is_out
      from sparkify_users b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.user_id,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.start_time,
        s.session_id,
        s.item_in_session,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.user_hash,
        s.object_id || s.line_number::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar || ' ' || s.user_hash,
        case when s.is_out then 1 else 0 end
      from sparkify_choice s
      where s.source = 'A'
      union all
      select
        v.user_id,
        'R',
        v.object_id,
        v.event_at,
        v.session_id,
        v.item_in_session,
        coalesce(i.last_modified, timestamp 'epoch'),
        coalesce(i.object_key, ''),
        coalesce(i.bucket, ''),
        md5(
          coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
          || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
          || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
          || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
        ),
        v.object_id,
        0
      from sparkify_choice s
      join user_sources v on v.user_id = s.user_id
      left join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where s.source = 'A'
        and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
        and (
          s.is_lost
          or (v.event_at = s.start_time and v.session_id = s.session_id and v.item_in_session = s.item_in_session)
        )
    ) c
  ) h
) r;

delete from user_sources
where (user_sources.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and (
    user_sources.object_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    or (
      user_sources.object_id is null
      and user_sources.user_id::varchar || ' ' || to_char(user_sources.event_at, 'YYYYMMDDHH24MISSMS') || ' ' || user_sources.session_id::varchar || ' ' || user_sources.item_in_session::varchar in (
        select s.user_id::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar
        from sparkify_staging s
        join sparkify_objects o on o.file_number = s.file_number and o.change <> 'same'
        where s.kind = 'E'
      )
    )
  );

delete from users
using sparkify_choice
where users.user_id = sparkify_choice.user_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
join sparkify_choice c on c.user_id = b.user_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference = 1
  and not c.is_there
union all
select
  v.user_id, v.first_name, v.last_name, v.gender, v.level, v.event_at, v.session_id, v.item_in_session, v.object_id,
  v.line_number
from user_sources v
join sparkify_choice c on c.user_id = v.user_id and coalesce(c.object_id, '') = coalesce(v.object_id, '')
where c.source = 'R'
  and c.preference = 1
  and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when u.far = 0 or 0 = 1 then c.came end,
  c.changed,
  0,
  c.gone
from (
  select
    coalesce(sum(case when is_new and not is_out then 1 else 0 end), 0) as came,
    coalesce(sum(case when not is_new and not is_out and not is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_out then 1 else 0 end), 0) as gone
  from sparkify_choice
  where preference = 1
) c
cross join (
  select count(*) as far
  from sparkify_choice s
  join sparkify_choice w on w.user_id = s.user_id and w.preference = 1
  where s.source = 'S'
    and s.is_out
    and (w.is_out or w.start_time < dateadd(day, -35, s.start_time))
) u;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at,
  file_id
)
select k.rejected_id, '20181115T120000-000000000000', 'logs', k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate(),
  k.file_id
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.rejected_id,
      f.bucket,
      f.object_key,
      f.file_id,
      r.line_number,
      r.row_text,
      r.column_name,
      r.reason,
      row_number() over (partition by f.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from sparkify_staging r
    join sparkify_staging f on f.file_number = r.file_number
    where r.kind = 'R'
      and f.kind = 'F'
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= 10000;

delete from ingest_open
where object_id in (
  select s.object_id
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined', 'missing', 'removed')
);

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, 'logs', f.bucket, f.object_key, f.status, f.error_code, f.reason, f.rows_rejected, '20181115T120000-000000000000', getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.rows_rejected,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or f.rows_rejected > 0);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'live',
  'idle',
  1,
  762,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 3::bigint end,
  1::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2018-11-15 12:00:00.000'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2018-11-14 12:00:00.000'::timestamp;

-- transaction 28: songs: new objects, after their plays

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_staging,
  sparkify_affected,
  sparkify_song_choice,
  sparkify_artist_choice,
  sparkify_match_choice,
  sparkify_play_repairs,
  sparkify_objects,
  sparkify_sources,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number integer,
  song_id varchar(64),
  title varchar(1024),
  artist_id varchar(64),
  artist_name varchar(1024),
  artist_location varchar(1024),
  artist_latitude double precision,
  artist_longitude double precision,
  year integer,
  duration decimal(10, 5),
  match_key char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_affected (
  song_id varchar(64) not null
);

create temp table sparkify_song_choice (
  song_id varchar(64) not null,
  is_known boolean not null,
  was_artist_id varchar(64),
  was_match_key char(32),
  is_there boolean not null,
  title varchar(1024),
  artist_id varchar(64),
  year integer,
  duration decimal(10, 5),
  match_key char(32),
  last_modified timestamp,
  source_id char(32),
  source_row integer,
  line_number bigint,
  differs boolean not null
);

create temp table sparkify_artist_choice (
  artist_id varchar(64) not null,
  is_known boolean not null,
  is_there boolean not null,
  name varchar(1024),
  location varchar(1024),
  latitude double precision,
  longitude double precision,
  source_id char(32),
  line_number bigint
);

create temp table sparkify_match_choice (
  match_key char(32) not null,
  song_id varchar(64),
  artist_id varchar(64)
);

create temp table sparkify_play_repairs (
  songplay_id char(32) not null,
  start_time timestamp not null,
  match_key char(32) not null,
  song_id varchar(64),
  artist_id varchar(64)
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_sources as
select
  o.object_id as source_id,
  s.row_number,
  s.line_number,
  o.bucket,
  o.object_key,
  o.etag,
  o.last_modified,
  s.song_id,
  s.title,
  s.artist_id,
  s.artist_name,
  s.artist_location,
  s.artist_latitude,
  s.artist_longitude,
  s.year,
  s.duration,
  s.match_key
from sparkify_staging s
join sparkify_objects o on o.file_number = s.file_number
where s.kind = 'S'
  and o.change <> 'same';

select
  to_char(min(k.first_day), 'YYYY-MM-DD') || ' 00:00:00.000' as min_start_time,
  to_char(max(k.last_day), 'YYYY-MM-DD') || ' 23:59:59.999' as max_start_time
from play_keys k
where k.key_prefix in (
  select left(c.match_key, 12)::char(12)
  from (
    select b.match_key
    from sparkify_sources b
    left join songs s on s.song_id = b.song_id and s.match_key = b.match_key and s.artist_id = b.artist_id
    where b.match_key is not null
      and s.song_id is null
    union
    select s.match_key
    from songs s
    join (
      select b.song_id
      from sparkify_sources b
      union
      select k.song_id
      from song_sources k
      where k.source_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    ) i on i.song_id = s.song_id
    left join sparkify_sources b on b.song_id = s.song_id and b.match_key = s.match_key and b.artist_id = s.artist_id
    where s.match_key is not null
      and b.song_id is null
  ) c
);

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    1 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 29: songs: new objects, after their plays

lock "sparkify".ingest_lock_9;

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join sparkify_objects o on o.object_id = k.source_id
where o.change = 'newer'
union
select b.song_id
from sparkify_sources b;

insert into song_sources (
  source_id, row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id
)
select
  b.source_id, b.row_number, b.line_number, b.bucket, b.object_key, b.etag, b.last_modified, b.song_id, b.title,
  b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year, b.duration, b.match_key,
  '20181115T120000-000000000000'
from sparkify_sources b;

insert into sparkify_song_choice (
  song_id, is_known, was_artist_id, was_match_key, is_there, title, artist_id, year, duration, match_key, last_modified,
  source_id, source_row, line_number, differs
)
select
  a.song_id,
  s.song_id is not null,
  s.artist_id,
  s.match_key,
  w.song_id is not null,
  w.title,
  w.artist_id,
  w.year,
  w.duration,
  w.match_key,
  w.last_modified,
  w.source_id,
  w.row_number,
  w.line_number,
  coalesce(
    s.last_modified <> w.last_modified
    or s.source_id <> w.source_id
    or s.source_row <> w.row_number
    or coalesce(s.line_number, -1) <> coalesce(w.line_number, -1)
    or s.artist_id <> w.artist_id
    or coalesce(octet_length(s.title)::varchar || ':' || s.title, '-') <> coalesce(octet_length(w.title)::varchar || ':' || w.title, '-')
    or coalesce(s.year, -1) <> coalesce(w.year, -1)
    or coalesce(s.duration, -1) <> coalesce(w.duration, -1)
    or coalesce(s.match_key, '') <> coalesce(w.match_key, ''),
    true
  )
from sparkify_affected a
left join songs s on s.song_id = a.song_id
left join (
  select
    k.*,
    row_number() over (
      partition by k.song_id
      order by k.last_modified desc, k.object_key desc, k.bucket desc, k.row_number desc
    ) as preference
  from song_sources k
  join sparkify_affected f on f.song_id = k.song_id
) w on w.song_id = a.song_id and w.preference = 1
where s.song_id is not null
   or w.song_id is not null;

delete from songs
using sparkify_song_choice
where songs.song_id = sparkify_song_choice.song_id
  and sparkify_song_choice.differs;

insert into songs (
  song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row, line_number
)
select
  c.song_id, c.title, c.artist_id, c.year, c.duration, c.match_key, c.last_modified, c.source_id, c.source_row, c.line_number
from sparkify_song_choice c
where c.is_there
  and c.differs;

insert into sparkify_artist_choice (artist_id, is_known, is_there, name, location, latitude, longitude, source_id, line_number)
select
  a.artist_id,
  t.artist_id is not null,
  w.artist_id is not null,
  w.name,
  w.location,
  w.latitude,
  w.longitude,
  w.source_id,
  w.line_number
from (
  select was_artist_id as artist_id
  from sparkify_song_choice
  where was_artist_id is not null
  union
  select artist_id
  from sparkify_song_choice
  where artist_id is not null
) a
left join artists t on t.artist_id = a.artist_id
left join (
  select
    k.artist_id,
    k.artist_name as name,
    k.artist_location as location,
    k.artist_latitude as latitude,
    k.artist_longitude as longitude,
    k.source_id,
    k.line_number,
    row_number() over (partition by k.artist_id order by s.last_modified desc, s.song_id desc) as preference
  from song_sources k
  join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
  where k.artist_id in (
    select was_artist_id
    from sparkify_song_choice
    union
    select artist_id
    from sparkify_song_choice
  )
) w on w.artist_id = a.artist_id and w.preference = 1
where (t.artist_id is null and w.artist_id is not null)
   or (t.artist_id is not null and w.artist_id is null)
   or coalesce(octet_length(t.name)::varchar || ':' || t.name, '-') <> coalesce(octet_length(w.name)::varchar || ':' || w.name, '-')
   or coalesce(octet_length(t.location)::varchar || ':' || t.location, '-') <> coalesce(octet_length(w.location)::varchar || ':' || w.location, '-')
   or coalesce(t.latitude, 1000) <> coalesce(w.latitude, 1000)
   or coalesce(t.longitude, 1000) <> coalesce(w.longitude, 1000)
   or coalesce(t.source_id, '') <> coalesce(w.source_id, '')
   or coalesce(t.line_number, -1) <> coalesce(w.line_number, -1);

delete from artists
using sparkify_artist_choice
where artists.artist_id = sparkify_artist_choice.artist_id;

insert into artists (artist_id, name, location, latitude, longitude, source_id, line_number)
select c.artist_id, c.name, c.location, c.latitude, c.longitude, c.source_id, c.line_number
from sparkify_artist_choice c
where c.is_there;

insert into sparkify_match_choice (match_key, song_id, artist_id)
select a.match_key, m.song_id, m.artist_id
from (
  select c.was_match_key as match_key
  from sparkify_song_choice c
  where c.was_match_key is not null
    and (coalesce(c.match_key, '') <> c.was_match_key or coalesce(c.artist_id, '') <> c.was_artist_id)
  union
  select c.match_key
  from sparkify_song_choice c
  where c.match_key is not null
    and (coalesce(c.was_match_key, '') <> c.match_key or coalesce(c.was_artist_id, '') <> c.artist_id)
) a
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select was_match_key
    from sparkify_song_choice
    union
    select match_key
    from sparkify_song_choice
  )
) m on m.match_key = a.match_key and m.preference = 1;

insert into sparkify_play_repairs (songplay_id, start_time, match_key, song_id, artist_id)
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join sparkify_match_choice w on w.match_key = p.match_key
where p.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp
  and (
    coalesce(p.song_id, '') <> coalesce(w.song_id, '')
    or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '')
  );

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from sparkify_play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time
  and songplays.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp;

insert into ingest_objects (object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, batch_id)
select
  o.object_id,
  'songs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(k.rows_kept, 0),
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select b.source_id, count(*) as rows_kept
  from sparkify_sources b
  group by b.source_id
) k on k.source_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when o.outside = 0 then s.came + a.came end,
  s.changed + a.changed,
  r.repaired,
  s.gone + a.gone
from (
  select
    coalesce(sum(case when differs and not is_known then 1 else 0 end), 0) as came,
    coalesce(sum(case when differs and is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_song_choice
) s
cross join (
  select
    coalesce(sum(case when is_known then 0 else 1 end), 0) as came,
    coalesce(sum(case when is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_artist_choice
) a
cross join (
  select count(*) as repaired
  from sparkify_play_repairs
) r
cross join (
  select count(*) as outside
  from play_keys k
  where k.key_prefix in (select left(m.match_key, 12)::char(12) from sparkify_match_choice m)
    and (k.first_day < '2018-11-20 00:00:00.000'::timestamp or k.last_day > '2018-11-20 23:59:59.999'::timestamp)
) o;

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'songs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at,
  file_id
)
select k.rejected_id, '20181115T120000-000000000000', 'songs', k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate(),
  k.file_id
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.rejected_id,
      f.bucket,
      f.object_key,
      f.file_id,
      r.line_number,
      r.row_text,
      r.column_name,
      r.reason,
      row_number() over (partition by f.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from sparkify_staging r
    join sparkify_staging f on f.file_number = r.file_number
    where r.kind = 'R'
      and f.kind = 'F'
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= 10000;

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, 'songs', f.bucket, f.object_key, f.status, f.error_code, f.reason, f.rows_rejected, '20181115T120000-000000000000', getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.rows_rejected,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or f.rows_rejected > 0);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'songs',
  'live',
  'idle',
  1,
  241,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 2::bigint end,
  1::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2018-11-15 12:00:00.000'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'songs'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2018-11-14 12:00:00.000'::timestamp;

-- transaction 30: songs: an object that is replaced

lock "sparkify".ingest_lock_9;

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join sparkify_objects o on o.object_id = k.source_id
where o.change = 'newer'
union
select b.song_id
from sparkify_sources b;

delete from song_sources
using sparkify_objects
where song_sources.source_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer';

insert into song_sources (
  source_id, row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id
)
select
  b.source_id, b.row_number, b.line_number, b.bucket, b.object_key, b.etag, b.last_modified, b.song_id, b.title,
  b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year, b.duration, b.match_key,
  '20181115T120000-000000000000'
from sparkify_sources b;

insert into sparkify_song_choice (
  song_id, is_known, was_artist_id, was_match_key, is_there, title, artist_id, year, duration, match_key, last_modified,
  source_id, source_row, line_number, differs
)
select
  a.song_id,
  s.song_id is not null,
  s.artist_id,
  s.match_key,
  w.song_id is not null,
  w.title,
  w.artist_id,
  w.year,
  w.duration,
  w.match_key,
  w.last_modified,
  w.source_id,
  w.row_number,
  w.line_number,
  coalesce(
    s.last_modified <> w.last_modified
    or s.source_id <> w.source_id
    or s.source_row <> w.row_number
    or coalesce(s.line_number, -1) <> coalesce(w.line_number, -1)
    or s.artist_id <> w.artist_id
    or coalesce(octet_length(s.title)::varchar || ':' || s.title, '-') <> coalesce(octet_length(w.title)::varchar || ':' || w.title, '-')
    or coalesce(s.year, -1) <> coalesce(w.year, -1)
    or coalesce(s.duration, -1) <> coalesce(w.duration, -1)
    or coalesce(s.match_key, '') <> coalesce(w.match_key, ''),
    true
  )
from sparkify_affected a
left join songs s on s.song_id = a.song_id
left join (
  select
    k.*,
    row_number() over (
      partition by k.song_id
      order by k.last_modified desc, k.object_key desc, k.bucket desc, k.row_number desc
    ) as preference
  from song_sources k
  join sparkify_affected f on f.song_id = k.song_id
) w on w.song_id = a.song_id and w.preference = 1
where s.song_id is not null
   or w.song_id is not null;

delete from songs
using sparkify_song_choice
where songs.song_id = sparkify_song_choice.song_id
  and sparkify_song_choice.differs;

insert into songs (
  song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row, line_number
)
select
  c.song_id, c.title, c.artist_id, c.year, c.duration, c.match_key, c.last_modified, c.source_id, c.source_row, c.line_number
from sparkify_song_choice c
where c.is_there
  and c.differs;

insert into sparkify_artist_choice (artist_id, is_known, is_there, name, location, latitude, longitude, source_id, line_number)
select
  a.artist_id,
  t.artist_id is not null,
  w.artist_id is not null,
  w.name,
  w.location,
  w.latitude,
  w.longitude,
  w.source_id,
  w.line_number
from (
  select was_artist_id as artist_id
  from sparkify_song_choice
  where was_artist_id is not null
  union
  select artist_id
  from sparkify_song_choice
  where artist_id is not null
) a
left join artists t on t.artist_id = a.artist_id
left join (
  select
    k.artist_id,
    k.artist_name as name,
    k.artist_location as location,
    k.artist_latitude as latitude,
    k.artist_longitude as longitude,
    k.source_id,
    k.line_number,
    row_number() over (partition by k.artist_id order by s.last_modified desc, s.song_id desc) as preference
  from song_sources k
  join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
  where k.artist_id in (
    select was_artist_id
    from sparkify_song_choice
    union
    select artist_id
    from sparkify_song_choice
  )
) w on w.artist_id = a.artist_id and w.preference = 1
where (t.artist_id is null and w.artist_id is not null)
   or (t.artist_id is not null and w.artist_id is null)
   or coalesce(octet_length(t.name)::varchar || ':' || t.name, '-') <> coalesce(octet_length(w.name)::varchar || ':' || w.name, '-')
   or coalesce(octet_length(t.location)::varchar || ':' || t.location, '-') <> coalesce(octet_length(w.location)::varchar || ':' || w.location, '-')
   or coalesce(t.latitude, 1000) <> coalesce(w.latitude, 1000)
   or coalesce(t.longitude, 1000) <> coalesce(w.longitude, 1000)
   or coalesce(t.source_id, '') <> coalesce(w.source_id, '')
   or coalesce(t.line_number, -1) <> coalesce(w.line_number, -1);

delete from artists
using sparkify_artist_choice
where artists.artist_id = sparkify_artist_choice.artist_id;

insert into artists (artist_id, name, location, latitude, longitude, source_id, line_number)
select c.artist_id, c.name, c.location, c.latitude, c.longitude, c.source_id, c.line_number
from sparkify_artist_choice c
where c.is_there;

insert into sparkify_match_choice (match_key, song_id, artist_id)
select a.match_key, m.song_id, m.artist_id
from (
  select c.was_match_key as match_key
  from sparkify_song_choice c
  where c.was_match_key is not null
    and (coalesce(c.match_key, '') <> c.was_match_key or coalesce(c.artist_id, '') <> c.was_artist_id)
  union
  select c.match_key
  from sparkify_song_choice c
  where c.match_key is not null
    and (coalesce(c.was_match_key, '') <> c.match_key or coalesce(c.was_artist_id, '') <> c.artist_id)
) a
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select was_match_key
    from sparkify_song_choice
    union
    select match_key
    from sparkify_song_choice
  )
) m on m.match_key = a.match_key and m.preference = 1;

insert into sparkify_play_repairs (songplay_id, start_time, match_key, song_id, artist_id)
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join sparkify_match_choice w on w.match_key = p.match_key
where p.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp
  and (
    coalesce(p.song_id, '') <> coalesce(w.song_id, '')
    or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '')
  );

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from sparkify_play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time
  and songplays.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, batch_id)
select
  o.object_id,
  'songs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(k.rows_kept, 0),
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select b.source_id, count(*) as rows_kept
  from sparkify_sources b
  group by b.source_id
) k on k.source_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when o.outside = 0 then s.came + a.came end,
  s.changed + a.changed,
  r.repaired,
  s.gone + a.gone
from (
  select
    coalesce(sum(case when differs and not is_known then 1 else 0 end), 0) as came,
    coalesce(sum(case when differs and is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_song_choice
) s
cross join (
  select
    coalesce(sum(case when is_known then 0 else 1 end), 0) as came,
    coalesce(sum(case when is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_artist_choice
) a
cross join (
  select count(*) as repaired
  from sparkify_play_repairs
) r
cross join (
  select count(*) as outside
  from play_keys k
  where k.key_prefix in (select left(m.match_key, 12)::char(12) from sparkify_match_choice m)
    and (k.first_day < '2018-11-20 00:00:00.000'::timestamp or k.last_day > '2018-11-20 23:59:59.999'::timestamp)
) o;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'songs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

delete from ingest_open
where object_id in (
  select s.object_id
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined', 'missing', 'removed')
);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'songs',
  'live',
  'idle',
  1,
  220,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 1::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2018-11-15 12:00:00.000'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'songs'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2018-11-14 12:00:00.000'::timestamp;

-- transaction 31: ignored objects

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number bigint,
  is_play smallint,
  songplay_id char(32),
  start_time timestamp,
  user_id bigint,
  session_id bigint,
  item_in_session integer,
  level varchar(16),
  first_name varchar(256),
  last_name varchar(256),
  gender varchar(16),
  location varchar(512),
  user_agent varchar(2048),
  song_title varchar(1024),
  artist_name varchar(1024),
  song_length decimal(10, 5),
  match_key char(32),
  play_hash char(32),
  user_hash char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_choice (
  songplay_id char(32),
  user_id bigint,
  start_time timestamp,
  source char(1) not null,
  object_id char(32),
  preference bigint,
  is_there boolean not null,
  is_out boolean,
  is_new boolean,
  session_id bigint,
  item_in_session integer,
  line_number bigint,
  last_modified timestamp,
  object_key varchar(1024),
  bucket varchar(63),
  user_hash char(32),
  is_lost boolean
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    1 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 32: ignored objects

lock "sparkify".ingest_lock_9;

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'ignored',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'ignored',
  'live',
  'idle',
  1,
  1,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 0::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2018-11-15 12:00:00.000'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'ignored'
    and b.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2018-11-14 12:00:00.000'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2018-11-14 12:00:00.000'::timestamp;

-- transaction 33: logs: the plan of a retraction

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_listed_files,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);

copy sparkify_listed_files
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/files.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_retracted as
select o.object_id
from sparkify_listed_files f
join ingest_objects o on o.object_id = f.object_id
where o.status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);

insert into sparkify_retraction (counts_as_planned)
select case when '' in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songplays ' || p.gone::varchar || ' ' || p.changed::varchar
    || ', users ' || u.gone::varchar || ' ' || u.changed::varchar
    || ', time ' || t.gone::varchar || ' 0' as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when r.songplay_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when r.songplay_id is null then 0 else 1 end), 0)::bigint as changed
    from songplays s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct l.songplay_id
      from play_rivals l
      left join sparkify_retracted g on g.object_id = l.object_id
      where g.object_id is null
        and (l.start_time between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
    ) r on r.songplay_id = s.songplay_id
    where (s.start_time between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
  ) p
  cross join (
    select
      coalesce(sum(case when e.user_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when e.user_id is null then 0 else 1 end), 0)::bigint as changed
    from users s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct k.user_id
      from user_sources k
      join (
        select m.user_id
        from users m
        join sparkify_retracted h on h.object_id = m.object_id
      ) c on c.user_id = k.user_id
      left join sparkify_retracted g on g.object_id = k.object_id
      where g.object_id is null
    ) e on e.user_id = s.user_id
  ) u
  cross join (
    select count(*) as gone
    from (
      select s.start_time
      from songplays s
      join (
        select distinct n.start_time
        from songplays n
        join sparkify_retracted g on g.object_id = n.object_id
        where (n.start_time between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
      ) d on d.start_time = s.start_time
      left join sparkify_retracted f on f.object_id = s.object_id
      left join (
        select distinct l.songplay_id
        from play_rivals l
        left join sparkify_retracted g on g.object_id = l.object_id
        where g.object_id is null
          and (l.start_time between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
      ) r on r.songplay_id = s.songplay_id
      where (s.start_time between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
      group by s.start_time
      having sum(case when f.object_id is not null and r.songplay_id is null then 0 else 1 end) = 0
    ) x
  ) t
) c;

select f.file_number, o.status, o.rows_kept
from sparkify_listed_files f
left join ingest_objects o on o.object_id = f.object_id
order by f.file_number;

select r.counts_as_planned, p.songplays, s.songs, w.without_lineage, w.without_lineage_key
from sparkify_retraction r
cross join (
  select count(*) as songplays
  from songplays
) p
cross join (
  select count(*) as songs
  from songs
) s
cross join (
  select count(distinct e.object_id) as without_lineage, min(e.object_key) as without_lineage_key
  from ingest_files e
  join sparkify_listed_files f on f.object_id = e.object_id
  left join ingest_objects o on o.object_id = e.object_id
  where e.status = 'loaded'
    and o.object_id is null
) w;

-- transaction 34: logs: a retraction

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number bigint,
  is_play smallint,
  songplay_id char(32),
  start_time timestamp,
  user_id bigint,
  session_id bigint,
  item_in_session integer,
  level varchar(16),
  first_name varchar(256),
  last_name varchar(256),
  gender varchar(16),
  location varchar(512),
  user_agent varchar(2048),
  song_title varchar(1024),
  artist_name varchar(1024),
  song_length decimal(10, 5),
  match_key char(32),
  play_hash char(32),
  user_hash char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_choice (
  songplay_id char(32),
  user_id bigint,
  start_time timestamp,
  source char(1) not null,
  object_id char(32),
  preference bigint,
  is_there boolean not null,
  is_out boolean,
  is_new boolean,
  session_id bigint,
  item_in_session integer,
  line_number bigint,
  last_modified timestamp,
  object_key varchar(1024),
  bucket varchar(63),
  user_hash char(32),
  is_lost boolean
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_retracted as
select o.object_id
from sparkify_objects o
where o.change = 'newer'
  and o.was_status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);

create temp table sparkify_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash, r.line_number, r.object_id
from (
  select
    e.songplay_id, e.start_time, e.user_id, e.level, e.session_id, e.location, e.user_agent, e.item_in_session,
    e.song_title, e.artist_name, e.song_length, e.match_key, e.play_hash, e.line_number, o.object_id,
    row_number() over (partition by e.songplay_id, o.object_id order by e.row_number desc) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and e.is_play = 1
    and o.change <> 'same'
) r
where r.preference = 1;

create temp table sparkify_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash,
  r.line_number, r.object_id,
  row_number() over (
    partition by r.user_id
    order by
      r.start_time desc, r.session_id desc, r.item_in_session desc, r.last_modified desc, r.object_key desc, r.bucket desc
  ) as place
from (
  select
    e.user_id, e.first_name, e.last_name, e.gender, e.level, e.start_time, e.session_id, e.item_in_session, e.user_hash,
    e.line_number, o.object_id, o.last_modified, o.object_key, o.bucket,
    row_number() over (
      partition by e.user_id, o.object_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.row_number desc
    ) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and o.change <> 'same'
) r
where r.preference = 1;

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    0 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 35: logs: a retraction

lock "sparkify".ingest_lock_9;

insert into sparkify_retraction (counts_as_planned)
select case when 'versions 1 1, songplays 2 0, users 1 0, time 1 0' in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songplays ' || p.gone::varchar || ' ' || p.changed::varchar
    || ', users ' || u.gone::varchar || ' ' || u.changed::varchar
    || ', time ' || t.gone::varchar || ' 0' as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when r.songplay_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when r.songplay_id is null then 0 else 1 end), 0)::bigint as changed
    from songplays s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct l.songplay_id
      from play_rivals l
      left join sparkify_retracted g on g.object_id = l.object_id
      where g.object_id is null
        and (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    ) r on r.songplay_id = s.songplay_id
    where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  ) p
  cross join (
    select
      coalesce(sum(case when e.user_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when e.user_id is null then 0 else 1 end), 0)::bigint as changed
    from users s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct k.user_id
      from user_sources k
      join (
        select m.user_id
        from users m
        join sparkify_retracted h on h.object_id = m.object_id
      ) c on c.user_id = k.user_id
      left join sparkify_retracted g on g.object_id = k.object_id
      where g.object_id is null
    ) e on e.user_id = s.user_id
  ) u
  cross join (
    select count(*) as gone
    from (
      select s.start_time
      from songplays s
      join (
        select distinct n.start_time
        from songplays n
        join sparkify_retracted g on g.object_id = n.object_id
        where (n.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      ) d on d.start_time = s.start_time
      left join sparkify_retracted f on f.object_id = s.object_id
      left join (
        select distinct l.songplay_id
        from play_rivals l
        left join sparkify_retracted g on g.object_id = l.object_id
        where g.object_id is null
          and (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      ) r on r.songplay_id = s.songplay_id
      where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      group by s.start_time
      having sum(case when f.object_id is not null and r.songplay_id is null then 0 else 1 end) = 0
    ) x
  ) t
) c;

insert into sparkify_choice (songplay_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.songplay_id,
  r.start_time,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.songplay_id
      order by
        h.is_out,
        case when h.play_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc
    ) as preference
  from (
    select
      c.*,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.is_out, c.last_modified desc, c.object_key desc, c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.songplay_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.songplay_id) as stars,
      sum(case when c.source <> 'R' then 1 else 0 end) over (partition by c.songplay_id) as concerned
    from (
      select
        b.songplay_id,
        b.start_time,
        'B' as source,
        b.object_id,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.play_hash,
        b.object_id || b.line_number::varchar || ' ' || b.play_hash as own_row,
        0 as is_out
      from sparkify_plays b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.songplay_id,
        s.start_time,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.play_hash,
        s.object_id || s.line_number::varchar || ' ' || s.play_hash,
        s.is_out
      from (
        select
          p.songplay_id,
          p.start_time,
          p.object_id,
          p.line_number,
          coalesce(i.last_modified, timestamp 'epoch') as last_modified,
          coalesce(i.object_key, '') as object_key,
          coalesce(i.bucket, '') as bucket,
          md5(
            coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
            || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
            || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
            || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
            || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
            || coalesce((p.song_length * 100000)::bigint::varchar, '-')
          ) as play_hash,
          case when o.object_id is null then 0 else 1 end as is_out
        from songplays p
        left join sparkify_objects o on o.object_id = p.object_id and o.change = 'newer'
        left join ingest_objects i on i.object_id = p.object_id
        where (p.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
          and (
            o.object_id is not null
            or p.songplay_id in (select b.songplay_id from sparkify_plays b)
            or p.songplay_id in (
              select l.songplay_id
              from play_rivals l
              join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
              where (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
            )
          )
      ) s
      union all
      select
        v.songplay_id,
        v.start_time,
        'R',
        v.object_id,
        i.last_modified,
        i.object_key,
        i.bucket,
        md5(
          coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
          || coalesce(octet_length(v.location)::varchar || ':' || v.location, '-')
          || coalesce(octet_length(v.user_agent)::varchar || ':' || v.user_agent, '-')
          || coalesce(octet_length(v.song_title)::varchar || ':' || v.song_title, '-')
          || coalesce(octet_length(v.artist_name)::varchar || ':' || v.artist_name, '-')
          || coalesce((v.song_length * 100000)::bigint::varchar, '-')
        ),
        v.object_id,
        0
      from play_rivals v
      join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where (v.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
    ) c
  ) h
  where h.concerned > 0
) r;

delete from play_rivals
using sparkify_objects
where play_rivals.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into play_rivals (
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session, song_title, artist_name,
  song_length, match_key, object_id, line_number, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number, '20181115T120000-000000000000'
from sparkify_plays b
join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference > 1
union all
select
  s.songplay_id, s.start_time, s.user_id, s.level, s.session_id, s.location, s.user_agent, s.item_in_session,
  s.song_title, s.artist_name, s.song_length, s.match_key, s.object_id, s.line_number, '20181115T120000-000000000000'
from songplays s
join sparkify_choice c on c.songplay_id = s.songplay_id
where c.source = 'S'
  and c.preference > 1
  and not c.is_out
  and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

delete from songplays
using sparkify_choice
where songplays.songplay_id = sparkify_choice.songplay_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there
  and (songplays.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  w.songplay_id, w.start_time, w.user_id, w.level, m.song_id, m.artist_id, w.session_id, w.location, w.user_agent,
  w.item_in_session, w.song_title, w.artist_name, w.song_length, w.match_key, '20181115T120000-000000000000', w.object_id, w.line_number
from (
  select
    b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
    b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number
  from sparkify_plays b
  join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
  where c.source = 'B'
    and c.preference = 1
    and not c.is_there
  union all
  select
    r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
    r.song_title, r.artist_name, r.song_length, r.match_key, r.object_id, r.line_number
  from play_rivals r
  join sparkify_choice c on c.songplay_id = r.songplay_id and c.object_id = r.object_id
  where c.source = 'R'
    and c.preference = 1
    and (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
) w
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select b.match_key
    from sparkify_plays b
    union
    select r.match_key
    from play_rivals r
    where (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  )
) m on m.match_key = w.match_key and m.preference = 1;

delete from play_rivals
using sparkify_choice
where play_rivals.songplay_id = sparkify_choice.songplay_id
  and play_rivals.object_id = sparkify_choice.object_id
  and sparkify_choice.source = 'R'
  and sparkify_choice.preference = 1
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

delete from time
where (time.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and time.start_time in (
    select c.start_time
    from sparkify_choice c
    left join songplays s on s.start_time = c.start_time and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    where c.preference = 1
      and c.is_out
      and s.start_time is null
  );

insert into sparkify_choice (
  user_id, start_time, source, object_id, is_there, is_out, session_id, item_in_session, line_number, last_modified, object_key,
  bucket, user_hash, is_lost
)
select
  u.user_id,
  u.last_event_at,
  'A',
  u.object_id,
  false,
  o.object_id is not null,
  u.last_session_id,
  u.last_item_in_session,
  u.line_number,
  coalesce(i.last_modified, timestamp 'epoch'),
  coalesce(i.object_key, ''),
  coalesce(i.bucket, ''),
  md5(
    coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
    || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
    || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
    || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
  ),
  o.object_id is not null and n.user_id is null
from users u
left join sparkify_objects o on o.object_id = u.object_id and o.change = 'newer'
left join ingest_objects i on i.object_id = u.object_id
left join (
  select distinct b.user_id
  from sparkify_users b
  join users e on e.user_id = b.user_id
  where b.start_time > e.last_event_at
     or (b.start_time = e.last_event_at and b.session_id > e.last_session_id)
     or (b.start_time = e.last_event_at and b.session_id = e.last_session_id and b.item_in_session >= e.last_item_in_session)
) n on n.user_id = u.user_id
where o.object_id is not null
   or u.user_id in (select b.user_id from sparkify_users b)
   or u.user_id in (
     select l.user_id
     from user_sources l
     join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
     where (l.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
   );

insert into sparkify_choice (user_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.user_id,
  r.event_at,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.user_id
      order by
        h.is_out,
        h.event_at desc,
        h.session_id desc,
        h.item_in_session desc,
        case when h.user_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' or h.object_id is null then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc,
        case when h.source = 'R' then 1 else 0 end
    ) as preference
  from (
    select
      c.*,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by
          c.is_out, c.event_at desc, c.session_id desc, c.item_in_session desc, c.last_modified desc, c.object_key desc,
          c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.user_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.user_id) as stars
    from (
      select
        b.user_id,
        'B' as source,
        b.object_id,
        b.start_time as event_at,
        b.session_id,
        b.item_in_session,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.user_hash,
        b.object_id || b.line_number::varchar || ' ' || to_char(b.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || b.session_id::varchar || ' ' || b.item_in_session::varchar || ' ' || b.user_hash as own_row,
        0 as is_out
      from sparkify_users b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.user_id,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.start_time,
        s.session_id,
        s.item_in_session,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.user_hash,
        s.object_id || s.line_number::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar || ' ' || s.user_hash,
        case when s.is_out then 1 else 0 end
      from sparkify_choice s
      where s.source = 'A'
      union all
      select
        v.user_id,
        'R',
        v.object_id,
        v.event_at,
        v.session_id,
        v.item_in_session,
        coalesce(i.last_modified, timestamp 'epoch'),
        coalesce(i.object_key, ''),
        coalesce(i.bucket, ''),
        md5(
          coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
          || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
          || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
          || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
        ),
        v.object_id,
        0
      from sparkify_choice s
      join user_sources v on v.user_id = s.user_id
      left join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where s.source = 'A'
        and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
        and (
          s.is_lost
          or (v.event_at = s.start_time and v.session_id = s.session_id and v.item_in_session = s.item_in_session)
        )
    ) c
  ) h
) r;

delete from user_sources
where (user_sources.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and (
    user_sources.object_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    or (
      user_sources.object_id is null
      and user_sources.user_id::varchar || ' ' || to_char(user_sources.event_at, 'YYYYMMDDHH24MISSMS') || ' ' || user_sources.session_id::varchar || ' ' || user_sources.item_in_session::varchar in (
        select s.user_id::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar
        from sparkify_staging s
        join sparkify_objects o on o.file_number = s.file_number and o.change <> 'same'
        where s.kind = 'E'
      )
    )
  );

delete from users
using sparkify_choice
where users.user_id = sparkify_choice.user_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
join sparkify_choice c on c.user_id = b.user_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference = 1
  and not c.is_there
union all
select
  v.user_id, v.first_name, v.last_name, v.gender, v.level, v.event_at, v.session_id, v.item_in_session, v.object_id,
  v.line_number
from user_sources v
join sparkify_choice c on c.user_id = v.user_id and coalesce(c.object_id, '') = coalesce(v.object_id, '')
where c.source = 'R'
  and c.preference = 1
  and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when u.far = 0 or 0 = 1 then c.came end,
  c.changed,
  0,
  c.gone
from (
  select
    coalesce(sum(case when is_new and not is_out then 1 else 0 end), 0) as came,
    coalesce(sum(case when not is_new and not is_out and not is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_out then 1 else 0 end), 0) as gone
  from sparkify_choice
  where preference = 1
) c
cross join (
  select count(*) as far
  from sparkify_choice s
  join sparkify_choice w on w.user_id = s.user_id and w.preference = 1
  where s.source = 'S'
    and s.is_out
    and (w.is_out or w.start_time < dateadd(day, -35, s.start_time))
) u;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

delete from ingest_open
where object_id in (
  select s.object_id
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined', 'missing', 'removed')
);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'operator',
  'count',
  1,
  0,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 0::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  'test',
  'retract',
  'a test'
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 36: logs: a retraction

lock "sparkify".ingest_lock_9;

insert into sparkify_retraction (counts_as_planned)
select case when 'versions 1 1, songplays 2 0, users 1 0, time 1 0' in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songplays ' || p.gone::varchar || ' ' || p.changed::varchar
    || ', users ' || u.gone::varchar || ' ' || u.changed::varchar
    || ', time ' || t.gone::varchar || ' 0' as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when r.songplay_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when r.songplay_id is null then 0 else 1 end), 0)::bigint as changed
    from songplays s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct l.songplay_id
      from play_rivals l
      left join sparkify_retracted g on g.object_id = l.object_id
      where g.object_id is null
        and (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    ) r on r.songplay_id = s.songplay_id
    where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  ) p
  cross join (
    select
      coalesce(sum(case when e.user_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when e.user_id is null then 0 else 1 end), 0)::bigint as changed
    from users s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct k.user_id
      from user_sources k
      join (
        select m.user_id
        from users m
        join sparkify_retracted h on h.object_id = m.object_id
      ) c on c.user_id = k.user_id
      left join sparkify_retracted g on g.object_id = k.object_id
      where g.object_id is null
    ) e on e.user_id = s.user_id
  ) u
  cross join (
    select count(*) as gone
    from (
      select s.start_time
      from songplays s
      join (
        select distinct n.start_time
        from songplays n
        join sparkify_retracted g on g.object_id = n.object_id
        where (n.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      ) d on d.start_time = s.start_time
      left join sparkify_retracted f on f.object_id = s.object_id
      left join (
        select distinct l.songplay_id
        from play_rivals l
        left join sparkify_retracted g on g.object_id = l.object_id
        where g.object_id is null
          and (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      ) r on r.songplay_id = s.songplay_id
      where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      group by s.start_time
      having sum(case when f.object_id is not null and r.songplay_id is null then 0 else 1 end) = 0
    ) x
  ) t
) c;

insert into sparkify_choice (songplay_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.songplay_id,
  r.start_time,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.songplay_id
      order by
        h.is_out,
        case when h.play_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc
    ) as preference
  from (
    select
      c.*,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.is_out, c.last_modified desc, c.object_key desc, c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.songplay_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.songplay_id) as stars,
      sum(case when c.source <> 'R' then 1 else 0 end) over (partition by c.songplay_id) as concerned
    from (
      select
        b.songplay_id,
        b.start_time,
        'B' as source,
        b.object_id,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.play_hash,
        b.object_id || b.line_number::varchar || ' ' || b.play_hash as own_row,
        0 as is_out
      from sparkify_plays b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.songplay_id,
        s.start_time,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.play_hash,
        s.object_id || s.line_number::varchar || ' ' || s.play_hash,
        s.is_out
      from (
        select
          p.songplay_id,
          p.start_time,
          p.object_id,
          p.line_number,
          coalesce(i.last_modified, timestamp 'epoch') as last_modified,
          coalesce(i.object_key, '') as object_key,
          coalesce(i.bucket, '') as bucket,
          md5(
            coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
            || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
            || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
            || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
            || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
            || coalesce((p.song_length * 100000)::bigint::varchar, '-')
          ) as play_hash,
          case when o.object_id is null then 0 else 1 end as is_out
        from songplays p
        left join sparkify_objects o on o.object_id = p.object_id and o.change = 'newer'
        left join ingest_objects i on i.object_id = p.object_id
        where (p.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
          and (
            o.object_id is not null
            or p.songplay_id in (select b.songplay_id from sparkify_plays b)
            or p.songplay_id in (
              select l.songplay_id
              from play_rivals l
              join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
              where (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
            )
          )
      ) s
      union all
      select
        v.songplay_id,
        v.start_time,
        'R',
        v.object_id,
        i.last_modified,
        i.object_key,
        i.bucket,
        md5(
          coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
          || coalesce(octet_length(v.location)::varchar || ':' || v.location, '-')
          || coalesce(octet_length(v.user_agent)::varchar || ':' || v.user_agent, '-')
          || coalesce(octet_length(v.song_title)::varchar || ':' || v.song_title, '-')
          || coalesce(octet_length(v.artist_name)::varchar || ':' || v.artist_name, '-')
          || coalesce((v.song_length * 100000)::bigint::varchar, '-')
        ),
        v.object_id,
        0
      from play_rivals v
      join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where (v.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
    ) c
  ) h
  where h.concerned > 0
) r;

delete from play_rivals
using sparkify_objects
where play_rivals.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into play_rivals (
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session, song_title, artist_name,
  song_length, match_key, object_id, line_number, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number, '20181115T120000-000000000000'
from sparkify_plays b
join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference > 1
union all
select
  s.songplay_id, s.start_time, s.user_id, s.level, s.session_id, s.location, s.user_agent, s.item_in_session,
  s.song_title, s.artist_name, s.song_length, s.match_key, s.object_id, s.line_number, '20181115T120000-000000000000'
from songplays s
join sparkify_choice c on c.songplay_id = s.songplay_id
where c.source = 'S'
  and c.preference > 1
  and not c.is_out
  and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

delete from songplays
using sparkify_choice
where songplays.songplay_id = sparkify_choice.songplay_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there
  and (songplays.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  w.songplay_id, w.start_time, w.user_id, w.level, m.song_id, m.artist_id, w.session_id, w.location, w.user_agent,
  w.item_in_session, w.song_title, w.artist_name, w.song_length, w.match_key, '20181115T120000-000000000000', w.object_id, w.line_number
from (
  select
    b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
    b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number
  from sparkify_plays b
  join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
  where c.source = 'B'
    and c.preference = 1
    and not c.is_there
  union all
  select
    r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
    r.song_title, r.artist_name, r.song_length, r.match_key, r.object_id, r.line_number
  from play_rivals r
  join sparkify_choice c on c.songplay_id = r.songplay_id and c.object_id = r.object_id
  where c.source = 'R'
    and c.preference = 1
    and (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
) w
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select b.match_key
    from sparkify_plays b
    union
    select r.match_key
    from play_rivals r
    where (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  )
) m on m.match_key = w.match_key and m.preference = 1;

delete from play_rivals
using sparkify_choice
where play_rivals.songplay_id = sparkify_choice.songplay_id
  and play_rivals.object_id = sparkify_choice.object_id
  and sparkify_choice.source = 'R'
  and sparkify_choice.preference = 1
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

delete from time
where (time.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and time.start_time in (
    select c.start_time
    from sparkify_choice c
    left join songplays s on s.start_time = c.start_time and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    where c.preference = 1
      and c.is_out
      and s.start_time is null
  );

insert into sparkify_choice (
  user_id, start_time, source, object_id, is_there, is_out, session_id, item_in_session, line_number, last_modified, object_key,
  bucket, user_hash, is_lost
)
select
  u.user_id,
  u.last_event_at,
  'A',
  u.object_id,
  false,
  o.object_id is not null,
  u.last_session_id,
  u.last_item_in_session,
  u.line_number,
  coalesce(i.last_modified, timestamp 'epoch'),
  coalesce(i.object_key, ''),
  coalesce(i.bucket, ''),
  md5(
    coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
    || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
    || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
    || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
  ),
  o.object_id is not null and n.user_id is null
from users u
left join sparkify_objects o on o.object_id = u.object_id and o.change = 'newer'
left join ingest_objects i on i.object_id = u.object_id
left join (
  select distinct b.user_id
  from sparkify_users b
  join users e on e.user_id = b.user_id
  where b.start_time > e.last_event_at
     or (b.start_time = e.last_event_at and b.session_id > e.last_session_id)
     or (b.start_time = e.last_event_at and b.session_id = e.last_session_id and b.item_in_session >= e.last_item_in_session)
) n on n.user_id = u.user_id
where o.object_id is not null
   or u.user_id in (select b.user_id from sparkify_users b)
   or u.user_id in (
     select l.user_id
     from user_sources l
     join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
     where (l.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
   );

insert into sparkify_choice (user_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.user_id,
  r.event_at,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.user_id
      order by
        h.is_out,
        h.event_at desc,
        h.session_id desc,
        h.item_in_session desc,
        case when h.user_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' or h.object_id is null then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc,
        case when h.source = 'R' then 1 else 0 end
    ) as preference
  from (
    select
      c.*,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by
          c.is_out, c.event_at desc, c.session_id desc, c.item_in_session desc, c.last_modified desc, c.object_key desc,
          c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.user_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.user_id) as stars
    from (
      select
        b.user_id,
        'B' as source,
        b.object_id,
        b.start_time as event_at,
        b.session_id,
        b.item_in_session,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.user_hash,
        b.object_id || b.line_number::varchar || ' ' || to_char(b.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || b.session_id::varchar || ' ' || b.item_in_session::varchar || ' ' || b.user_hash as own_row,
        0 as is_out
      from sparkify_users b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.user_id,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.start_time,
        s.session_id,
        s.item_in_session,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.user_hash,
        s.object_id || s.line_number::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar || ' ' || s.user_hash,
        case when s.is_out then 1 else 0 end
      from sparkify_choice s
      where s.source = 'A'
      union all
      select
        v.user_id,
        'R',
        v.object_id,
        v.event_at,
        v.session_id,
        v.item_in_session,
        coalesce(i.last_modified, timestamp 'epoch'),
        coalesce(i.object_key, ''),
        coalesce(i.bucket, ''),
        md5(
          coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
          || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
          || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
          || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
        ),
        v.object_id,
        0
      from sparkify_choice s
      join user_sources v on v.user_id = s.user_id
      left join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where s.source = 'A'
        and (v.event_at between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp)
        and o.object_id is null
        and (
          s.is_lost
          or (v.event_at = s.start_time and v.session_id = s.session_id and v.item_in_session = s.item_in_session)
        )
    ) c
  ) h
) r;

delete from user_sources
where (user_sources.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and (
    user_sources.object_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    or (
      user_sources.object_id is null
      and user_sources.user_id::varchar || ' ' || to_char(user_sources.event_at, 'YYYYMMDDHH24MISSMS') || ' ' || user_sources.session_id::varchar || ' ' || user_sources.item_in_session::varchar in (
        select s.user_id::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar
        from sparkify_staging s
        join sparkify_objects o on o.file_number = s.file_number and o.change <> 'same'
        where s.kind = 'E'
      )
    )
  );

delete from users
using sparkify_choice
where users.user_id = sparkify_choice.user_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
join sparkify_choice c on c.user_id = b.user_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference = 1
  and not c.is_there
union all
select
  v.user_id, v.first_name, v.last_name, v.gender, v.level, v.event_at, v.session_id, v.item_in_session, v.object_id,
  v.line_number
from user_sources v
join sparkify_choice c on c.user_id = v.user_id and coalesce(c.object_id, '') = coalesce(v.object_id, '')
where c.source = 'R'
  and c.preference = 1
  and (v.event_at between '1970-01-01 00:00:00.000'::timestamp and '2286-11-20 17:46:39.999'::timestamp);

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when u.far = 0 or 1 = 1 then c.came end,
  c.changed,
  0,
  c.gone
from (
  select
    coalesce(sum(case when is_new and not is_out then 1 else 0 end), 0) as came,
    coalesce(sum(case when not is_new and not is_out and not is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_out then 1 else 0 end), 0) as gone
  from sparkify_choice
  where preference = 1
) c
cross join (
  select count(*) as far
  from sparkify_choice s
  join sparkify_choice w on w.user_id = s.user_id and w.preference = 1
  where s.source = 'S'
    and s.is_out
    and (w.is_out or w.start_time < dateadd(day, -35, s.start_time))
) u;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

delete from ingest_open
where object_id in (
  select s.object_id
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined', 'missing', 'removed')
);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'operator',
  'count',
  1,
  0,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 0::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  'test',
  'retract',
  'a test'
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 37: songs: the plan of a retraction

drop table if exists
  sparkify_listed_files,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);

copy sparkify_listed_files
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/files.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_retracted as
select o.object_id
from sparkify_listed_files f
join ingest_objects o on o.object_id = f.object_id
where o.status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);

insert into sparkify_retraction (counts_as_planned)
select case when '' in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songs ' || s.gone::varchar || ' ' || s.changed::varchar
    || ', artists ' || a.gone::varchar || ' ' || a.changed::varchar
    || ', songplays 0 ' || p.changed::varchar as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when k.song_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.song_id is null then 0 else 1 end), 0)::bigint as changed
    from songs n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct b.song_id
      from song_sources b
      left join sparkify_retracted g on g.object_id = b.source_id
      where g.object_id is null
    ) k on k.song_id = n.song_id
  ) s
  cross join (
    select
      coalesce(sum(case when k.artist_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.artist_id is null then 0 else 1 end), 0)::bigint as changed
    from artists n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct w.artist_id
      from (
        select
          b.artist_id,
          row_number() over (
            partition by b.song_id
            order by b.last_modified desc, b.object_key desc, b.bucket desc, b.row_number desc
          ) as preference
        from song_sources b
        left join sparkify_retracted g on g.object_id = b.source_id
        where g.object_id is null
      ) w
      where w.preference = 1
    ) k on k.artist_id = n.artist_id
  ) a
  cross join (
    select count(*) as changed
    from songplays n
    join songs m on m.song_id = n.song_id
    join sparkify_retracted f on f.object_id = m.source_id
  ) p
) c;

select f.file_number, o.status, o.rows_kept
from sparkify_listed_files f
left join ingest_objects o on o.object_id = f.object_id
order by f.file_number;

select r.counts_as_planned, p.songplays, s.songs, w.without_lineage, w.without_lineage_key
from sparkify_retraction r
cross join (
  select count(*) as songplays
  from songplays
) p
cross join (
  select count(*) as songs
  from songs
) s
cross join (
  select count(distinct e.object_id) as without_lineage, min(e.object_key) as without_lineage_key
  from ingest_files e
  join sparkify_listed_files f on f.object_id = e.object_id
  left join ingest_objects o on o.object_id = e.object_id
  where e.status = 'loaded'
    and o.object_id is null
) w;

-- transaction 38: songs: a retraction

drop table if exists
  sparkify_staging,
  sparkify_affected,
  sparkify_song_choice,
  sparkify_artist_choice,
  sparkify_match_choice,
  sparkify_play_repairs,
  sparkify_objects,
  sparkify_sources,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number integer,
  song_id varchar(64),
  title varchar(1024),
  artist_id varchar(64),
  artist_name varchar(1024),
  artist_location varchar(1024),
  artist_latitude double precision,
  artist_longitude double precision,
  year integer,
  duration decimal(10, 5),
  match_key char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_affected (
  song_id varchar(64) not null
);

create temp table sparkify_song_choice (
  song_id varchar(64) not null,
  is_known boolean not null,
  was_artist_id varchar(64),
  was_match_key char(32),
  is_there boolean not null,
  title varchar(1024),
  artist_id varchar(64),
  year integer,
  duration decimal(10, 5),
  match_key char(32),
  last_modified timestamp,
  source_id char(32),
  source_row integer,
  line_number bigint,
  differs boolean not null
);

create temp table sparkify_artist_choice (
  artist_id varchar(64) not null,
  is_known boolean not null,
  is_there boolean not null,
  name varchar(1024),
  location varchar(1024),
  latitude double precision,
  longitude double precision,
  source_id char(32),
  line_number bigint
);

create temp table sparkify_match_choice (
  match_key char(32) not null,
  song_id varchar(64),
  artist_id varchar(64)
);

create temp table sparkify_play_repairs (
  songplay_id char(32) not null,
  start_time timestamp not null,
  match_key char(32) not null,
  song_id varchar(64),
  artist_id varchar(64)
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_retracted as
select o.object_id
from sparkify_objects o
where o.change = 'newer'
  and o.was_status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);

create temp table sparkify_sources as
select
  o.object_id as source_id,
  s.row_number,
  s.line_number,
  o.bucket,
  o.object_key,
  o.etag,
  o.last_modified,
  s.song_id,
  s.title,
  s.artist_id,
  s.artist_name,
  s.artist_location,
  s.artist_latitude,
  s.artist_longitude,
  s.year,
  s.duration,
  s.match_key
from sparkify_staging s
join sparkify_objects o on o.file_number = s.file_number
where s.kind = 'S'
  and o.change <> 'same';

select
  to_char(min(k.first_day), 'YYYY-MM-DD') || ' 00:00:00.000' as min_start_time,
  to_char(max(k.last_day), 'YYYY-MM-DD') || ' 23:59:59.999' as max_start_time
from play_keys k
where k.key_prefix in (
  select left(c.match_key, 12)::char(12)
  from (
    select b.match_key
    from sparkify_sources b
    left join songs s on s.song_id = b.song_id and s.match_key = b.match_key and s.artist_id = b.artist_id
    where b.match_key is not null
      and s.song_id is null
    union
    select s.match_key
    from songs s
    join (
      select b.song_id
      from sparkify_sources b
      union
      select k.song_id
      from song_sources k
      where k.source_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    ) i on i.song_id = s.song_id
    left join sparkify_sources b on b.song_id = s.song_id and b.match_key = s.match_key and b.artist_id = s.artist_id
    where s.match_key is not null
      and b.song_id is null
  ) c
);

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    0 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 39: songs: a retraction

lock "sparkify".ingest_lock_9;

insert into sparkify_retraction (counts_as_planned)
select case when 'versions 1 1, songs 1 0, artists 1 0, songplays 0 0' in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songs ' || s.gone::varchar || ' ' || s.changed::varchar
    || ', artists ' || a.gone::varchar || ' ' || a.changed::varchar
    || ', songplays 0 ' || p.changed::varchar as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when k.song_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.song_id is null then 0 else 1 end), 0)::bigint as changed
    from songs n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct b.song_id
      from song_sources b
      left join sparkify_retracted g on g.object_id = b.source_id
      where g.object_id is null
    ) k on k.song_id = n.song_id
  ) s
  cross join (
    select
      coalesce(sum(case when k.artist_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.artist_id is null then 0 else 1 end), 0)::bigint as changed
    from artists n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct w.artist_id
      from (
        select
          b.artist_id,
          row_number() over (
            partition by b.song_id
            order by b.last_modified desc, b.object_key desc, b.bucket desc, b.row_number desc
          ) as preference
        from song_sources b
        left join sparkify_retracted g on g.object_id = b.source_id
        where g.object_id is null
      ) w
      where w.preference = 1
    ) k on k.artist_id = n.artist_id
  ) a
  cross join (
    select count(*) as changed
    from songplays n
    join songs m on m.song_id = n.song_id
    join sparkify_retracted f on f.object_id = m.source_id
  ) p
) c;

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join sparkify_objects o on o.object_id = k.source_id
where o.change = 'newer'
union
select b.song_id
from sparkify_sources b;

delete from song_sources
using sparkify_objects
where song_sources.source_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer';

insert into song_sources (
  source_id, row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key, batch_id
)
select
  b.source_id, b.row_number, b.line_number, b.bucket, b.object_key, b.etag, b.last_modified, b.song_id, b.title,
  b.artist_id, b.artist_name, b.artist_location, b.artist_latitude, b.artist_longitude, b.year, b.duration, b.match_key,
  '20181115T120000-000000000000'
from sparkify_sources b;

insert into sparkify_song_choice (
  song_id, is_known, was_artist_id, was_match_key, is_there, title, artist_id, year, duration, match_key, last_modified,
  source_id, source_row, line_number, differs
)
select
  a.song_id,
  s.song_id is not null,
  s.artist_id,
  s.match_key,
  w.song_id is not null,
  w.title,
  w.artist_id,
  w.year,
  w.duration,
  w.match_key,
  w.last_modified,
  w.source_id,
  w.row_number,
  w.line_number,
  coalesce(
    s.last_modified <> w.last_modified
    or s.source_id <> w.source_id
    or s.source_row <> w.row_number
    or coalesce(s.line_number, -1) <> coalesce(w.line_number, -1)
    or s.artist_id <> w.artist_id
    or coalesce(octet_length(s.title)::varchar || ':' || s.title, '-') <> coalesce(octet_length(w.title)::varchar || ':' || w.title, '-')
    or coalesce(s.year, -1) <> coalesce(w.year, -1)
    or coalesce(s.duration, -1) <> coalesce(w.duration, -1)
    or coalesce(s.match_key, '') <> coalesce(w.match_key, ''),
    true
  )
from sparkify_affected a
left join songs s on s.song_id = a.song_id
left join (
  select
    k.*,
    row_number() over (
      partition by k.song_id
      order by k.last_modified desc, k.object_key desc, k.bucket desc, k.row_number desc
    ) as preference
  from song_sources k
  join sparkify_affected f on f.song_id = k.song_id
) w on w.song_id = a.song_id and w.preference = 1
where s.song_id is not null
   or w.song_id is not null;

delete from songs
using sparkify_song_choice
where songs.song_id = sparkify_song_choice.song_id
  and sparkify_song_choice.differs;

insert into songs (
  song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row, line_number
)
select
  c.song_id, c.title, c.artist_id, c.year, c.duration, c.match_key, c.last_modified, c.source_id, c.source_row, c.line_number
from sparkify_song_choice c
where c.is_there
  and c.differs;

insert into sparkify_artist_choice (artist_id, is_known, is_there, name, location, latitude, longitude, source_id, line_number)
select
  a.artist_id,
  t.artist_id is not null,
  w.artist_id is not null,
  w.name,
  w.location,
  w.latitude,
  w.longitude,
  w.source_id,
  w.line_number
from (
  select was_artist_id as artist_id
  from sparkify_song_choice
  where was_artist_id is not null
  union
  select artist_id
  from sparkify_song_choice
  where artist_id is not null
) a
left join artists t on t.artist_id = a.artist_id
left join (
  select
    k.artist_id,
    k.artist_name as name,
    k.artist_location as location,
    k.artist_latitude as latitude,
    k.artist_longitude as longitude,
    k.source_id,
    k.line_number,
    row_number() over (partition by k.artist_id order by s.last_modified desc, s.song_id desc) as preference
  from song_sources k
  join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
  where k.artist_id in (
    select was_artist_id
    from sparkify_song_choice
    union
    select artist_id
    from sparkify_song_choice
  )
) w on w.artist_id = a.artist_id and w.preference = 1
where (t.artist_id is null and w.artist_id is not null)
   or (t.artist_id is not null and w.artist_id is null)
   or coalesce(octet_length(t.name)::varchar || ':' || t.name, '-') <> coalesce(octet_length(w.name)::varchar || ':' || w.name, '-')
   or coalesce(octet_length(t.location)::varchar || ':' || t.location, '-') <> coalesce(octet_length(w.location)::varchar || ':' || w.location, '-')
   or coalesce(t.latitude, 1000) <> coalesce(w.latitude, 1000)
   or coalesce(t.longitude, 1000) <> coalesce(w.longitude, 1000)
   or coalesce(t.source_id, '') <> coalesce(w.source_id, '')
   or coalesce(t.line_number, -1) <> coalesce(w.line_number, -1);

delete from artists
using sparkify_artist_choice
where artists.artist_id = sparkify_artist_choice.artist_id;

insert into artists (artist_id, name, location, latitude, longitude, source_id, line_number)
select c.artist_id, c.name, c.location, c.latitude, c.longitude, c.source_id, c.line_number
from sparkify_artist_choice c
where c.is_there;

insert into sparkify_match_choice (match_key, song_id, artist_id)
select a.match_key, m.song_id, m.artist_id
from (
  select c.was_match_key as match_key
  from sparkify_song_choice c
  where c.was_match_key is not null
    and (coalesce(c.match_key, '') <> c.was_match_key or coalesce(c.artist_id, '') <> c.was_artist_id)
  union
  select c.match_key
  from sparkify_song_choice c
  where c.match_key is not null
    and (coalesce(c.was_match_key, '') <> c.match_key or coalesce(c.was_artist_id, '') <> c.artist_id)
) a
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select was_match_key
    from sparkify_song_choice
    union
    select match_key
    from sparkify_song_choice
  )
) m on m.match_key = a.match_key and m.preference = 1;

insert into sparkify_play_repairs (songplay_id, start_time, match_key, song_id, artist_id)
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join sparkify_match_choice w on w.match_key = p.match_key
where p.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp
  and (
    coalesce(p.song_id, '') <> coalesce(w.song_id, '')
    or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '')
  );

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from sparkify_play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time
  and songplays.start_time between '2018-11-20 00:00:00.000'::timestamp and '2018-11-20 23:59:59.999'::timestamp;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, batch_id)
select
  o.object_id,
  'songs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(k.rows_kept, 0),
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select b.source_id, count(*) as rows_kept
  from sparkify_sources b
  group by b.source_id
) k on k.source_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when o.outside = 0 then s.came + a.came end,
  s.changed + a.changed,
  r.repaired,
  s.gone + a.gone
from (
  select
    coalesce(sum(case when differs and not is_known then 1 else 0 end), 0) as came,
    coalesce(sum(case when differs and is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_song_choice
) s
cross join (
  select
    coalesce(sum(case when is_known then 0 else 1 end), 0) as came,
    coalesce(sum(case when is_known and is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_known and not is_there then 1 else 0 end), 0) as gone
  from sparkify_artist_choice
) a
cross join (
  select count(*) as repaired
  from sparkify_play_repairs
) r
cross join (
  select count(*) as outside
  from play_keys k
  where k.key_prefix in (select left(m.match_key, 12)::char(12) from sparkify_match_choice m)
    and (k.first_day < '2018-11-20 00:00:00.000'::timestamp or k.last_day > '2018-11-20 23:59:59.999'::timestamp)
) o;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'songs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'songs',
  'operator',
  'count',
  1,
  0,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 0::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  'test',
  'retract',
  'a test'
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'songs'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 40: logs: a publish without an answer

lock "sparkify".ingest_lock_9;

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, m.song_id, m.artist_id, b.session_id, b.location, b.user_agent,
  b.item_in_session, b.song_title, b.artist_name, b.song_length, b.match_key, '20181115T120000-000000000000', b.object_id, b.line_number
from sparkify_plays b
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select c.match_key from sparkify_plays c)
) m on m.match_key = b.match_key and m.preference = 1;

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

insert into sparkify_choice (user_id, source, is_there)
select
  u.user_id,
  'S',
  not (
    b.start_time > u.last_event_at
    or (b.start_time = u.last_event_at and b.session_id > u.last_session_id)
    or (b.start_time = u.last_event_at and b.session_id = u.last_session_id and b.item_in_session > u.last_item_in_session)
  )
from users u
join sparkify_users b on b.user_id = u.user_id and b.place = 1;

update users
set first_name = c.first_name,
    last_name = c.last_name,
    gender = c.gender,
    level = c.level,
    last_event_at = c.start_time,
    last_session_id = c.session_id,
    last_item_in_session = c.item_in_session,
    object_id = c.object_id,
    line_number = c.line_number
from (
  select
    b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
    b.line_number
  from sparkify_users b
  join sparkify_choice t on t.user_id = b.user_id
  where b.place = 1
    and not t.is_there
) c
where users.user_id = c.user_id;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
left join sparkify_choice t on t.user_id = b.user_id
where b.place = 1
  and t.user_id is null;

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when d.doubles = 0 and e.doubles = 0 then p.plays + u.users - t.found end,
  t.older,
  0,
  0
from (
  select count(*) as plays
  from sparkify_plays
) p
cross join (
  select coalesce(sum(case when place = 1 then 1 else 0 end), 0) as users
  from sparkify_users
) u
cross join (
  select count(*) as found, coalesce(sum(case when is_there then 0 else 1 end), 0) as older
  from sparkify_choice
) t
cross join (
  select count(*) as doubles
  from (
    select s.songplay_id
    from songplays s
    join (select distinct songplay_id from sparkify_plays) b on b.songplay_id = s.songplay_id
    where (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    group by s.songplay_id
    having count(*) > 1
  ) x
) d
cross join (
  select count(*) as doubles
  from (
    select s.user_id
    from user_sources s
    join sparkify_users b
      on b.user_id = s.user_id
      and b.start_time = s.event_at
      and b.session_id = s.session_id
      and b.item_in_session = s.item_in_session
    where (s.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
      and coalesce(s.object_id, '') <> b.object_id
  ) y
) e;

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'live',
  'idle',
  1,
  379,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 1::bigint end,
  0::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2030-01-01 00:00:00'::timestamp,
  '2018-11-15 12:00:02.000'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  null,
  null,
  null
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 41: logs: a publish without an answer

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

lock "sparkify".ingest_lock_9;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 42: logs: a publish without an answer

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number bigint,
  is_play smallint,
  songplay_id char(32),
  start_time timestamp,
  user_id bigint,
  session_id bigint,
  item_in_session integer,
  level varchar(16),
  first_name varchar(256),
  last_name varchar(256),
  gender varchar(16),
  location varchar(512),
  user_agent varchar(2048),
  song_title varchar(1024),
  artist_name varchar(1024),
  song_length decimal(10, 5),
  match_key char(32),
  play_hash char(32),
  user_hash char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_choice (
  songplay_id char(32),
  user_id bigint,
  start_time timestamp,
  source char(1) not null,
  object_id char(32),
  preference bigint,
  is_there boolean not null,
  is_out boolean,
  is_new boolean,
  session_id bigint,
  item_in_session integer,
  line_number bigint,
  last_modified timestamp,
  object_key varchar(1024),
  bucket varchar(63),
  user_hash char(32),
  is_lost boolean
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 0 else 0 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash, r.line_number, r.object_id
from (
  select
    e.songplay_id, e.start_time, e.user_id, e.level, e.session_id, e.location, e.user_agent, e.item_in_session,
    e.song_title, e.artist_name, e.song_length, e.match_key, e.play_hash, e.line_number, o.object_id,
    row_number() over (partition by e.songplay_id, o.object_id order by e.row_number desc) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and e.is_play = 1
    and o.change <> 'same'
) r
where r.preference = 1;

create temp table sparkify_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash,
  r.line_number, r.object_id,
  row_number() over (
    partition by r.user_id
    order by
      r.start_time desc, r.session_id desc, r.item_in_session desc, r.last_modified desc, r.object_key desc, r.bucket desc
  ) as place
from (
  select
    e.user_id, e.first_name, e.last_name, e.gender, e.level, e.start_time, e.session_id, e.item_in_session, e.user_hash,
    e.line_number, o.object_id, o.last_modified, o.object_key, o.bucket,
    row_number() over (
      partition by e.user_id, o.object_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.row_number desc
    ) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and o.change <> 'same'
) r
where r.preference = 1;

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    1 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 43: logs: a publish without an answer

lock "sparkify".ingest_lock_9;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 44: sparkify reload log_data/a.json --dry-run

create temp table start_up_check (bigint_digits bigint, decimal_digits decimal(10, 5), double_digits double precision, epoch_milliseconds timestamp, absent_key varchar(16), empty_text varchar(16), escaped_text varchar(64), lower_case varchar(16));

copy start_up_check
from 's3://sparkify-raw/sparkify-work/check/000000000000/manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

select cast(bigint_digits as varchar(20)) as bigint_digits, decimal_digits as decimal_digits, double_digits as double_digits, to_char(epoch_milliseconds, 'YYYY-MM-DD HH24:MI:SS.MS') as epoch_milliseconds, absent_key as absent_key, empty_text as empty_text, escaped_text as escaped_text, case when lower_case = 'A' then 'equal to the capital' else lower_case end as lower_case from start_up_check;

drop table start_up_check;

-- transaction 45: sparkify reload --quarantined --dry-run

set search_path to "sparkify";

select o.object_key
from ingest_open o
where o.bucket = 'sparkify-raw'
  and o.status = 'quarantined'
order by o.object_key;

-- transaction 46: sparkify reload --day 2018-11-20 --dry-run

set search_path to "sparkify";

select object_id, object_key
from ingest_objects
where bucket = 'sparkify-raw'
  and dataset = 'logs'
  and status = 'live'
  and first_event_at < dateadd(day, 1, '2018-11-20 00:00:00.000'::timestamp)
  and last_event_at >= '2018-11-20 00:00:00.000'::timestamp
order by object_key;

-- transaction 47: sparkify reload --batch 20181115T120000-none --dry-run

set search_path to "sparkify";

select distinct f.object_key
from ingest_files f
where f.batch_id = '20181115T120000-none'
  and f.bucket = 'sparkify-raw'
  and f.status <> 'ignored'
order by f.object_key;

-- transaction 48: sparkify reload log_data/a.json --why a test

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_staging,
  sparkify_choice,
  sparkify_objects,
  sparkify_plays,
  sparkify_users,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_staging (
  kind char(1) not null,
  file_number integer not null,
  file_id char(32),
  object_id char(32),
  bucket varchar(63),
  object_key varchar(1024),
  etag varchar(80),
  version_id varchar(1024),
  sequencer varchar(64),
  size bigint,
  event_time timestamp,
  last_modified timestamp,
  status varchar(16),
  error_code varchar(40),
  reason varchar(1024),
  line_number bigint,
  row_number bigint,
  is_play smallint,
  songplay_id char(32),
  start_time timestamp,
  user_id bigint,
  session_id bigint,
  item_in_session integer,
  level varchar(16),
  first_name varchar(256),
  last_name varchar(256),
  gender varchar(16),
  location varchar(512),
  user_agent varchar(2048),
  song_title varchar(1024),
  artist_name varchar(1024),
  song_length decimal(10, 5),
  match_key char(32),
  play_hash char(32),
  user_hash char(32),
  rejected_id char(32),
  column_name varchar(127),
  row_text varchar(65535),
  rows_rejected bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_repaired bigint,
  rows_removed bigint
);

create temp table sparkify_choice (
  songplay_id char(32),
  user_id bigint,
  start_time timestamp,
  source char(1) not null,
  object_id char(32),
  preference bigint,
  is_there boolean not null,
  is_out boolean,
  is_new boolean,
  session_id bigint,
  item_in_session integer,
  line_number bigint,
  last_modified timestamp,
  object_key varchar(1024),
  bucket varchar(63),
  user_hash char(32),
  is_lost boolean
);

copy sparkify_staging
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create temp table sparkify_objects as
select
  f.object_id,
  f.file_number,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  case when f.status = 'loaded' then 'live' when f.error_code = 'retracted' then 'retracted' else 'removed' end as status,
  case
    when o.object_id is null and f.status = 'loaded' then 'new'
    when f.status = 'removed' and o.status <> 'live' then 'same'
    when f.status = 'loaded' and o.status <> 'removed' and o.etag = f.etag and o.last_modified = f.last_modified and case o.status when 'retracted' then 1 else 1 end = 0 then 'same'
    else 'newer'
  end as change,
  o.status as was_status,
  o.etag as was_etag,
  o.last_modified as was_last_modified,
  o.rows_kept as was_rows_kept,
  o.first_event_at as was_first_event_at,
  o.last_event_at as was_last_event_at,
  o.batch_id as was_batch_id
from (
  select
    s.object_id, s.file_number, s.bucket, s.object_key, s.etag, s.last_modified, s.status, s.error_code,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'removed')
) f
left join ingest_objects o on o.object_id = f.object_id
where f.preference = 1;

create temp table sparkify_plays as
select
  r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
  r.song_title, r.artist_name, r.song_length, r.match_key, r.play_hash, r.line_number, r.object_id
from (
  select
    e.songplay_id, e.start_time, e.user_id, e.level, e.session_id, e.location, e.user_agent, e.item_in_session,
    e.song_title, e.artist_name, e.song_length, e.match_key, e.play_hash, e.line_number, o.object_id,
    row_number() over (partition by e.songplay_id, o.object_id order by e.row_number desc) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and e.is_play = 1
    and o.change <> 'same'
) r
where r.preference = 1;

create temp table sparkify_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash,
  r.line_number, r.object_id,
  row_number() over (
    partition by r.user_id
    order by
      r.start_time desc, r.session_id desc, r.item_in_session desc, r.last_modified desc, r.object_key desc, r.bucket desc
  ) as place
from (
  select
    e.user_id, e.first_name, e.last_name, e.gender, e.level, e.start_time, e.session_id, e.item_in_session, e.user_hash,
    e.line_number, o.object_id, o.last_modified, o.object_key, o.bucket,
    row_number() over (
      partition by e.user_id, o.object_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.row_number desc
    ) as preference
  from sparkify_staging e
  join sparkify_objects o on o.file_number = e.file_number
  where e.kind = 'E'
    and o.change <> 'same'
) r
where r.preference = 1;

select
  s.file_number,
  f.status,
  f.batch_id,
  o.change,
  o.was_status,
  o.object_key,
  o.was_rows_kept,
  to_char(o.was_first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_first_event_at,
  to_char(o.was_last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as was_last_event_at,
  case when n.object_id is null then 0 else 1 end as is_open
from sparkify_staging s
left join ingest_files f
  on f.file_id = s.file_id
  and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    0 = 1
    or f.batch_id = '20181115T120000-000000000000'
  )
left join sparkify_objects o on o.file_number = s.file_number and o.change <> 'new'
left join ingest_open n on n.object_id = s.object_id
where s.kind = 'F'
  and (f.file_id is not null or o.object_id is not null or n.object_id is not null);

-- transaction 49: sparkify reload log_data/a.json --why a test

lock "sparkify".ingest_lock_9;

insert into sparkify_choice (songplay_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.songplay_id,
  r.start_time,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.songplay_id
      order by
        h.is_out,
        case when h.play_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc
    ) as preference
  from (
    select
      c.*,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.is_out, c.last_modified desc, c.object_key desc, c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.songplay_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.songplay_id) as stars,
      sum(case when c.source <> 'R' then 1 else 0 end) over (partition by c.songplay_id) as concerned
    from (
      select
        b.songplay_id,
        b.start_time,
        'B' as source,
        b.object_id,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.play_hash,
        b.object_id || b.line_number::varchar || ' ' || b.play_hash as own_row,
        0 as is_out
      from sparkify_plays b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.songplay_id,
        s.start_time,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.play_hash,
        s.object_id || s.line_number::varchar || ' ' || s.play_hash,
        s.is_out
      from (
        select
          p.songplay_id,
          p.start_time,
          p.object_id,
          p.line_number,
          coalesce(i.last_modified, timestamp 'epoch') as last_modified,
          coalesce(i.object_key, '') as object_key,
          coalesce(i.bucket, '') as bucket,
          md5(
            coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
            || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
            || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
            || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
            || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
            || coalesce((p.song_length * 100000)::bigint::varchar, '-')
          ) as play_hash,
          case when o.object_id is null then 0 else 1 end as is_out
        from songplays p
        left join sparkify_objects o on o.object_id = p.object_id and o.change = 'newer'
        left join ingest_objects i on i.object_id = p.object_id
        where (p.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
          and (
            o.object_id is not null
            or p.songplay_id in (select b.songplay_id from sparkify_plays b)
            or p.songplay_id in (
              select l.songplay_id
              from play_rivals l
              join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
              where (l.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
            )
          )
      ) s
      union all
      select
        v.songplay_id,
        v.start_time,
        'R',
        v.object_id,
        i.last_modified,
        i.object_key,
        i.bucket,
        md5(
          coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
          || coalesce(octet_length(v.location)::varchar || ':' || v.location, '-')
          || coalesce(octet_length(v.user_agent)::varchar || ':' || v.user_agent, '-')
          || coalesce(octet_length(v.song_title)::varchar || ':' || v.song_title, '-')
          || coalesce(octet_length(v.artist_name)::varchar || ':' || v.artist_name, '-')
          || coalesce((v.song_length * 100000)::bigint::varchar, '-')
        ),
        v.object_id,
        0
      from play_rivals v
      join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where (v.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
    ) c
  ) h
  where h.concerned > 0
) r;

delete from play_rivals
using sparkify_objects
where play_rivals.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into play_rivals (
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session, song_title, artist_name,
  song_length, match_key, object_id, line_number, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number, '20181115T120000-000000000000'
from sparkify_plays b
join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference > 1
union all
select
  s.songplay_id, s.start_time, s.user_id, s.level, s.session_id, s.location, s.user_agent, s.item_in_session,
  s.song_title, s.artist_name, s.song_length, s.match_key, s.object_id, s.line_number, '20181115T120000-000000000000'
from songplays s
join sparkify_choice c on c.songplay_id = s.songplay_id
where c.source = 'S'
  and c.preference > 1
  and not c.is_out
  and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

delete from songplays
using sparkify_choice
where songplays.songplay_id = sparkify_choice.songplay_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there
  and (songplays.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  w.songplay_id, w.start_time, w.user_id, w.level, m.song_id, m.artist_id, w.session_id, w.location, w.user_agent,
  w.item_in_session, w.song_title, w.artist_name, w.song_length, w.match_key, '20181115T120000-000000000000', w.object_id, w.line_number
from (
  select
    b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
    b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number
  from sparkify_plays b
  join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
  where c.source = 'B'
    and c.preference = 1
    and not c.is_there
  union all
  select
    r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
    r.song_title, r.artist_name, r.song_length, r.match_key, r.object_id, r.line_number
  from play_rivals r
  join sparkify_choice c on c.songplay_id = r.songplay_id and c.object_id = r.object_id
  where c.source = 'R'
    and c.preference = 1
    and (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
) w
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select b.match_key
    from sparkify_plays b
    union
    select r.match_key
    from play_rivals r
    where (r.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  )
) m on m.match_key = w.match_key and m.preference = 1;

delete from play_rivals
using sparkify_choice
where play_rivals.songplay_id = sparkify_choice.songplay_id
  and play_rivals.object_id = sparkify_choice.object_id
  and sparkify_choice.source = 'R'
  and sparkify_choice.preference = 1
  and (play_rivals.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

update play_keys
set first_day = case when n.first_day < play_keys.first_day then n.first_day else play_keys.first_day end,
    last_day = case when n.last_day > play_keys.last_day then n.last_day else play_keys.last_day end
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
where play_keys.key_prefix = n.key_prefix
  and (n.first_day < play_keys.first_day or n.last_day > play_keys.last_day);

insert into play_keys (key_prefix, first_day, last_day)
select n.key_prefix, n.first_day, n.last_day
from (
  select left(b.match_key, 12)::char(12) as key_prefix, min(b.start_time)::date as first_day, max(b.start_time)::date as last_day
  from sparkify_plays b
  where b.match_key is not null
  group by left(b.match_key, 12)::char(12)
) n
left join play_keys k on k.key_prefix = n.key_prefix
where k.key_prefix is null;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  n.start_time,
  extract(hour from n.start_time)::smallint,
  extract(day from n.start_time)::smallint,
  extract(week from n.start_time)::smallint,
  extract(month from n.start_time)::smallint,
  extract(year from n.start_time)::smallint,
  extract(dow from n.start_time)::smallint
from (
  select distinct b.start_time
  from sparkify_plays b
) n
left join time t on t.start_time = n.start_time and (t.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
where t.start_time is null;

delete from time
where (time.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and time.start_time in (
    select c.start_time
    from sparkify_choice c
    left join songplays s on s.start_time = c.start_time and (s.start_time between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
    where c.preference = 1
      and c.is_out
      and s.start_time is null
  );

insert into sparkify_choice (
  user_id, start_time, source, object_id, is_there, is_out, session_id, item_in_session, line_number, last_modified, object_key,
  bucket, user_hash, is_lost
)
select
  u.user_id,
  u.last_event_at,
  'A',
  u.object_id,
  false,
  o.object_id is not null,
  u.last_session_id,
  u.last_item_in_session,
  u.line_number,
  coalesce(i.last_modified, timestamp 'epoch'),
  coalesce(i.object_key, ''),
  coalesce(i.bucket, ''),
  md5(
    coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
    || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
    || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
    || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
  ),
  o.object_id is not null and n.user_id is null
from users u
left join sparkify_objects o on o.object_id = u.object_id and o.change = 'newer'
left join ingest_objects i on i.object_id = u.object_id
left join (
  select distinct b.user_id
  from sparkify_users b
  join users e on e.user_id = b.user_id
  where b.start_time > e.last_event_at
     or (b.start_time = e.last_event_at and b.session_id > e.last_session_id)
     or (b.start_time = e.last_event_at and b.session_id = e.last_session_id and b.item_in_session >= e.last_item_in_session)
) n on n.user_id = u.user_id
where o.object_id is not null
   or u.user_id in (select b.user_id from sparkify_users b)
   or u.user_id in (
     select l.user_id
     from user_sources l
     join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
     where (l.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
   );

insert into sparkify_choice (user_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.user_id,
  r.event_at,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.user_id
      order by
        h.is_out,
        h.event_at desc,
        h.session_id desc,
        h.item_in_session desc,
        case when h.user_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' or h.object_id is null then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc,
        case when h.source = 'R' then 1 else 0 end
    ) as preference
  from (
    select
      c.*,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by
          c.is_out, c.event_at desc, c.session_id desc, c.item_in_session desc, c.last_modified desc, c.object_key desc,
          c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.user_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.user_id) as stars
    from (
      select
        b.user_id,
        'B' as source,
        b.object_id,
        b.start_time as event_at,
        b.session_id,
        b.item_in_session,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.user_hash,
        b.object_id || b.line_number::varchar || ' ' || to_char(b.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || b.session_id::varchar || ' ' || b.item_in_session::varchar || ' ' || b.user_hash as own_row,
        0 as is_out
      from sparkify_users b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.user_id,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.start_time,
        s.session_id,
        s.item_in_session,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.user_hash,
        s.object_id || s.line_number::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar || ' ' || s.user_hash,
        case when s.is_out then 1 else 0 end
      from sparkify_choice s
      where s.source = 'A'
      union all
      select
        v.user_id,
        'R',
        v.object_id,
        v.event_at,
        v.session_id,
        v.item_in_session,
        coalesce(i.last_modified, timestamp 'epoch'),
        coalesce(i.object_key, ''),
        coalesce(i.bucket, ''),
        md5(
          coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
          || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
          || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
          || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
        ),
        v.object_id,
        0
      from sparkify_choice s
      join user_sources v on v.user_id = s.user_id
      left join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where s.source = 'A'
        and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
        and o.object_id is null
        and (
          s.is_lost
          or (v.event_at = s.start_time and v.session_id = s.session_id and v.item_in_session = s.item_in_session)
        )
    ) c
  ) h
) r;

delete from user_sources
where (user_sources.event_at between '2018-11-20 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp)
  and (
    user_sources.object_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    or (
      user_sources.object_id is null
      and user_sources.user_id::varchar || ' ' || to_char(user_sources.event_at, 'YYYYMMDDHH24MISSMS') || ' ' || user_sources.session_id::varchar || ' ' || user_sources.item_in_session::varchar in (
        select s.user_id::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar
        from sparkify_staging s
        join sparkify_objects o on o.file_number = s.file_number and o.change <> 'same'
        where s.kind = 'E'
      )
    )
  );

delete from users
using sparkify_choice
where users.user_id = sparkify_choice.user_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, object_id, line_number
)
select
  b.user_id, b.first_name, b.last_name, b.gender, b.level, b.start_time, b.session_id, b.item_in_session, b.object_id,
  b.line_number
from sparkify_users b
join sparkify_choice c on c.user_id = b.user_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference = 1
  and not c.is_there
union all
select
  v.user_id, v.first_name, v.last_name, v.gender, v.level, v.event_at, v.session_id, v.item_in_session, v.object_id,
  v.line_number
from user_sources v
join sparkify_choice c on c.user_id = v.user_id and coalesce(c.object_id, '') = coalesce(v.object_id, '')
where c.source = 'R'
  and c.preference = 1
  and (v.event_at between '2018-10-16 00:00:42.796'::timestamp and '2018-11-20 00:00:42.796'::timestamp);

insert into user_sources (
  user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level, object_id, line_number
)
select
  b.user_id, b.start_time, b.session_id, b.item_in_session, b.first_name, b.last_name, b.gender, b.level, b.object_id,
  b.line_number
from sparkify_users b;

delete from ingest_objects
using sparkify_objects
where ingest_objects.object_id = sparkify_objects.object_id
  and ingest_objects.batch_id = sparkify_objects.was_batch_id
  and sparkify_objects.change = 'newer';

insert into ingest_objects (
  object_id, dataset, bucket, object_key, etag, last_modified, status, rows_kept, rows_sum, first_event_at, last_event_at,
  batch_id
)
select
  o.object_id,
  'logs',
  o.bucket,
  o.object_key,
  case when o.status = 'live' then o.etag else coalesce(o.was_etag, '') end,
  case when o.status = 'live' then o.last_modified else coalesce(o.was_last_modified, timestamp 'epoch') end,
  o.status,
  coalesce(r.rows_kept, 0),
  coalesce(r.rows_sum, 0),
  r.first_event_at,
  r.last_event_at,
  '20181115T120000-000000000000'
from sparkify_objects o
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.start_time) as first_event_at,
    max(k.start_time) as last_event_at
  from (
    select b.object_id, b.play_hash as row_hash, b.start_time
    from sparkify_plays b
    union all
    select u.object_id, u.user_hash as row_hash, u.start_time
    from sparkify_users u
  ) k
  group by k.object_id
) r on r.object_id = o.object_id
where o.change <> 'same';

insert into sparkify_staging (kind, file_number, rows_inserted, rows_updated, rows_repaired, rows_removed)
select
  'C',
  0,
  case when u.far = 0 or 0 = 1 then c.came end,
  c.changed,
  0,
  c.gone
from (
  select
    coalesce(sum(case when is_new and not is_out then 1 else 0 end), 0) as came,
    coalesce(sum(case when not is_new and not is_out and not is_there then 1 else 0 end), 0) as changed,
    coalesce(sum(case when is_out then 1 else 0 end), 0) as gone
  from sparkify_choice
  where preference = 1
) c
cross join (
  select count(*) as far
  from sparkify_choice s
  join sparkify_choice w on w.user_id = s.user_id and w.preference = 1
  where s.source = 'S'
    and s.is_out
    and (w.is_out or w.start_time < dateadd(day, -35, s.start_time))
) u;

update ingest_files
set status = 'superseded'
from (
  select o.object_id, o.change, o.etag
  from sparkify_objects o
  where o.change = 'new'
     or (
       o.change = 'newer'
       and (o.status <> 'live' or o.etag <> o.was_etag or o.last_modified <> o.was_last_modified)
     )
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'loaded'
  and (r.change = 'newer' or ingest_files.etag <> r.etag);

update ingest_files
set status = 'loaded',
    etag = r.etag,
    size = r.size,
    last_modified = r.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = null,
    reason = null,
    settled_at = getdate()
from (
  select s.object_id, s.etag, s.size, s.last_modified
  from sparkify_staging s
  where s.kind = 'F'
    and s.status = 'loaded'
) r
where ingest_files.object_id = r.object_id
  and ingest_files.status = 'quarantined'
  and ingest_files.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
  and (ingest_files.etag = r.etag or date_trunc('second', ingest_files.event_time) <= r.last_modified);

update ingest_files
set status = s.status,
    etag = s.etag,
    size = s.size,
    last_modified = s.last_modified,
    batch_id = '20181115T120000-000000000000',
    attempts = ingest_files.attempts + 1,
    error_code = s.error_code,
    reason = s.reason,
    settled_at = getdate()
from (
  select f.file_id, f.status, f.etag, f.size, f.last_modified, f.error_code, f.reason
  from sparkify_staging f
  where f.kind = 'F'
) s
where ingest_files.file_id = s.file_id
  and (ingest_files.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
  and (
    (ingest_files.status in ('quarantined', 'missing') and s.status in ('loaded', 'removed'))
    or (
      ingest_files.status in ('quarantined', 'missing')
      and s.status = 'quarantined'
      and s.error_code <> coalesce(ingest_files.error_code, '')
    )
    or (ingest_files.status = 'superseded' and s.status = 'loaded')
  );

insert into ingest_files (
  file_id, object_id, bucket, object_key, etag, version_id, sequencer, size, event_time, last_modified, dataset, status,
  batch_id, attempts, error_code, reason, first_seen_at, settled_at
)
select
  s.file_id,
  s.object_id,
  s.bucket,
  s.object_key,
  s.etag,
  s.version_id,
  s.sequencer,
  s.size,
  s.event_time,
  s.last_modified,
  'logs',
  s.status,
  '20181115T120000-000000000000',
  1,
  s.error_code,
  s.reason,
  getdate(),
  getdate()
from sparkify_staging s
left join ingest_files f on f.file_id = s.file_id and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
where s.kind = 'F'
  and f.file_id is null;

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at,
  file_id
)
select k.rejected_id, '20181115T120000-000000000000', 'logs', k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate(),
  k.file_id
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.rejected_id,
      f.bucket,
      f.object_key,
      f.file_id,
      r.line_number,
      r.row_text,
      r.column_name,
      r.reason,
      row_number() over (partition by f.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from sparkify_staging r
    join sparkify_staging f on f.file_number = r.file_number
    where r.kind = 'R'
      and f.kind = 'F'
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= 10000;

insert into ingest_open (
  object_id, dataset, bucket, object_key, status, error_code, reason, rows_rejected, batch_id, settled_at
)
select
  f.object_id, 'logs', f.bucket, f.object_key, f.status, f.error_code, f.reason, f.rows_rejected, '20181115T120000-000000000000', getdate()
from (
  select
    s.object_id, s.bucket, s.object_key, s.status, s.error_code, s.reason, s.rows_rejected,
    row_number() over (partition by s.object_id order by s.file_number) as preference
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined')
) f
left join ingest_open o on o.object_id = f.object_id
where f.preference = 1
  and o.object_id is null
  and (f.status = 'quarantined' or f.rows_rejected > 0);

update ingest_totals
set batches = ingest_totals.batches + n.batches,
    objects = ingest_totals.objects + n.objects,
    rows_now = ingest_totals.rows_now + n.rows_now,
    rows_rejected = ingest_totals.rows_rejected + n.rows_rejected,
    last_published_at = coalesce(n.last_published_at, ingest_totals.last_published_at),
    totalled_until = n.totalled_until
from (
  select
    t.dataset,
    count(b.batch_id) as batches,
    coalesce(sum(b.objects_added), 0) as objects,
    coalesce(sum(b.rows_inserted - b.rows_removed), 0) as rows_now,
    coalesce(sum(b.rows_rejected), 0) as rows_rejected,
    max(b.published_at) as last_published_at,
    max(u.totalled_until) as totalled_until
  from ingest_totals t
  cross join (
    select date_trunc('hour', dateadd(hour, -1, getdate())) as totalled_until
  ) u
  left join ingest_batches b
    on b.dataset = t.dataset
    and b.published_at >= '1970-01-01 00:00:00.000'::timestamp
    and b.published_at >= t.totalled_until
    and b.published_at < u.totalled_until
  where t.totalled_until >= '1970-01-01 00:00:00.000'::timestamp
    and t.totalled_until < u.totalled_until
  group by t.dataset
) n
where ingest_totals.dataset = n.dataset;

insert into ingest_batches (
  batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
  rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids,
  rested_ms, rows_removed, objects_removed, objects_added, operator, action, why
)
select
  '20181115T120000-000000000000',
  'logs',
  'operator',
  'count',
  1,
  762,
  case when g.faults = 0 and o.others = 0 and p.published = 0 then 3::bigint end,
  1::bigint,
  case when c.found = 0 then 0 else c.rows_inserted end,
  case when c.found = 0 then 0 else c.rows_updated end,
  case when c.found = 0 then 0 else c.rows_repaired end,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  '2030-01-01 00:00:00'::timestamp,
  getdate(),
  'recorder',
  's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/manifest-000000.json',
  '1',
  0,
  case when c.found = 0 then 0 else c.rows_removed end,
  case when m.removed_lately + 0 <= 9007199254740991 then 0::bigint end,
  l.objects_added,
  'root',
  'reload',
  'a test'
from (
  select
    count(*) as found,
    max(s.rows_inserted) as rows_inserted,
    max(s.rows_updated) as rows_updated,
    max(s.rows_repaired) as rows_repaired,
    max(s.rows_removed) as rows_removed
  from sparkify_staging s
  where s.kind = 'C'
) c
cross join (
  select count(*) as faults
  from (
    select f.file_id
    from ingest_files f
    join sparkify_staging s on s.file_id = f.file_id
    where s.kind = 'F'
      and (f.event_time between '2030-01-01 00:00:00'::timestamp and '2030-01-01 00:00:00'::timestamp)
    group by f.file_id
    having (count(*) > 1 and max(case when f.batch_id = '20181115T120000-000000000000' and f.attempts = 1 then 1 else 0 end) = 1)
        or max(case when s.status in ('loaded', 'removed') and f.status in ('quarantined', 'missing') then 1 else 0 end) = 1
  ) d
) g
cross join (
  select count(*) as others
  from (
    select i.object_id
    from ingest_objects i
    join sparkify_objects b on b.object_id = i.object_id
    group by i.object_id
    having count(*) > 1
        or max(case when b.change = 'same' and i.batch_id <> '20181115T120000-000000000000' then 1 else 0 end) = 1
  ) v
) o
cross join (
  select coalesce(
    sum(case when b.status = 'live' then 1 else 0 end - case when b.was_status = 'live' then 1 else 0 end),
    0
  ) as objects_added
  from sparkify_objects b
  where b.change <> 'same'
) l
cross join (
  select count(*) as published
  from ingest_batches b
  where b.batch_id = '20181115T120000-000000000000'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
) p
cross join (
  select coalesce(sum(b.objects_removed), 0) as removed_lately
  from ingest_batches b
  where 0 > 0
    and b.dataset = 'logs'
    and b.published_at >= '2030-01-01 00:00:00'::timestamp
    and b.published_at >= dateadd(hour, -1, getdate())
) m;

select b.rows_staged, b.rows_rejected, b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, l.live_consumers
from ingest_batches b
cross join (
  select count(distinct n.consumer) as live_consumers
  from ingest_batches n
  where n.source = 'live'
    and n.published_at >= '2030-01-01 00:00:00'::timestamp
    and n.published_at >= dateadd(minute, -10, getdate())
) l
where b.batch_id = '20181115T120000-000000000000'
  and b.published_at >= '2030-01-01 00:00:00'::timestamp;

-- transaction 50: sparkify backfill --dry-run

set search_path to "sparkify";

set query_group to 'sparkify';

set timezone to 'UTC';

set statement_timeout to 900000;

drop table if exists
  sparkify_listed_files,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);

copy sparkify_listed_files
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/files.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

select
  b.file_number,
  case
    when max(case when i.status = 'retracted' and i.etag = b.etag and i.last_modified = date_trunc('second', b.event_time) then 1 else 0 end) = 1 then 'retracted'
    else min(f.status)
  end as status,
  min(f.batch_id) as batch_id
from sparkify_listed_files b
join ingest_files f on f.object_id = b.object_id and f.etag = b.etag
left join ingest_objects i on i.object_id = b.object_id
left join ingest_files q
  on q.object_id = b.object_id
  and q.status = 'quarantined'
  and q.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
where q.object_id is null
  and (
    f.status = 'quarantined'
    or (
      i.object_id is null
      and f.status = 'loaded'
      and date_trunc('second', coalesce(f.last_modified, f.event_time)) >= date_trunc('second', b.event_time)
    )
    or (
      i.status in ('live', 'retracted')
      and f.status in ('loaded', 'superseded')
      and i.etag = b.etag
      and i.last_modified = date_trunc('second', b.event_time)
    )
  )
group by b.file_number;

-- transaction 51: sparkify backfill --dry-run

drop table if exists
  sparkify_listed_files,
  sparkify_retracted,
  sparkify_retraction;

create temp table sparkify_listed_files (
  file_number integer not null,
  object_id char(32) not null,
  etag varchar(80) not null,
  event_time timestamp not null
);

copy sparkify_listed_files
from 's3://sparkify-raw/sparkify-work/batches/2018/11/15/20181115T120000-000000000000/files.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

select
  b.file_number,
  case
    when max(case when i.status = 'retracted' and i.etag = b.etag and i.last_modified = date_trunc('second', b.event_time) then 1 else 0 end) = 1 then 'retracted'
    else min(f.status)
  end as status,
  min(f.batch_id) as batch_id
from sparkify_listed_files b
join ingest_files f on f.object_id = b.object_id and f.etag = b.etag
left join ingest_objects i on i.object_id = b.object_id
left join ingest_files q
  on q.object_id = b.object_id
  and q.status = 'quarantined'
  and q.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
where q.object_id is null
  and (
    f.status = 'quarantined'
    or (
      i.object_id is null
      and f.status = 'loaded'
      and date_trunc('second', coalesce(f.last_modified, f.event_time)) >= date_trunc('second', b.event_time)
    )
    or (
      i.status in ('live', 'retracted')
      and f.status in ('loaded', 'superseded')
      and i.etag = b.etag
      and i.last_modified = date_trunc('second', b.event_time)
    )
  )
group by b.file_number;

-- transaction 52: sparkify consume --sweep

set search_path to "sparkify";

select o.object_key, to_char(o.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_open o
where o.bucket = 'sparkify-raw'
  and o.status = 'quarantined'
  and o.error_code not in ('not_json_objects', 'gzip_invalid', 'inflated_too_large')
order by o.settled_at, o.object_key
limit 5000;

-- transaction 53: sparkify consume --sweep

set search_path to "sparkify";

select i.object_id, i.bucket, i.object_key
from ingest_objects i
where i.object_id > ''
  and i.status = 'live'
order by i.object_id
limit 1000;

-- transaction 54: sparkify consume --sweep

set search_path to "sparkify";

select i.object_id, i.bucket, i.object_key
from ingest_objects i
where i.object_id > '1'
  and i.status = 'live'
order by i.object_id
limit 1000;

-- transaction 55: sparkify analyze

set search_path to "sparkify";

select
  count(*) as plays,
  count(distinct user_id) as listeners,
  (select count(*) from users) as users,
  (select count(*) from songs) as songs,
  (select count(*) from artists) as artists,
  min(start_time) as first_play,
  max(start_time) as last_play
from songplays
where (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp);

select
  count(*) as plays,
  count(song_id) as known,
  count(*) - count(song_id) as unknown,
  round(100::double precision * count(song_id) / nullif(count(*), 0), 1) as percent_known
from songplays
where (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp);

select
  song_title as song,
  artist_name as artist,
  count(*) as plays,
  count(distinct user_id) as listeners,
  case when count(song_id) > 0 then 'yes' else 'no' end as in_catalogue
from songplays
where song_title is not null
  and (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
group by song_title, artist_name
order by plays desc, song, artist
limit 10;

select
  artist_name as artist,
  count(*) as plays,
  count(distinct song_title) as songs_played,
  count(distinct user_id) as listeners
from songplays
where artist_name is not null
  and (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
group by artist_name
order by plays desc, artist
limit 10;

select
  t.hour,
  count(*) as plays,
  count(distinct p.user_id) as listeners
from songplays p
join time t on t.start_time = p.start_time
where (p.start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
group by t.hour
order by t.hour;

select
  case t.weekday
    when 0 then 'Sunday'
    when 1 then 'Monday'
    when 2 then 'Tuesday'
    when 3 then 'Wednesday'
    when 4 then 'Thursday'
    when 5 then 'Friday'
    when 6 then 'Saturday'
  end as weekday,
  count(*) as plays,
  count(distinct date_trunc('day', p.start_time)) as days,
  count(*) / count(distinct date_trunc('day', p.start_time)) as plays_per_day
from songplays p
join time t on t.start_time = p.start_time
where (p.start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
group by t.weekday
order by (t.weekday + 6) % 7;

select
  l.level,
  coalesce(u.users, 0) as users,
  coalesce(p.plays, 0) as plays,
  round(100::double precision * coalesce(p.plays, 0) / nullif(sum(coalesce(p.plays, 0)) over (), 0), 1) as percent_of_plays,
  coalesce(p.listeners, 0) as listeners,
  round(p.plays::double precision / nullif(p.listeners, 0), 1) as plays_per_listener
from (
  select level from users where level is not null
  union
  select level from songplays where level is not null
) l
left join (
  select level, count(*) as users
  from users
  group by level
) u on u.level = l.level
left join (
  select level, count(*) as plays, count(distinct user_id) as listeners
  from songplays
  where (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
  group by level
) p on p.level = l.level
order by l.level;

select
  p.user_id,
  u.first_name || ' ' || u.last_name as name,
  u.level,
  p.plays,
  p.sessions,
  p.last_play
from (
  select
    user_id,
    count(*) as plays,
    count(distinct session_id) as sessions,
    max(start_time) as last_play
  from songplays
  where (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
  group by user_id
) p
left join users u on u.user_id = p.user_id
order by p.plays desc, p.user_id
limit 10;

select
  location,
  count(*) as plays,
  count(distinct user_id) as listeners
from songplays
where location is not null
  and (start_time between '1000-01-01 00:00:00.000'::timestamp and '9999-12-30 23:59:59.999'::timestamp)
group by location
order by plays desc, location
limit 10;

-- transaction 56: sparkify verify

select schemaname
from pg_tables
where tablename = 'sparkify_verify_1'
  and schemaname like 'sparkify_verify_%'
order by schemaname;

-- transaction 57: sparkify verify

create schema "sparkify_verify_1";

set search_path to "sparkify_verify_1", "sparkify";

create table sparkify_verify_1 (
  run_id varchar(20) not null,
  star_schema varchar(63) not null,
  started_at timestamp not null
);

insert into sparkify_verify_1 (run_id, star_schema, started_at)
values ('1', 'sparkify', getdate());

create table batches_before as
select batch_id
from ingest_batches
where published_at >= dateadd(day, -2, getdate());

create table listed_objects (
  object_id char(32) not null,
  dataset varchar(16) not null,
  bucket varchar(63) not null,
  object_key varchar(1024) not null,
  etag varchar(80) not null,
  last_modified_ms bigint,
  is_part boolean not null,
  is_read boolean not null
);

create table raw_events (
  object_id char(32) not null,
  ordinal integer not null,
  line_number bigint not null,
  artist varchar(16384),
  firstname varchar(16384),
  gender varchar(16384),
  iteminsession varchar(16384),
  lastname varchar(16384),
  length varchar(16384),
  level varchar(16384),
  location varchar(16384),
  page varchar(16384),
  sessionid varchar(16384),
  song varchar(16384),
  ts varchar(16384),
  useragent varchar(16384),
  userid varchar(16384),
  unstorable varchar(512)
);

create table raw_songs (
  object_id char(32) not null,
  ordinal integer not null,
  line_number bigint not null,
  song_id varchar(16384),
  title varchar(16384),
  artist_id varchar(16384),
  artist_name varchar(16384),
  artist_location varchar(16384),
  artist_latitude varchar(16384),
  artist_longitude varchar(16384),
  year varchar(16384),
  duration varchar(16384),
  unstorable varchar(512)
);

-- transaction 58: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

copy listed_objects
from 's3://sparkify-raw/sparkify-work/verify/000000000000/listing.manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

copy raw_events
from 's3://sparkify-raw/sparkify-work/verify/000000000000/raw_events.manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

copy raw_songs
from 's3://sparkify-raw/sparkify-work/verify/000000000000/raw_songs.manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create table known_files as
select
  f.*,
  row_number() over (order by f.last_modified desc, f.object_key desc, f.bucket desc) as age
from (
  select
    l.object_id,
    l.dataset,
    l.bucket,
    l.object_key,
    l.etag,
    l.last_modified,
    case when r.object_id is null then 'live' else 'retracted' end as status,
    true as is_read,
    l.dataset = 'songs' or e.object_id is null or n.object_id is not null as has_lineage
  from (
    select
      object_id, dataset, bucket, object_key, etag,
      timestamp 'epoch' + (last_modified_ms / 1000) * interval '1 second' as last_modified
    from listed_objects
    where is_read
  ) l
  left join ingest_objects r
    on r.object_id = l.object_id
    and r.status = 'retracted'
    and r.etag = l.etag
    and r.last_modified = l.last_modified
  left join (
    select distinct object_id, etag
    from ingest_files
    where status = 'loaded'
  ) e on e.object_id = l.object_id and e.etag = l.etag
  left join (
    select object_id from ingest_objects
    union
    select object_id from user_sources
  ) n on n.object_id = l.object_id
  union all
  select
    i.object_id,
    i.dataset,
    i.bucket,
    i.object_key,
    i.etag,
    i.last_modified,
    i.status,
    false,
    true
  from ingest_objects i
  left join listed_objects l on l.object_id = i.object_id and l.is_read
  where l.object_id is null
) f;

create table number_parts as
select
  shifted.object_id,
  shifted.ordinal,
  shifted.name,
  shifted.is_negative and shifted.digits <> '' as is_negative,
  shifted.digits,
  case when shifted.digits = '' then 0 else shifted.whole_digits - shifted.leading_zeros + shifted.exponent end as point_at
from (
  select
    split.object_id,
    split.ordinal,
    split.name,
    split.is_negative,
    octet_length(split.whole) as whole_digits,
    octet_length(split.whole || split.fraction) - octet_length(ltrim(split.whole || split.fraction, '1')) as leading_zeros,
    rtrim(ltrim(split.whole || split.fraction, '1'), '1') as digits,
    case when left(split.exponent, 1) = '-' then -1 else 1 end
      * case
          when octet_length(ltrim(split.exponent, '+-0')) > 6 then 1000000
          else ('1' || ltrim(split.exponent, '+-0'))::integer
        end as exponent
  from (
    select
      v.object_id,
      v.ordinal,
      v.name,
      left(v.value, 1) = '-' as is_negative,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 1) as whole,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 2) as fraction,
      split_part(lower(v.value), 'e', 2) as exponent
    from (
    select object_id, ordinal, 'ts' as name, ts as value from raw_events
    union all
    select object_id, ordinal, 'userid' as name, userid as value from raw_events
    union all
    select object_id, ordinal, 'sessionid' as name, sessionid as value from raw_events
    union all
    select object_id, ordinal, 'iteminsession' as name, iteminsession as value from raw_events
    union all
    select object_id, ordinal, 'length' as name, length as value from raw_events
    union all
    select object_id, ordinal, 'year' as name, year as value from raw_songs
    union all
    select object_id, ordinal, 'duration' as name, duration as value from raw_songs
    union all
    select object_id, ordinal, 'artist_latitude' as name, artist_latitude as value from raw_songs
    union all
    select object_id, ordinal, 'artist_longitude' as name, artist_longitude as value from raw_songs
    ) v
    where octet_length(v.value) <= 1024
      and v.value !~ '[^-+.0-9eE]'
      and v.value ~ '^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$'
  ) split
) shifted;

create table typed_numbers as
select
  p.object_id,
  p.ordinal,
  p.name,
  case
    when p.digits = '' then 0::decimal(38, 0)
    when p.point_at between octet_length(p.digits) and 37
      then (case when p.is_negative then '-' else '' end || rpad(p.digits, p.point_at, '1'))::decimal(38, 0)
  end as whole,
  case
    when p.is_negative or p.point_at > 5 then null
    when p.digits = '' or p.point_at < -5 then 0::decimal(20, 5)

    else (rpad(p.digits, p.point_at + 6, '1')::bigint + 5) / 10 * 0.00001
  end as seconds,
  case
    when p.digits = '' then 0::double precision

    when p.point_at between -300 and 3
      then (case when p.is_negative then '-' else '' end || '0.' || left(p.digits, 40) || 'e' || p.point_at::varchar)::double precision
  end as degrees
from number_parts p;

create table event_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'ts' and whole >= 946684800000 and whole < 4102444800000 then whole end)::bigint as ts_ms,
  max(case when name = 'userid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as user_id,
  max(case when name = 'sessionid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as session_id,
  max(case when name = 'iteminsession' and whole between -2147483648 and 2147483647 then whole end)::integer as item_in_session,
  max(case when name = 'length' and seconds < 100000 then seconds end)::decimal(10, 5) as song_length
from typed_numbers
where name in ('ts', 'userid', 'sessionid', 'iteminsession', 'length')
group by object_id, ordinal;

create table reload_events as
select
  e.object_id,
  e.ordinal,
  e.line_number,
  rtrim(e.page) = 'NextSong' as is_play,
  n.user_id,
  n.session_id,
  n.item_in_session,
  n.ts_ms,
  dateadd(ms, mod(n.ts_ms, 1000)::integer, timestamp 'epoch' + (n.ts_ms / 1000) * interval '1 second') as start_time,
  e.firstname as first_name,
  e.lastname as last_name,
  e.gender,
  e.level,
  e.location,
  e.useragent as user_agent,
  e.song as song_title,
  e.artist as artist_name,
  n.song_length
from raw_events e
join event_numbers n on n.object_id = e.object_id and n.ordinal = e.ordinal
where rtrim(e.page) <> ''
  and n.user_id is not null
  and n.session_id is not null
  and n.item_in_session is not null
  and n.ts_ms is not null
  and coalesce(octet_length(e.level), 0) <= 16
  and coalesce(octet_length(e.gender), 0) <= 16
  and coalesce(octet_length(e.firstname), 0) <= 256
  and coalesce(octet_length(e.lastname), 0) <= 256
  and coalesce(e.unstorable, '') !~ ' (level|gender|firstname|lastname) '
  and (
    rtrim(e.page) <> 'NextSong'
    or (
      coalesce(octet_length(e.location), 0) <= 512
      and coalesce(octet_length(e.useragent), 0) <= 2048
      and coalesce(octet_length(e.song), 0) <= 1024
      and coalesce(octet_length(e.artist), 0) <= 1024
      and (n.song_length is not null or coalesce(rtrim(e.length), '') = '')
      and coalesce(e.unstorable, '') !~ ' (location|useragent|song|artist|length) '
    )
  );

create table song_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'year' and whole between 0 and 9999 then whole end)::integer as year,
  max(case when name = 'duration' and seconds < 100000 then seconds end)::decimal(10, 5) as duration,
  max(case when name = 'artist_latitude' and abs(degrees) < 1000 then degrees end) as artist_latitude,
  max(case when name = 'artist_longitude' and abs(degrees) < 1000 then degrees end) as artist_longitude
from typed_numbers
where name in ('year', 'duration', 'artist_latitude', 'artist_longitude')
group by object_id, ordinal;

create table bucket_song_rows as
select
  r.object_id,
  r.ordinal,
  r.line_number,
  rtrim(r.song_id) as song_id,
  r.title,
  rtrim(r.artist_id) as artist_id,
  r.artist_name,
  r.artist_location,
  n.artist_latitude,
  n.artist_longitude,
  n.year,
  n.duration
from raw_songs r
left join song_numbers n on n.object_id = r.object_id and n.ordinal = r.ordinal
where r.unstorable is null
  and rtrim(r.song_id) <> ''
  and rtrim(r.artist_id) <> ''
  and octet_length(rtrim(r.song_id)) <= 64
  and octet_length(rtrim(r.artist_id)) <= 64
  and coalesce(octet_length(r.title), 0) <= 1024
  and coalesce(octet_length(r.artist_name), 0) <= 1024
  and coalesce(octet_length(r.artist_location), 0) <= 1024
  and (n.duration is not null or coalesce(rtrim(r.duration), '') = '')
  and (n.year is not null or coalesce(rtrim(r.year), '') = '')
  and (n.artist_latitude is not null or coalesce(rtrim(r.artist_latitude), '') = '')
  and (n.artist_longitude is not null or coalesce(rtrim(r.artist_longitude), '') = '');

create table reload_song_sources as
select
  s.*,
  md5(
    octet_length(title)::varchar || ':' || title || octet_length(artist_name)::varchar || ':' || artist_name
    || (duration * 100000)::bigint::varchar
  )::char(32) as match_key
from (
  select
    b.object_id as source_id,
    b.ordinal as row_number,
    case when k.source_id is null or k.line_number is not null then b.line_number end as line_number,
    f.bucket, f.object_key, f.etag, f.last_modified, b.song_id, b.title, b.artist_id, b.artist_name, b.artist_location,
    b.artist_latitude, b.artist_longitude, b.year, b.duration
  from bucket_song_rows b
  join known_files f on f.object_id = b.object_id
  left join (
    select source_id, row_number, max(line_number) as line_number
    from song_sources
    group by source_id, row_number
  ) k on k.source_id = b.object_id and k.row_number = b.ordinal
  where f.status = 'live'
  union all
  select
    k.source_id, k.row_number, k.line_number, f.bucket, f.object_key, f.etag, f.last_modified, k.song_id, k.title,
    k.artist_id, k.artist_name, k.artist_location, k.artist_latitude, k.artist_longitude, k.year, k.duration
  from song_sources k
  join known_files f on f.object_id = k.source_id
  where f.status = 'live'
    and not f.is_read
) s;

create table reload_newest_songs as
select ranked.*
from (
  select
    s.*,
    row_number() over (
      partition by song_id
      order by last_modified desc, object_key desc, bucket desc, row_number desc
    ) as age
  from reload_song_sources s
) ranked
where ranked.age = 1;

create table reload_songs as
select song_id, title, artist_id, year, duration, match_key, last_modified, source_id, row_number as source_row, line_number
from reload_newest_songs;

create table reload_artists as
select
  ranked.artist_id,
  ranked.artist_name as name,
  ranked.artist_location as location,
  ranked.artist_latitude as latitude,
  ranked.artist_longitude as longitude,
  ranked.source_id,
  ranked.line_number
from (
  select
    n.artist_id,
    n.artist_name,
    n.artist_location,
    n.artist_latitude,
    n.artist_longitude,
    n.source_id,
    n.line_number,
    row_number() over (partition by n.artist_id order by n.last_modified desc, n.song_id desc) as age_of_song
  from reload_newest_songs n
) ranked
where ranked.age_of_song = 1;

create table play_candidates as
select ranked.*
from (
  select
    h.*,
    row_number() over (partition by h.songplay_id, h.object_id order by h.ordinal desc) as preference
  from (
    select
      p.*,
      coalesce(f.has_lineage, false) as has_lineage,
      coalesce(f.age, 9223372036854775807) as age,
      md5(p.session_id::varchar || '|' || p.item_in_session::varchar || '|' || p.user_id::varchar || '|' || p.ts_ms::varchar)::char(32) as songplay_id,
      md5(
        coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
        || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
        || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
        || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
        || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
        || coalesce((p.song_length * 100000)::bigint::varchar, '-')
      ) as play_hash,
      md5(
        octet_length(p.song_title)::varchar || ':' || p.song_title || octet_length(p.artist_name)::varchar || ':' || p.artist_name
        || (p.song_length * 100000)::bigint::varchar
      )::char(32) as match_key
    from (
      select
        'bucket' as source, null::char(32) as star_id, object_id, ordinal, line_number, session_id, item_in_session, user_id,
        ts_ms, start_time, level, location, user_agent, song_title, artist_name, song_length
      from reload_events
      where is_play
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from songplays
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from play_rivals
    ) p
    left join known_files f on f.object_id = p.object_id
    where p.object_id is null
       or (f.status = 'live' and f.is_read = (p.source = 'bucket'))
  ) h
  where h.source = 'bucket'
     or h.star_id = h.songplay_id
) ranked
where ranked.preference = 1;

create table reload_plays as
select ranked.*
from (
  select
    o.*,
    row_number() over (
      partition by o.songplay_id
      order by
        case when o.play_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
      c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key, c.play_hash, c.has_lineage, c.age,
      s.is_named,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from play_candidates c
    left join (
      select distinct songplay_id, object_id, line_number, 1 as is_named
      from songplays
    ) s on s.songplay_id = c.songplay_id and s.object_id = c.object_id and s.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_matches as
select ranked.songplay_id, ranked.song_id, ranked.artist_id
from (
  select
    p.songplay_id,
    s.song_id,
    s.artist_id,
    row_number() over (partition by p.songplay_id order by s.song_id) as preference
  from reload_plays p
  join reload_newest_songs s
    on s.title = p.song_title
    and s.artist_name = p.artist_name
    and s.duration = p.song_length
    and octet_length(s.title) = octet_length(p.song_title)
    and octet_length(s.artist_name) = octet_length(p.artist_name)
) ranked
where ranked.preference = 1;

create table reload_songplays as
select
  p.songplay_id,
  p.start_time,
  p.user_id,
  p.level,
  m.song_id,
  m.artist_id,
  p.session_id,
  p.location,
  p.user_agent,
  p.item_in_session,
  p.song_title,
  p.artist_name,
  p.song_length,
  p.match_key,
  case when p.has_lineage then p.object_id end as object_id,
  case when p.has_lineage then p.line_number end as line_number
from reload_plays p
left join reload_matches m on m.songplay_id = p.songplay_id;

create table reload_play_rivals as
select
  c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
  c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key
from play_candidates c
left join reload_plays p on p.songplay_id = c.songplay_id and p.object_id = c.object_id
where c.has_lineage
  and p.songplay_id is null;

create table reload_play_keys as
select
  substring(k.match_key from 1 for 12)::char(12) as key_prefix,
  date_trunc('day', min(k.start_time))::date as first_day,
  date_trunc('day', max(k.start_time))::date as last_day
from (
  select match_key, start_time from reload_songplays
  union all
  select match_key, start_time from reload_play_rivals
) k
where k.match_key is not null
group by 1;

create table user_candidates as
select ranked.*
from (
  select
    v.*,
    coalesce(f.has_lineage, false) as has_lineage,
    coalesce(f.age, 9223372036854775807) as age,
    md5(
      coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
      || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
      || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
      || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
    ) as user_hash,
    row_number() over (
      partition by v.user_id, v.object_id
      order by v.event_at desc, v.session_id desc, v.item_in_session desc, v.ordinal desc
    ) as preference
  from (
    select
      'bucket' as source, object_id, ordinal, line_number, user_id, start_time as event_at, session_id, item_in_session,
      first_name, last_name, gender, level
    from reload_events
    union all
    select
      'star', object_id, 0, line_number, user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level
    from user_sources
  ) v
  left join known_files f on f.object_id = v.object_id
  where v.object_id is null
     or (f.status = 'live' and f.is_read = (v.source = 'bucket'))
) ranked
where ranked.preference = 1;

create table reload_users as
select
  ranked.user_id, ranked.first_name, ranked.last_name, ranked.gender, ranked.level, ranked.event_at as last_event_at,
  ranked.session_id as last_session_id, ranked.item_in_session as last_item_in_session,
  case when ranked.has_lineage then ranked.object_id end as object_id,
  case when ranked.has_lineage then ranked.line_number end as line_number
from (
  select
    o.*,
    row_number() over (
      partition by o.user_id
      order by
        o.event_at desc,
        o.session_id desc,
        o.item_in_session desc,
        case when o.user_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.user_id, c.object_id, c.line_number, c.event_at, c.session_id, c.item_in_session, c.first_name, c.last_name,
      c.gender, c.level, c.user_hash, c.has_lineage, c.age,
      u.is_named,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by c.event_at desc, c.session_id desc, c.item_in_session desc, c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from user_candidates c
    left join (
      select distinct user_id, object_id, line_number, 1 as is_named
      from users
    ) u on u.user_id = c.user_id and u.object_id = c.object_id and u.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_time as
select distinct
  start_time,
  date_part(hour, start_time)::smallint as hour,
  date_part(day, start_time)::smallint as day,
  date_part(week, start_time)::smallint as week,
  date_part(month, start_time)::smallint as month,
  date_part(year, start_time)::smallint as year,
  date_part(dow, start_time)::smallint as weekday
from reload_songplays;

create table reload_objects as
select
  f.object_id,
  f.dataset,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  f.status,
  coalesce(r.rows_kept, 0) as rows_kept,
  case when f.dataset = 'logs' then coalesce(r.rows_sum, 0::decimal(38, 0)) end as rows_sum,
  r.first_event_at,
  r.last_event_at
from known_files f
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.event_at) as first_event_at,
    max(k.event_at) as last_event_at
  from (
    select object_id, play_hash as row_hash, start_time as event_at
    from play_candidates
    union all
    select object_id, user_hash, event_at
    from user_candidates
    union all
    select source_id, null::char(32), null::timestamp
    from reload_song_sources
  ) k
  group by k.object_id
) r on r.object_id = f.object_id
where f.has_lineage;

create table ledger_entries as
select
  l.object_id,
  case
    when sum(case when f.status = 'loaded' then 1 else 0 end) > 0 then 'loaded'
    when sum(case when f.status = 'quarantined' then 1 else 0 end) > 0 then 'quarantined'
    else min(f.status)
  end as status,
  count(*) - count(distinct f.file_id || to_char(f.event_time, 'YYYYMMDDHH24MISSMS')) as double_entries
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
group by l.object_id;

select l.object_id, max(f.reason) as reason
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
where l.is_part
  and not l.is_read
group by l.object_id
having sum(case when f.status = 'loaded' then 1 else 0 end) = 0
   and sum(case when f.status = 'quarantined' then 1 else 0 end) > 0;

select
  f.object_key,
  case when f.status = 'retracted' then 'retracted' when l.object_id is null then 'gone' else 'unread' end as fate,
  o.rows_kept,
  count(*) over () as files,
  sum(o.rows_kept) over () as all_rows
from known_files f
join reload_objects o on o.object_id = f.object_id
left join listed_objects l on l.object_id = f.object_id
where ((f.status = 'live' and not f.is_read) or (f.status = 'retracted' and f.is_read))
  and (
    l.is_part
    or (l.object_id is null and 1 = 1 and left(f.object_key, length('')) = '')
  )
order by f.object_key, f.object_id
limit 20;

select
  (select count(*) from songplays where object_id is null) as plays,
  (select count(*) from users where object_id is null) as users,
  (select count(*) from songs where line_number is null) as songs;

-- transaction 59: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

create view "compared_songplays_star" as
select
  songplay_id as row_key, object_id as row_object, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from songplays;

create view "compared_songplays_reload" as
select
  songplay_id as row_key, object_id as row_object, songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location,
  user_agent, item_in_session, song_title, artist_name, song_length, match_key, object_id, line_number
from reload_songplays;

create table "compared_songplays_different" as
select star_only.*, 'star' as side
from (select * from "compared_songplays_star" except select * from "compared_songplays_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_songplays_reload" except select * from "compared_songplays_star") reload_only;

select
  (select count(*) from "compared_songplays_star") as star_rows,
  (select count(distinct row_key) from "compared_songplays_star") as star_keys,
  (select count(*) from "compared_songplays_reload") as reload_rows,
  (select count(*) from "compared_songplays_different" where side = 'star') as star_only,
  (select count(*) from "compared_songplays_different" where side = 'reload') as reload_only;

create view "compared_users_star" as
select
  user_id as row_key, object_id as row_object, user_id, first_name, last_name, gender, level, last_event_at, last_session_id,
  last_item_in_session, object_id, line_number
from users;

create view "compared_users_reload" as
select
  user_id as row_key, object_id as row_object, user_id, first_name, last_name, gender, level, last_event_at, last_session_id,
  last_item_in_session, object_id, line_number
from reload_users;

create table "compared_users_different" as
select star_only.*, 'star' as side
from (select * from "compared_users_star" except select * from "compared_users_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_users_reload" except select * from "compared_users_star") reload_only;

select
  (select count(*) from "compared_users_star") as star_rows,
  (select count(distinct row_key) from "compared_users_star") as star_keys,
  (select count(*) from "compared_users_reload") as reload_rows,
  (select count(*) from "compared_users_different" where side = 'star') as star_only,
  (select count(*) from "compared_users_different" where side = 'reload') as reload_only;

create view "compared_songs_star" as
select
  song_id as row_key, source_id as row_object, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from songs;

create view "compared_songs_reload" as
select
  song_id as row_key, source_id as row_object, song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row,
  line_number
from reload_songs;

create table "compared_songs_different" as
select star_only.*, 'star' as side
from (select * from "compared_songs_star" except select * from "compared_songs_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_songs_reload" except select * from "compared_songs_star") reload_only;

select
  (select count(*) from "compared_songs_star") as star_rows,
  (select count(distinct row_key) from "compared_songs_star") as star_keys,
  (select count(*) from "compared_songs_reload") as reload_rows,
  (select count(*) from "compared_songs_different" where side = 'star') as star_only,
  (select count(*) from "compared_songs_different" where side = 'reload') as reload_only;

create view "compared_artists_star" as
select artist_id as row_key, source_id as row_object, artist_id, name, location, latitude, longitude, source_id, line_number
from artists;

create view "compared_artists_reload" as
select
  r.artist_id as row_key,
  case when r.line_number is not null or a.source_id is not null then r.source_id end as row_object,
  r.artist_id,
  r.name,
  r.location,
  r.latitude,
  r.longitude,
  case when r.line_number is not null or a.source_id is not null then r.source_id end as source_id,
  r.line_number
from reload_artists r
left join (
  select artist_id, max(source_id) as source_id
  from artists
  group by artist_id
) a on a.artist_id = r.artist_id;

create table "compared_artists_different" as
select star_only.*, 'star' as side
from (select * from "compared_artists_star" except select * from "compared_artists_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_artists_reload" except select * from "compared_artists_star") reload_only;

select
  (select count(*) from "compared_artists_star") as star_rows,
  (select count(distinct row_key) from "compared_artists_star") as star_keys,
  (select count(*) from "compared_artists_reload") as reload_rows,
  (select count(*) from "compared_artists_different" where side = 'star') as star_only,
  (select count(*) from "compared_artists_different" where side = 'reload') as reload_only;

create view "compared_time_star" as
select start_time as row_key, null::char(32) as row_object, start_time, hour, day, week, month, year, weekday
from time;

create view "compared_time_reload" as
select start_time as row_key, null::char(32) as row_object, start_time, hour, day, week, month, year, weekday
from reload_time;

create table "compared_time_different" as
select star_only.*, 'star' as side
from (select * from "compared_time_star" except select * from "compared_time_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_time_reload" except select * from "compared_time_star") reload_only;

select
  (select count(*) from "compared_time_star") as star_rows,
  (select count(distinct row_key) from "compared_time_star") as star_keys,
  (select count(*) from "compared_time_reload") as reload_rows,
  (select count(*) from "compared_time_different" where side = 'star') as star_only,
  (select count(*) from "compared_time_different" where side = 'reload') as reload_only;

create view "compared_play_rivals_star" as
select
  songplay_id || ' ' || object_id as row_key, object_id as row_object, songplay_id, object_id, line_number, start_time, user_id, level, session_id,
  location, user_agent, item_in_session, song_title, artist_name, song_length, match_key
from play_rivals;

create view "compared_play_rivals_reload" as
select
  songplay_id || ' ' || object_id as row_key, object_id as row_object, songplay_id, object_id, line_number, start_time, user_id, level, session_id,
  location, user_agent, item_in_session, song_title, artist_name, song_length, match_key
from reload_play_rivals;

create table "compared_play_rivals_different" as
select star_only.*, 'star' as side
from (select * from "compared_play_rivals_star" except select * from "compared_play_rivals_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_play_rivals_reload" except select * from "compared_play_rivals_star") reload_only;

select
  (select count(*) from "compared_play_rivals_star") as star_rows,
  (select count(distinct row_key) from "compared_play_rivals_star") as star_keys,
  (select count(*) from "compared_play_rivals_reload") as reload_rows,
  (select count(*) from "compared_play_rivals_different" where side = 'star') as star_only,
  (select count(*) from "compared_play_rivals_different" where side = 'reload') as reload_only;

create view "compared_user_sources_star" as
select
  user_id::varchar || ' ' || object_id as row_key, object_id as row_object, user_id, object_id, line_number, event_at, session_id,
  item_in_session, first_name, last_name, gender, level
from user_sources
where object_id is not null;

create view "compared_user_sources_reload" as
select
  user_id::varchar || ' ' || object_id as row_key, object_id as row_object, user_id, object_id, line_number, event_at, session_id,
  item_in_session, first_name, last_name, gender, level
from user_candidates
where has_lineage;

create table "compared_user_sources_different" as
select star_only.*, 'star' as side
from (select * from "compared_user_sources_star" except select * from "compared_user_sources_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_user_sources_reload" except select * from "compared_user_sources_star") reload_only;

select
  (select count(*) from "compared_user_sources_star") as star_rows,
  (select count(distinct row_key) from "compared_user_sources_star") as star_keys,
  (select count(*) from "compared_user_sources_reload") as reload_rows,
  (select count(*) from "compared_user_sources_different" where side = 'star') as star_only,
  (select count(*) from "compared_user_sources_different" where side = 'reload') as reload_only;

create view "compared_song_sources_star" as
select
  source_id || ' ' || row_number::varchar as row_key, object_key || ' ' || row_number::varchar as row_name, source_id as row_object, source_id,
  row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key
from song_sources;

create view "compared_song_sources_reload" as
select
  source_id || ' ' || row_number::varchar as row_key, object_key || ' ' || row_number::varchar as row_name, source_id as row_object, source_id,
  row_number, line_number, bucket, object_key, etag, last_modified, song_id, title, artist_id, artist_name,
  artist_location, artist_latitude, artist_longitude, year, duration, match_key
from reload_song_sources;

create table "compared_song_sources_different" as
select star_only.*, 'star' as side
from (select * from "compared_song_sources_star" except select * from "compared_song_sources_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_song_sources_reload" except select * from "compared_song_sources_star") reload_only;

select
  (select count(*) from "compared_song_sources_star") as star_rows,
  (select count(distinct row_key) from "compared_song_sources_star") as star_keys,
  (select count(*) from "compared_song_sources_reload") as reload_rows,
  (select count(*) from "compared_song_sources_different" where side = 'star') as star_only,
  (select count(*) from "compared_song_sources_different" where side = 'reload') as reload_only;

create view "compared_play_keys_star" as
select
  k.key_prefix as row_key,
  null::char(32) as row_object,
  k.key_prefix,
  case when k.first_day <= n.first_day then n.first_day else k.first_day end as first_day,
  case when k.last_day >= n.last_day then n.last_day else k.last_day end as last_day
from play_keys k
join reload_play_keys n on n.key_prefix = k.key_prefix;

create view "compared_play_keys_reload" as
select key_prefix as row_key, null::char(32) as row_object, key_prefix, first_day, last_day
from reload_play_keys;

create table "compared_play_keys_different" as
select star_only.*, 'star' as side
from (select * from "compared_play_keys_star" except select * from "compared_play_keys_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_play_keys_reload" except select * from "compared_play_keys_star") reload_only;

select
  (select count(*) from "compared_play_keys_star") as star_rows,
  (select count(distinct row_key) from "compared_play_keys_star") as star_keys,
  (select count(*) from "compared_play_keys_reload") as reload_rows,
  (select count(*) from "compared_play_keys_different" where side = 'star') as star_only,
  (select count(*) from "compared_play_keys_different" where side = 'reload') as reload_only;

-- transaction 60: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

create view "compared_ingest_objects_star" as
select
  object_id as row_key, object_key as row_name, object_id as row_object, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from ingest_objects;

create view "compared_ingest_objects_reload" as
select
  object_id as row_key, object_key as row_name, object_id as row_object, dataset, bucket, object_key, etag, last_modified, status, rows_kept,
  rows_sum, first_event_at, last_event_at
from reload_objects;

create table "compared_ingest_objects_different" as
select star_only.*, 'star' as side
from (select * from "compared_ingest_objects_star" except select * from "compared_ingest_objects_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_ingest_objects_reload" except select * from "compared_ingest_objects_star") reload_only;

select
  (select count(*) from "compared_ingest_objects_star") as star_rows,
  (select count(distinct row_key) from "compared_ingest_objects_star") as star_keys,
  (select count(*) from "compared_ingest_objects_reload") as reload_rows,
  (select count(*) from "compared_ingest_objects_different" where side = 'star') as star_only,
  (select count(*) from "compared_ingest_objects_different" where side = 'reload') as reload_only;

create view "compared_ingest_files_star" as
select
  l.object_id as row_key, l.object_key as row_name, l.object_id as row_object, e.status, e.double_entries
from ledger_entries e
join listed_objects l on l.object_id = e.object_id
where l.is_part;

create view "compared_ingest_files_reload" as
select
  l.object_id as row_key,
  l.object_key as row_name,
  l.object_id as row_object,
  case
    when f.status = 'retracted' and coalesce(e.status, '') <> 'loaded' then 'superseded'
    when l.is_part and not l.is_read and coalesce(e.status, '') <> 'loaded' then 'quarantined'
    else 'loaded'
  end as status,
  0::bigint as double_entries
from listed_objects l
left join known_files f on f.object_id = l.object_id and f.etag = l.etag
left join ledger_entries e on e.object_id = l.object_id
where l.is_part
   or e.object_id is null;

create table "compared_ingest_files_different" as
select star_only.*, 'star' as side
from (select * from "compared_ingest_files_star" except select * from "compared_ingest_files_reload") star_only
union all
select reload_only.*, 'reload' as side
from (select * from "compared_ingest_files_reload" except select * from "compared_ingest_files_star") reload_only;

select
  (select count(*) from "compared_ingest_files_star") as star_rows,
  (select count(distinct row_key) from "compared_ingest_files_star") as star_keys,
  (select count(*) from "compared_ingest_files_reload") as reload_rows,
  (select count(*) from "compared_ingest_files_different" where side = 'star') as star_only,
  (select count(*) from "compared_ingest_files_different" where side = 'reload') as reload_only;

-- transaction 61: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

select 'songplays.songplay_id' as what, count(*) - count(distinct songplay_id || '') as found from songplays
union all
select 'users.user_id', count(*) - count(distinct user_id + 0) from users
union all
select 'songs.song_id', count(*) - count(distinct song_id || '') from songs
union all
select 'artists.artist_id', count(*) - count(distinct artist_id || '') from artists
union all
select 'time.start_time', count(*) - count(distinct dateadd(ms, 0, start_time)) from time
union all
select 'song_sources', count(*) - count(distinct source_id || row_number::varchar) from song_sources
union all
select 'play_rivals', count(*) - count(distinct songplay_id || object_id) from play_rivals
union all
select 'ingest_objects.object_id', count(*) - count(distinct object_id || '') from ingest_objects
union all
select 'ingest_files.file_id, event_time', count(*) - count(distinct file_id || to_char(event_time, 'YYYYMMDDHH24MISSMS')) from ingest_files
union all
select 'ingest_batches.batch_id', count(*) - count(distinct batch_id || '') from ingest_batches
union all
select 'rejected_rows.rejected_id', count(*) - count(distinct rejected_id || '') from rejected_rows;

select 'plays without their user' as what, count(*) as found
from songplays p
left join (select user_id + 0 as user_id from users group by 1) u on u.user_id = p.user_id
where u.user_id is null
union all
select 'plays without their time', count(*)
from songplays p
left join (select dateadd(ms, 0, start_time) as start_time from time group by 1) t on t.start_time = p.start_time
where t.start_time is null
union all
select 'plays without their song', count(*)
from songplays p
left join (select song_id || '' as song_id from songs group by 1) s on s.song_id = p.song_id
where p.song_id is not null
  and s.song_id is null
union all
select 'plays without their artist', count(*)
from songplays p
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = p.artist_id
where p.artist_id is not null
  and a.artist_id is null
union all
select 'songs without their artist', count(*)
from songs s
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = s.artist_id
where a.artist_id is null;

select 'plays outside the times of their log' as what, count(*) as found
from songplays p
join ingest_objects o on o.object_id = p.object_id
where p.start_time < o.first_event_at
   or p.start_time > o.last_event_at;

select 'plays without a level' as what, count(*) as found from songplays where level is null
union all
select 'plays without a song title', count(*) from songplays where song_title is null
union all
select 'plays without an artist name', count(*) from songplays where artist_name is null
union all
select 'users without a level', count(*) from users where level is null
union all
select 'songs without a title', count(*) from songs where title is null
union all
select 'artists without a name', count(*) from artists where name is null;

select 'hours since a batch was committed' as what, coalesce(datediff(hour, max(published_at), getdate()), 0) as found
from ingest_batches;

-- transaction 62: sparkify verify

drop schema if exists "sparkify_verify_1" cascade;

-- transaction 63: sparkify verify --quick

set search_path to "sparkify";

select
  d.object_id,
  coalesce(i.object_key, d.object_id) as object_key,
  coalesce(i.status, 'unknown') as status,
  coalesce(i.rows_kept, 0) as rows_kept,
  d.rows_more,
  d.differing
from (
  select
    k.object_id,
    sum(k.row_count) as rows_more,
    count(*) over () as differing
  from (
    select
      object_id,
      1 as row_count,
      strtol(
        left(
          md5(
            coalesce(octet_length(level)::varchar || ':' || level, '-')
            || coalesce(octet_length(location)::varchar || ':' || location, '-')
            || coalesce(octet_length(user_agent)::varchar || ':' || user_agent, '-')
            || coalesce(octet_length(song_title)::varchar || ':' || song_title, '-')
            || coalesce(octet_length(artist_name)::varchar || ':' || artist_name, '-')
            || coalesce((song_length * 100000)::bigint::varchar, '-')
          ),
          15
        ),
        16
      )::decimal(38, 0) as row_sum
    from (
      select object_id, level, location, user_agent, song_title, artist_name, song_length
      from songplays
      where object_id is not null
      union all
      select object_id, level, location, user_agent, song_title, artist_name, song_length
      from play_rivals
    ) p
    union all
    select
      object_id,
      1,
      strtol(
        left(
          md5(
            coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
            || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
            || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
            || coalesce(octet_length(level)::varchar || ':' || level, '-')
          ),
          15
        ),
        16
      )::decimal(38, 0)
    from user_sources
    where object_id is not null
    union all
    select source_id, 1, 0::decimal(38, 0)
    from song_sources
    union all
    select object_id, -rows_kept, -coalesce(rows_sum, 0::decimal(38, 0))
    from ingest_objects
  ) k
  group by k.object_id
  having sum(k.row_count) <> 0
      or sum(k.row_sum) <> 0
) d
left join ingest_objects i on i.object_id = d.object_id
order by 2, 1
limit 10000;

select count(*) as objects, coalesce(sum(rows_kept), 0) as rows_kept
from ingest_objects;

select 'songplays.songplay_id' as what, count(*) - count(distinct songplay_id || '') as found from songplays
union all
select 'users.user_id', count(*) - count(distinct user_id + 0) from users
union all
select 'songs.song_id', count(*) - count(distinct song_id || '') from songs
union all
select 'artists.artist_id', count(*) - count(distinct artist_id || '') from artists
union all
select 'time.start_time', count(*) - count(distinct dateadd(ms, 0, start_time)) from time
union all
select 'song_sources', count(*) - count(distinct source_id || row_number::varchar) from song_sources
union all
select 'play_rivals', count(*) - count(distinct songplay_id || object_id) from play_rivals
union all
select 'ingest_objects.object_id', count(*) - count(distinct object_id || '') from ingest_objects
union all
select 'ingest_files.file_id, event_time', count(*) - count(distinct file_id || to_char(event_time, 'YYYYMMDDHH24MISSMS')) from ingest_files
union all
select 'ingest_batches.batch_id', count(*) - count(distinct batch_id || '') from ingest_batches
union all
select 'rejected_rows.rejected_id', count(*) - count(distinct rejected_id || '') from rejected_rows;

select 'plays without their user' as what, count(*) as found
from songplays p
left join (select user_id + 0 as user_id from users group by 1) u on u.user_id = p.user_id
where u.user_id is null
union all
select 'plays without their time', count(*)
from songplays p
left join (select dateadd(ms, 0, start_time) as start_time from time group by 1) t on t.start_time = p.start_time
where t.start_time is null
union all
select 'plays without their song', count(*)
from songplays p
left join (select song_id || '' as song_id from songs group by 1) s on s.song_id = p.song_id
where p.song_id is not null
  and s.song_id is null
union all
select 'plays without their artist', count(*)
from songplays p
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = p.artist_id
where p.artist_id is not null
  and a.artist_id is null
union all
select 'songs without their artist', count(*)
from songs s
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = s.artist_id
where a.artist_id is null;

select 'plays outside the times of their log' as what, count(*) as found
from songplays p
join ingest_objects o on o.object_id = p.object_id
where p.start_time < o.first_event_at
   or p.start_time > o.last_event_at;

select 'plays without a level' as what, count(*) as found from songplays where level is null
union all
select 'plays without a song title', count(*) from songplays where song_title is null
union all
select 'plays without an artist name', count(*) from songplays where artist_name is null
union all
select 'users without a level', count(*) from users where level is null
union all
select 'songs without a title', count(*) from songs where title is null
union all
select 'artists without a name', count(*) from artists where name is null;

select 'hours since a batch was committed' as what, coalesce(datediff(hour, max(published_at), getdate()), 0) as found
from ingest_batches;

-- transaction 64: sparkify status

set search_path to "sparkify";

select c."oid"::bigint as table_id
from pg_class c
join pg_namespace n on n."oid" = c.relnamespace
where n.nspname = 'sparkify'
  and c.relname = 'ingest_lock_9';

select to_char(min(t.totalled_until), 'YYYY-MM-DD HH24:MI:SS.MS') as totalled_until
from ingest_totals t;

-- transaction 65: sparkify status

set search_path to "sparkify";

select
  t.dataset,
  (t.batches + coalesce(n.batches, 0))::bigint as batches,
  (t.objects + coalesce(n.objects, 0))::bigint as objects,
  (t.rows_now + coalesce(n.rows_now, 0))::bigint as rows_now,
  (t.rows_rejected + coalesce(n.rows_rejected, 0))::bigint as rows_rejected,
  coalesce(o.quarantined, 0)::bigint as open_quarantined,
  coalesce(o.rejected, 0)::bigint as open_rejected,
  to_char(coalesce(n.last_published_at, t.last_published_at), 'YYYY-MM-DD HH24:MI:SS.MS') as last_published_at
from ingest_totals t
left join (
  select
    i.dataset,
    count(*) as batches,
    sum(i.objects_added) as objects,
    sum(i.rows_inserted - i.rows_removed) as rows_now,
    sum(i.rows_rejected) as rows_rejected,
    max(i.published_at) as last_published_at
  from ingest_batches i
  join ingest_totals u on u.dataset = i.dataset
  where i.published_at >= '2030-01-01 00:00:00'::timestamp
    and i.published_at >= u.totalled_until
  group by i.dataset
) n on n.dataset = t.dataset
left join (
  select
    p.dataset,
    sum(case when p.status = 'quarantined' then 1 else 0 end) as quarantined,
    sum(case when p.status = 'quarantined' then 0 else 1 end) as rejected
  from ingest_open p
  group by p.dataset
) o on o.dataset = t.dataset
order by t.dataset;

select
  b.batch_id, b.dataset, b.source, b.close_reason, b.consumer, b.files, b.bytes, b.rows_staged, b.rows_rejected,
  b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, b.objects_added, b.rested_ms, b.manifest_uri, b.query_ids,
  b.operator, b.action, b.why,
  to_char(b.opened_at, 'YYYY-MM-DD HH24:MI:SS.MS') as opened_at,
  to_char(b.closed_at, 'YYYY-MM-DD HH24:MI:SS.MS') as closed_at,
  to_char(b.read_at, 'YYYY-MM-DD HH24:MI:SS.MS') as read_at,
  to_char(b.staged_at, 'YYYY-MM-DD HH24:MI:SS.MS') as staged_at,
  to_char(b.published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as published_at
from ingest_batches b
where b.published_at >= '2030-01-01 00:00:00'::timestamp
order by b.published_at desc, b.batch_id desc
limit 8;

select
  o.object_id, o.dataset, o.bucket, o.object_key, o.status, o.error_code, o.reason, o.rows_rejected, o.batch_id,
  to_char(o.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_open o
where o.settled_at >= '1970-01-01 00:00:00.000'::timestamp
  and left(o.object_key, 0) = ''
order by o.settled_at desc, o.object_key
limit 10;

-- transaction 66: sparkify status

set search_path to "sparkify";

select
  t.pid,
  t.txn_owner as owner,
  case when t.granted then 1 else 0 end as is_granted,
  to_char(t.txn_start, 'YYYY-MM-DD HH24:MI:SS.MS') as since
from svv_transactions t
where t.relation = 16813
order by t.granted desc, t.txn_start;

-- transaction 67: sparkify history

set search_path to "sparkify";

select
  b.batch_id, b.dataset, b.source, b.close_reason, b.consumer, b.files, b.bytes, b.rows_staged, b.rows_rejected,
  b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, b.objects_added, b.rested_ms, b.manifest_uri, b.query_ids,
  b.operator, b.action, b.why,
  to_char(b.opened_at, 'YYYY-MM-DD HH24:MI:SS.MS') as opened_at,
  to_char(b.closed_at, 'YYYY-MM-DD HH24:MI:SS.MS') as closed_at,
  to_char(b.read_at, 'YYYY-MM-DD HH24:MI:SS.MS') as read_at,
  to_char(b.staged_at, 'YYYY-MM-DD HH24:MI:SS.MS') as staged_at,
  to_char(b.published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as published_at
from ingest_batches b
where b.published_at >= '1970-01-01 00:00:00.000'::timestamp
order by b.published_at desc, b.batch_id desc
limit 20;

-- transaction 68: sparkify files

set search_path to "sparkify";

select
  f.file_id, f.object_id, f.bucket, f.object_key, f.etag, f.version_id, f.size, f.dataset, f.status, f.batch_id, f.attempts,
  f.error_code, f.reason,
  to_char(f.event_time, 'YYYY-MM-DD HH24:MI:SS.MS') as event_time,
  to_char(f.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(f.first_seen_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_seen_at,
  to_char(f.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_files f
where f.settled_at >= '1970-01-01 00:00:00.000'::timestamp
  and left(f.object_key, 0) = ''
order by f.settled_at desc, f.object_key, f.event_time desc
limit 50;

-- transaction 69: sparkify files --rejected

set search_path to "sparkify";

select
  r.batch_id, r.dataset, r.bucket, r.object_key, r.line_number, r.column_name, r.reason, left(r.row_text, 4000) as row_text,
  to_char(r.rejected_at, 'YYYY-MM-DD HH24:MI:SS.MS') as rejected_at
from rejected_rows r
where r.rejected_at >= '1970-01-01 00:00:00.000'::timestamp
  and left(coalesce(r.object_key, ''), 0) = ''
order by r.rejected_at desc, r.object_key, r.line_number, r.rejected_id
limit 50;

-- transaction 70: sparkify files log_data/c.json

set search_path to "sparkify";

select
  o.etag, o.status, o.rows_kept, o.batch_id,
  to_char(o.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(o.first_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_event_at,
  to_char(o.last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as last_event_at
from ingest_objects o
where o.object_id = '1';

select
  f.file_id, f.object_id, f.bucket, f.object_key, f.etag, f.version_id, f.size, f.dataset, f.status, f.batch_id, f.attempts,
  f.error_code, f.reason,
  to_char(f.event_time, 'YYYY-MM-DD HH24:MI:SS.MS') as event_time,
  to_char(f.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(f.first_seen_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_seen_at,
  to_char(f.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_files f
where f.object_id = '1'
order by f.settled_at desc, f.event_time desc, f.file_id
limit 50;

select
  r.batch_id, r.dataset, r.bucket, r.object_key, r.line_number, r.column_name, r.reason, left(r.row_text, 4000) as row_text,
  to_char(r.rejected_at, 'YYYY-MM-DD HH24:MI:SS.MS') as rejected_at
from rejected_rows r
where r.bucket = 'sparkify-raw'
  and r.object_key = 'log_data/c.json'
order by r.rejected_at desc, r.line_number, r.rejected_id
limit 50;

-- transaction 71: sparkify files log_data/c.json

set search_path to "sparkify";

select
  b.batch_id, b.dataset, b.source, b.close_reason, b.consumer, b.files, b.bytes, b.rows_staged, b.rows_rejected,
  b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, b.objects_added, b.rested_ms, b.manifest_uri, b.query_ids,
  b.operator, b.action, b.why,
  to_char(b.opened_at, 'YYYY-MM-DD HH24:MI:SS.MS') as opened_at,
  to_char(b.closed_at, 'YYYY-MM-DD HH24:MI:SS.MS') as closed_at,
  to_char(b.read_at, 'YYYY-MM-DD HH24:MI:SS.MS') as read_at,
  to_char(b.staged_at, 'YYYY-MM-DD HH24:MI:SS.MS') as staged_at,
  to_char(b.published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as published_at
from ingest_batches b
where b.batch_id = '20181115T120000-000000000000';

-- transaction 72: sparkify history 20181115T120000-000000000000

set search_path to "sparkify";

select
  b.batch_id, b.dataset, b.source, b.close_reason, b.consumer, b.files, b.bytes, b.rows_staged, b.rows_rejected,
  b.rows_inserted, b.rows_updated, b.rows_repaired, b.rows_removed, b.objects_added, b.rested_ms, b.manifest_uri, b.query_ids,
  b.operator, b.action, b.why,
  to_char(b.opened_at, 'YYYY-MM-DD HH24:MI:SS.MS') as opened_at,
  to_char(b.closed_at, 'YYYY-MM-DD HH24:MI:SS.MS') as closed_at,
  to_char(b.read_at, 'YYYY-MM-DD HH24:MI:SS.MS') as read_at,
  to_char(b.staged_at, 'YYYY-MM-DD HH24:MI:SS.MS') as staged_at,
  to_char(b.published_at, 'YYYY-MM-DD HH24:MI:SS.MS') as published_at
from ingest_batches b
where b.batch_id = '20181115T120000-000000000000';

select
  f.file_id, f.object_id, f.bucket, f.object_key, f.etag, f.version_id, f.size, f.dataset, f.status, f.batch_id, f.attempts,
  f.error_code, f.reason,
  to_char(f.event_time, 'YYYY-MM-DD HH24:MI:SS.MS') as event_time,
  to_char(f.last_modified, 'YYYY-MM-DD HH24:MI:SS.MS') as last_modified,
  to_char(f.first_seen_at, 'YYYY-MM-DD HH24:MI:SS.MS') as first_seen_at,
  to_char(f.settled_at, 'YYYY-MM-DD HH24:MI:SS.MS') as settled_at
from ingest_files f
where f.batch_id = '20181115T120000-000000000000'
order by f.status, f.object_key, f.event_time
limit 20;

select
  r.batch_id, r.dataset, r.bucket, r.object_key, r.line_number, r.column_name, r.reason, left(r.row_text, 4000) as row_text,
  to_char(r.rejected_at, 'YYYY-MM-DD HH24:MI:SS.MS') as rejected_at
from rejected_rows r
where r.batch_id = '20181115T120000-000000000000'
order by r.object_key, r.line_number, r.rejected_id
limit 20;

-- transaction 73: sparkify explain play 00000000000000000000000000000000

set search_path to "sparkify";

select
  p.user_id::varchar as user_id, p.session_id::varchar as session_id, p.item_in_session, p.song_title, p.artist_name,
  p.song_length, p.song_id, p.line_number, p.batch_id, o.bucket, o.object_key,
  to_char(p.start_time, 'YYYY-MM-DD HH24:MI:SS.MS') as start_time
from songplays p
left join ingest_objects o on o.object_id = p.object_id
where p.songplay_id = '1';

select r.line_number, o.bucket, o.object_key
from play_rivals r
join ingest_objects o on o.object_id = r.object_id
where r.songplay_id = '1'
order by o.object_key
limit 10;

-- transaction 74: sparkify explain play 00000000000000000000000000000000

set search_path to "sparkify";

select k.song_id, k.title, k.artist_name, k.duration
from song_sources k
join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
where lower(btrim(k.title)) in (lower(btrim('Read My Mind')), lower(btrim('Read My Mind')))
  or lower(btrim(k.artist_name)) in (lower(btrim('The Killers')), lower(btrim('The Killers')))
order by
  case when lower(btrim(k.title)) in (lower(btrim('Read My Mind')), lower(btrim('Read My Mind'))) then 0 else 1 end
    + case when lower(btrim(k.artist_name)) in (lower(btrim('The Killers')), lower(btrim('The Killers'))) then 0 else 1 end,
  abs(coalesce(k.duration, 0) - 246804 / 1000.0),
  k.song_id
limit 10;

-- transaction 75: sparkify explain user 25 --objects

set search_path to "sparkify";

select
  u.first_name, u.last_name, u.gender, u.level, u.line_number, o.bucket, o.object_key, o.batch_id,
  to_char(u.last_event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as last_event_at
from users u
left join ingest_objects o on o.object_id = u.object_id
where u.user_id = '1';

select
  count(*) as plays,
  to_char(min(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as first_at,
  to_char(max(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as last_at
from songplays p
where p.user_id = '1';

select
  o.bucket, o.object_key, o.status, o.batch_id, s.line_number, s.first_name, s.last_name, s.gender, s.level,
  to_char(s.event_at, 'YYYY-MM-DD HH24:MI:SS.MS') as event_at
from user_sources s
join ingest_objects o on o.object_id = s.object_id
where s.user_id = '1'
order by s.event_at desc, o.object_key
limit 50;

-- transaction 76: sparkify explain matches

set search_path to "sparkify";

select
  r.reason, r.song_title, r.artist_name, r.song_length, r.plays, r.songplay_id, r.nearest_seconds, r.plays_of_reason
from (
  select
    g.*,
    sum(g.plays) over (partition by g.reason)::bigint as plays_of_reason,
    row_number() over (partition by g.reason order by g.plays desc, g.songplay_id) as place
  from (
    select
      case
        when p.song_id is not null then 'matched'
        when p.song_title is null or p.artist_name is null or p.song_length is null then 'incomplete'
        when a.artist is null then 'no_such_artist'
        when t.title is null then 'no_such_title'
        when x.title is null then 'other_spelling'
        else 'other_duration'
      end as reason,
      p.song_title, p.artist_name, p.song_length, p.plays, p.songplay_id,
      least(abs(x.shortest - p.song_length), abs(x.longest - p.song_length)) as nearest_seconds
    from (
      select
        s.song_title, s.artist_name, s.song_length,
        max(s.song_id) as song_id, count(*) as plays, min(s.songplay_id) as songplay_id
      from songplays s
      where s.start_time >= '1970-01-01 00:00:00.000'::timestamp
      group by s.song_title, s.artist_name, s.song_length
    ) p
    left join (
      select distinct lower(btrim(k.artist_name)) as artist
      from song_sources k
    ) a on a.artist = lower(btrim(p.artist_name))
    left join (
      select distinct lower(btrim(k.title)) as title, lower(btrim(k.artist_name)) as artist
      from song_sources k
    ) t on t.title = lower(btrim(p.song_title)) and t.artist = lower(btrim(p.artist_name))
    left join (
      select k.title, k.artist_name, min(k.duration) as shortest, max(k.duration) as longest
      from song_sources k
      group by k.title, k.artist_name
    ) x on x.title = p.song_title and x.artist_name = p.artist_name
  ) g
) r
where r.place <= 1000
order by r.reason, r.place;

-- transaction 77: sparkify doctor

set timezone to 'UTC';

select
  current_user as user_name,
  to_char(getdate(), 'YYYY-MM-DD HH24:MI:SS') as warehouse_time;

-- transaction 78: sparkify doctor

set search_path to "sparkify";

set timezone to 'UTC';

select
  t.tablename as table_name,
  t.tableowner as owner,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'select') as may_select,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'insert') as may_insert,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'update') as may_update,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'delete') as may_delete
from pg_tables t
where t.schemaname = 'sparkify';

-- transaction 79: sparkify doctor

set search_path to "sparkify";

set timezone to 'UTC';

select max(datediff(second, closed_at, published_at)) as seconds
from ingest_batches
where source = 'live'
  and published_at >= dateadd(day, -7, getdate());

-- transaction 80: sparkify cluster pause

set search_path to "sparkify";

select
  t.pid,
  t.txn_owner as owner,
  to_char(min(t.txn_start), 'YYYY-MM-DD HH24:MI:SS.MS') as since
from svv_transactions t
where t.pid <> pg_backend_pid()
group by t.pid, t.txn_owner
order by 3, 1;

-- transaction 81: sparkify verify --day 2018-11-20

set search_path to "sparkify_verify_1", "sparkify";

select object_id, object_key
from ingest_objects
where bucket = 'sparkify-raw'
  and dataset = 'logs'
  and status = 'live'
  and first_event_at < dateadd(day, 1, '2018-11-20 00:00:00.000'::timestamp)
  and last_event_at >= '2018-11-20 00:00:00.000'::timestamp
order by object_key;

-- transaction 82: sparkify verify --day 2018-11-20

set search_path to "sparkify_verify_1", "sparkify";

copy listed_objects
from 's3://sparkify-raw/sparkify-work/verify/000000000000/listing.manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

copy raw_events
from 's3://sparkify-raw/sparkify-work/verify/000000000000/raw_events.manifest.json'
iam_role 'arn:aws:iam::000000000000:role/sparkify-copy'
manifest
gzip
format as json 'auto'
timeformat 'epochmillisecs'
compupdate off;

create table known_files as
select
  f.*,
  row_number() over (order by f.last_modified desc, f.object_key desc, f.bucket desc) as age
from (
  select
    l.object_id,
    l.dataset,
    l.bucket,
    l.object_key,
    l.etag,
    l.last_modified,
    case when r.object_id is null then 'live' else 'retracted' end as status,
    true as is_read,
    l.dataset = 'songs' or e.object_id is null or n.object_id is not null as has_lineage
  from (
    select
      object_id, dataset, bucket, object_key, etag,
      timestamp 'epoch' + (last_modified_ms / 1000) * interval '1 second' as last_modified
    from listed_objects
    where is_read
  ) l
  left join ingest_objects r
    on r.object_id = l.object_id
    and r.status = 'retracted'
    and r.etag = l.etag
    and r.last_modified = l.last_modified
  left join (
    select distinct object_id, etag
    from ingest_files
    where status = 'loaded'
  ) e on e.object_id = l.object_id and e.etag = l.etag
  left join (
    select object_id from ingest_objects
    union
    select object_id from user_sources
  ) n on n.object_id = l.object_id
  union all
  select
    i.object_id,
    i.dataset,
    i.bucket,
    i.object_key,
    i.etag,
    i.last_modified,
    i.status,
    false,
    true
  from ingest_objects i
  left join listed_objects l on l.object_id = i.object_id and l.is_read
  where l.object_id is null
) f;

create table number_parts as
select
  shifted.object_id,
  shifted.ordinal,
  shifted.name,
  shifted.is_negative and shifted.digits <> '' as is_negative,
  shifted.digits,
  case when shifted.digits = '' then 0 else shifted.whole_digits - shifted.leading_zeros + shifted.exponent end as point_at
from (
  select
    split.object_id,
    split.ordinal,
    split.name,
    split.is_negative,
    octet_length(split.whole) as whole_digits,
    octet_length(split.whole || split.fraction) - octet_length(ltrim(split.whole || split.fraction, '1')) as leading_zeros,
    rtrim(ltrim(split.whole || split.fraction, '1'), '1') as digits,
    case when left(split.exponent, 1) = '-' then -1 else 1 end
      * case
          when octet_length(ltrim(split.exponent, '+-0')) > 6 then 1000000
          else ('1' || ltrim(split.exponent, '+-0'))::integer
        end as exponent
  from (
    select
      v.object_id,
      v.ordinal,
      v.name,
      left(v.value, 1) = '-' as is_negative,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 1) as whole,
      split_part(split_part(ltrim(lower(v.value), '-'), 'e', 1), '.', 2) as fraction,
      split_part(lower(v.value), 'e', 2) as exponent
    from (
    select object_id, ordinal, 'ts' as name, ts as value from raw_events
    union all
    select object_id, ordinal, 'userid' as name, userid as value from raw_events
    union all
    select object_id, ordinal, 'sessionid' as name, sessionid as value from raw_events
    union all
    select object_id, ordinal, 'iteminsession' as name, iteminsession as value from raw_events
    union all
    select object_id, ordinal, 'length' as name, length as value from raw_events
    union all
    select object_id, ordinal, 'year' as name, year as value from raw_songs
    union all
    select object_id, ordinal, 'duration' as name, duration as value from raw_songs
    union all
    select object_id, ordinal, 'artist_latitude' as name, artist_latitude as value from raw_songs
    union all
    select object_id, ordinal, 'artist_longitude' as name, artist_longitude as value from raw_songs
    ) v
    where octet_length(v.value) <= 1024
      and v.value !~ '[^-+.0-9eE]'
      and v.value ~ '^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?$'
  ) split
) shifted;

create table typed_numbers as
select
  p.object_id,
  p.ordinal,
  p.name,
  case
    when p.digits = '' then 0::decimal(38, 0)
    when p.point_at between octet_length(p.digits) and 37
      then (case when p.is_negative then '-' else '' end || rpad(p.digits, p.point_at, '1'))::decimal(38, 0)
  end as whole,
  case
    when p.is_negative or p.point_at > 5 then null
    when p.digits = '' or p.point_at < -5 then 0::decimal(20, 5)

    else (rpad(p.digits, p.point_at + 6, '1')::bigint + 5) / 10 * 0.00001
  end as seconds,
  case
    when p.digits = '' then 0::double precision

    when p.point_at between -300 and 3
      then (case when p.is_negative then '-' else '' end || '0.' || left(p.digits, 40) || 'e' || p.point_at::varchar)::double precision
  end as degrees
from number_parts p;

create table event_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'ts' and whole >= 946684800000 and whole < 4102444800000 then whole end)::bigint as ts_ms,
  max(case when name = 'userid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as user_id,
  max(case when name = 'sessionid' and whole between -9223372036854775808 and 9223372036854775807 then whole end)::bigint as session_id,
  max(case when name = 'iteminsession' and whole between -2147483648 and 2147483647 then whole end)::integer as item_in_session,
  max(case when name = 'length' and seconds < 100000 then seconds end)::decimal(10, 5) as song_length
from typed_numbers
where name in ('ts', 'userid', 'sessionid', 'iteminsession', 'length')
group by object_id, ordinal;

create table reload_events as
select
  e.object_id,
  e.ordinal,
  e.line_number,
  rtrim(e.page) = 'NextSong' as is_play,
  n.user_id,
  n.session_id,
  n.item_in_session,
  n.ts_ms,
  dateadd(ms, mod(n.ts_ms, 1000)::integer, timestamp 'epoch' + (n.ts_ms / 1000) * interval '1 second') as start_time,
  e.firstname as first_name,
  e.lastname as last_name,
  e.gender,
  e.level,
  e.location,
  e.useragent as user_agent,
  e.song as song_title,
  e.artist as artist_name,
  n.song_length
from raw_events e
join event_numbers n on n.object_id = e.object_id and n.ordinal = e.ordinal
where rtrim(e.page) <> ''
  and n.user_id is not null
  and n.session_id is not null
  and n.item_in_session is not null
  and n.ts_ms is not null
  and coalesce(octet_length(e.level), 0) <= 16
  and coalesce(octet_length(e.gender), 0) <= 16
  and coalesce(octet_length(e.firstname), 0) <= 256
  and coalesce(octet_length(e.lastname), 0) <= 256
  and coalesce(e.unstorable, '') !~ ' (level|gender|firstname|lastname) '
  and (
    rtrim(e.page) <> 'NextSong'
    or (
      coalesce(octet_length(e.location), 0) <= 512
      and coalesce(octet_length(e.useragent), 0) <= 2048
      and coalesce(octet_length(e.song), 0) <= 1024
      and coalesce(octet_length(e.artist), 0) <= 1024
      and (n.song_length is not null or coalesce(rtrim(e.length), '') = '')
      and coalesce(e.unstorable, '') !~ ' (location|useragent|song|artist|length) '
    )
  );

create table song_numbers as
select
  object_id,
  ordinal,
  max(case when name = 'year' and whole between 0 and 9999 then whole end)::integer as year,
  max(case when name = 'duration' and seconds < 100000 then seconds end)::decimal(10, 5) as duration,
  max(case when name = 'artist_latitude' and abs(degrees) < 1000 then degrees end) as artist_latitude,
  max(case when name = 'artist_longitude' and abs(degrees) < 1000 then degrees end) as artist_longitude
from typed_numbers
where name in ('year', 'duration', 'artist_latitude', 'artist_longitude')
group by object_id, ordinal;

create table bucket_song_rows as
select
  r.object_id,
  r.ordinal,
  r.line_number,
  rtrim(r.song_id) as song_id,
  r.title,
  rtrim(r.artist_id) as artist_id,
  r.artist_name,
  r.artist_location,
  n.artist_latitude,
  n.artist_longitude,
  n.year,
  n.duration
from raw_songs r
left join song_numbers n on n.object_id = r.object_id and n.ordinal = r.ordinal
where r.unstorable is null
  and rtrim(r.song_id) <> ''
  and rtrim(r.artist_id) <> ''
  and octet_length(rtrim(r.song_id)) <= 64
  and octet_length(rtrim(r.artist_id)) <= 64
  and coalesce(octet_length(r.title), 0) <= 1024
  and coalesce(octet_length(r.artist_name), 0) <= 1024
  and coalesce(octet_length(r.artist_location), 0) <= 1024
  and (n.duration is not null or coalesce(rtrim(r.duration), '') = '')
  and (n.year is not null or coalesce(rtrim(r.year), '') = '')
  and (n.artist_latitude is not null or coalesce(rtrim(r.artist_latitude), '') = '')
  and (n.artist_longitude is not null or coalesce(rtrim(r.artist_longitude), '') = '');

create table reload_song_sources as
select
  s.*,
  md5(
    octet_length(title)::varchar || ':' || title || octet_length(artist_name)::varchar || ':' || artist_name
    || (duration * 100000)::bigint::varchar
  )::char(32) as match_key
from (
  select
    b.object_id as source_id,
    b.ordinal as row_number,
    case when k.source_id is null or k.line_number is not null then b.line_number end as line_number,
    f.bucket, f.object_key, f.etag, f.last_modified, b.song_id, b.title, b.artist_id, b.artist_name, b.artist_location,
    b.artist_latitude, b.artist_longitude, b.year, b.duration
  from bucket_song_rows b
  join known_files f on f.object_id = b.object_id
  left join (
    select source_id, row_number, max(line_number) as line_number
    from song_sources
    group by source_id, row_number
  ) k on k.source_id = b.object_id and k.row_number = b.ordinal
  where f.status = 'live'
  union all
  select
    k.source_id, k.row_number, k.line_number, f.bucket, f.object_key, f.etag, f.last_modified, k.song_id, k.title,
    k.artist_id, k.artist_name, k.artist_location, k.artist_latitude, k.artist_longitude, k.year, k.duration
  from song_sources k
  join known_files f on f.object_id = k.source_id
  where f.status = 'live'
    and not f.is_read
) s;

create table reload_newest_songs as
select ranked.*
from (
  select
    s.*,
    row_number() over (
      partition by song_id
      order by last_modified desc, object_key desc, bucket desc, row_number desc
    ) as age
  from reload_song_sources s
) ranked
where ranked.age = 1;

create table reload_songs as
select song_id, title, artist_id, year, duration, match_key, last_modified, source_id, row_number as source_row, line_number
from reload_newest_songs;

create table reload_artists as
select
  ranked.artist_id,
  ranked.artist_name as name,
  ranked.artist_location as location,
  ranked.artist_latitude as latitude,
  ranked.artist_longitude as longitude,
  ranked.source_id,
  ranked.line_number
from (
  select
    n.artist_id,
    n.artist_name,
    n.artist_location,
    n.artist_latitude,
    n.artist_longitude,
    n.source_id,
    n.line_number,
    row_number() over (partition by n.artist_id order by n.last_modified desc, n.song_id desc) as age_of_song
  from reload_newest_songs n
) ranked
where ranked.age_of_song = 1;

create table play_candidates as
select ranked.*
from (
  select
    h.*,
    row_number() over (partition by h.songplay_id, h.object_id order by h.ordinal desc) as preference
  from (
    select
      p.*,
      coalesce(f.has_lineage, false) as has_lineage,
      coalesce(f.age, 9223372036854775807) as age,
      md5(p.session_id::varchar || '|' || p.item_in_session::varchar || '|' || p.user_id::varchar || '|' || p.ts_ms::varchar)::char(32) as songplay_id,
      md5(
        coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
        || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
        || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
        || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
        || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
        || coalesce((p.song_length * 100000)::bigint::varchar, '-')
      ) as play_hash,
      md5(
        octet_length(p.song_title)::varchar || ':' || p.song_title || octet_length(p.artist_name)::varchar || ':' || p.artist_name
        || (p.song_length * 100000)::bigint::varchar
      )::char(32) as match_key
    from (
      select
        'bucket' as source, null::char(32) as star_id, object_id, ordinal, line_number, session_id, item_in_session, user_id,
        ts_ms, start_time, level, location, user_agent, song_title, artist_name, song_length
      from reload_events
      where is_play
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from songplays
      union all
      select
        'star', songplay_id, object_id, 0, line_number, session_id, item_in_session, user_id,
        datediff(ms, '1970-01-01 00:00:00'::timestamp, start_time), start_time, level, location, user_agent, song_title,
        artist_name, song_length
      from play_rivals
    ) p
    left join known_files f on f.object_id = p.object_id
    where p.object_id is null
       or (f.status = 'live' and f.is_read = (p.source = 'bucket'))
  ) h
  where h.source = 'bucket'
     or h.star_id = h.songplay_id
) ranked
where ranked.preference = 1;

create table reload_plays as
select ranked.*
from (
  select
    o.*,
    row_number() over (
      partition by o.songplay_id
      order by
        case when o.play_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
      c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key, c.play_hash, c.has_lineage, c.age,
      s.is_named,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from play_candidates c
    left join (
      select distinct songplay_id, object_id, line_number, 1 as is_named
      from songplays
    ) s on s.songplay_id = c.songplay_id and s.object_id = c.object_id and s.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_matches as
select ranked.songplay_id, ranked.song_id, ranked.artist_id
from (
  select
    p.songplay_id,
    s.song_id,
    s.artist_id,
    row_number() over (partition by p.songplay_id order by s.song_id) as preference
  from reload_plays p
  join reload_newest_songs s
    on s.title = p.song_title
    and s.artist_name = p.artist_name
    and s.duration = p.song_length
    and octet_length(s.title) = octet_length(p.song_title)
    and octet_length(s.artist_name) = octet_length(p.artist_name)
) ranked
where ranked.preference = 1;

create table reload_songplays as
select
  p.songplay_id,
  p.start_time,
  p.user_id,
  p.level,
  m.song_id,
  m.artist_id,
  p.session_id,
  p.location,
  p.user_agent,
  p.item_in_session,
  p.song_title,
  p.artist_name,
  p.song_length,
  p.match_key,
  case when p.has_lineage then p.object_id end as object_id,
  case when p.has_lineage then p.line_number end as line_number
from reload_plays p
left join reload_matches m on m.songplay_id = p.songplay_id;

create table reload_play_rivals as
select
  c.songplay_id, c.object_id, c.line_number, c.start_time, c.user_id, c.level, c.session_id, c.location, c.user_agent,
  c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key
from play_candidates c
left join reload_plays p on p.songplay_id = c.songplay_id and p.object_id = c.object_id
where c.has_lineage
  and p.songplay_id is null;

create table reload_play_keys as
select
  substring(k.match_key from 1 for 12)::char(12) as key_prefix,
  date_trunc('day', min(k.start_time))::date as first_day,
  date_trunc('day', max(k.start_time))::date as last_day
from (
  select match_key, start_time from reload_songplays
  union all
  select match_key, start_time from reload_play_rivals
) k
where k.match_key is not null
group by 1;

create table user_candidates as
select ranked.*
from (
  select
    v.*,
    coalesce(f.has_lineage, false) as has_lineage,
    coalesce(f.age, 9223372036854775807) as age,
    md5(
      coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
      || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
      || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
      || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
    ) as user_hash,
    row_number() over (
      partition by v.user_id, v.object_id
      order by v.event_at desc, v.session_id desc, v.item_in_session desc, v.ordinal desc
    ) as preference
  from (
    select
      'bucket' as source, object_id, ordinal, line_number, user_id, start_time as event_at, session_id, item_in_session,
      first_name, last_name, gender, level
    from reload_events
    union all
    select
      'star', object_id, 0, line_number, user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level
    from user_sources
  ) v
  left join known_files f on f.object_id = v.object_id
  where v.object_id is null
     or (f.status = 'live' and f.is_read = (v.source = 'bucket'))
) ranked
where ranked.preference = 1;

create table reload_users as
select
  ranked.user_id, ranked.first_name, ranked.last_name, ranked.gender, ranked.level, ranked.event_at as last_event_at,
  ranked.session_id as last_session_id, ranked.item_in_session as last_item_in_session,
  case when ranked.has_lineage then ranked.object_id end as object_id,
  case when ranked.has_lineage then ranked.line_number end as line_number
from (
  select
    o.*,
    row_number() over (
      partition by o.user_id
      order by
        o.event_at desc,
        o.session_id desc,
        o.item_in_session desc,
        case when o.user_hash = o.newest_hash then 0 else 1 end,
        case when o.is_named = 1 then 0 else 1 end,
        case when o.has_lineage then 0 else 1 end,
        o.age
    ) as place
  from (
    select
      c.user_id, c.object_id, c.line_number, c.event_at, c.session_id, c.item_in_session, c.first_name, c.last_name,
      c.gender, c.level, c.user_hash, c.has_lineage, c.age,
      u.is_named,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by c.event_at desc, c.session_id desc, c.item_in_session desc, c.age
        rows between unbounded preceding and unbounded following
      ) as newest_hash
    from user_candidates c
    left join (
      select distinct user_id, object_id, line_number, 1 as is_named
      from users
    ) u on u.user_id = c.user_id and u.object_id = c.object_id and u.line_number = c.line_number
  ) o
) ranked
where ranked.place = 1;

create table reload_time as
select distinct
  start_time,
  date_part(hour, start_time)::smallint as hour,
  date_part(day, start_time)::smallint as day,
  date_part(week, start_time)::smallint as week,
  date_part(month, start_time)::smallint as month,
  date_part(year, start_time)::smallint as year,
  date_part(dow, start_time)::smallint as weekday
from reload_songplays;

create table reload_objects as
select
  f.object_id,
  f.dataset,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  f.status,
  coalesce(r.rows_kept, 0) as rows_kept,
  case when f.dataset = 'logs' then coalesce(r.rows_sum, 0::decimal(38, 0)) end as rows_sum,
  r.first_event_at,
  r.last_event_at
from known_files f
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.event_at) as first_event_at,
    max(k.event_at) as last_event_at
  from (
    select object_id, play_hash as row_hash, start_time as event_at
    from play_candidates
    union all
    select object_id, user_hash, event_at
    from user_candidates
    union all
    select source_id, null::char(32), null::timestamp
    from reload_song_sources
  ) k
  group by k.object_id
) r on r.object_id = f.object_id
where f.has_lineage;

create table ledger_entries as
select
  l.object_id,
  case
    when sum(case when f.status = 'loaded' then 1 else 0 end) > 0 then 'loaded'
    when sum(case when f.status = 'quarantined' then 1 else 0 end) > 0 then 'quarantined'
    else min(f.status)
  end as status,
  count(*) - count(distinct f.file_id || to_char(f.event_time, 'YYYYMMDDHH24MISSMS')) as double_entries
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
group by l.object_id;

select l.object_id, max(f.reason) as reason
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
where l.is_part
  and not l.is_read
group by l.object_id
having sum(case when f.status = 'loaded' then 1 else 0 end) = 0
   and sum(case when f.status = 'quarantined' then 1 else 0 end) > 0;

select
  f.object_key,
  case when f.status = 'retracted' then 'retracted' when l.object_id is null then 'gone' else 'unread' end as fate,
  o.rows_kept,
  count(*) over () as files,
  sum(o.rows_kept) over () as all_rows
from known_files f
join reload_objects o on o.object_id = f.object_id
left join listed_objects l on l.object_id = f.object_id
where ((f.status = 'live' and not f.is_read) or (f.status = 'retracted' and f.is_read))
  and (
    l.is_part
    or (l.object_id is null and 0 = 1 and left(f.object_key, length('')) = '')
  )
order by f.object_key, f.object_id
limit 20;

select
  (select count(*) from songplays where object_id is null) as plays,
  (select count(*) from users where object_id is null) as users,
  (select count(*) from songs where line_number is null) as songs;

-- transaction 83: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

select d.*, coalesce(l.object_key, i.object_key) as row_file
from "compared_songplays_different" d
left join listed_objects l on l.object_id = d.row_object
left join ingest_objects i on i.object_id = d.row_object
where d.row_key in (
  select row_key
  from "compared_songplays_different"
  group by row_key
  order by row_key
  limit 20
)
order by d.row_key, d.side desc;

select d.row_object as object_id, max(coalesce(l.object_key, i.object_key)) as object_key
from "compared_songplays_different" d
left join listed_objects l on l.object_id = d.row_object
left join ingest_objects i on i.object_id = d.row_object
where d.row_object is not null
group by d.row_object
order by 2, 1
limit 100001;

-- transaction 84: sparkify verify

set search_path to "sparkify_verify_1", "sparkify";

select distinct f.object_id
from ingest_files f
left join batches_before b on b.batch_id = f.batch_id
where f.settled_at >= (select dateadd(day, -1, max(started_at)) from sparkify_verify_1)
  and b.batch_id is null
limit 100001;

-- transaction 85: sparkify migrate --reset --yes

drop table if exists "sparkify"."ingest_lock";

drop table if exists "sparkify"."ingest_lock_4";

drop table if exists "sparkify"."ingest_lock_9";

drop table if exists "sparkify"."schema_migrations";

drop table if exists "sparkify"."ingest_batches";

drop table if exists "sparkify"."ingest_files";

drop table if exists "sparkify"."rejected_rows";

drop table if exists "sparkify"."songplays";

drop table if exists "sparkify"."users";

drop table if exists "sparkify"."songs";

drop table if exists "sparkify"."artists";

drop table if exists "sparkify"."time";

drop table if exists "sparkify"."song_sources";

drop table if exists "sparkify"."play_keys";

drop table if exists "sparkify"."ingest_objects";

drop table if exists "sparkify"."play_rivals";

drop table if exists "sparkify"."user_sources";

drop table if exists "sparkify"."ingest_open";

drop table if exists "sparkify"."ingest_totals";

-- transaction 86: sparkify migrate --reset --yes

select number, name, checksum
from schema_migrations
order by number;
