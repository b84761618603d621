-- Purpose: every row names the object and the line that it comes from, and what an object contributed can be taken back.
-- Grain:   ingest_objects: an object whose rows are in the warehouse, in the version that is live: the version of the last look. One
--          row for ever; status 'removed' when its rows were taken back because the object is gone,
--          'retracted' when a person took this version back: it is not loaded again. rows_kept and rows_sum count and add up what the version
--          has in songplays, play_rivals and user_sources (the first 15 hexadecimal digits of the MD5 of a row's values, as a
--          number), first_event_at and last_event_at are the times between which these rows lie. Of a song object rows_kept are its
--          rows in song_sources, and there is no sum: song_sources has the rows themselves.
--          play_rivals: a play that another object brings with a newer file; one row for a play and an object. Empty as long as no
--          event stands in two files; a full copy where files are copied.
--          user_sources: a user's newest event in an object; one row for a user and an object.
-- Witness: object_id and line_number of a row are those of an object whose live version has exactly these values there. Null: the row
--          was loaded by a program of before this version. Such a row gives way to any row that names its object.
-- Keys:    object_id is the loader's MD5 of bucket and key, as in ingest_files. song_sources and songs call it source_id.
-- Size:    object_id repeats from row to row in the order of loading, and zstd stores it in a fraction of a byte; a line takes about
--          two bytes (az64). A row of user_sources takes 30 to 45 bytes. The warehouse is asked for ingest_objects.object_id
--          without a time: 32 bytes an object, 31 blocks (1 MB) per million objects.
-- Again:   of song objects that are there their versions are known; of logs the version is learned when they are read again.

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
