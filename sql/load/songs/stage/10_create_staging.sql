-- Purpose: the batch as the loader read, checked and typed it. COPY fills staging from the parts, which contain only values that
--          fit their columns. Also empty tables for results of the publish transaction, which creates nothing while it holds the
--          lock.
-- Grain:   staging: kind 'F': a file event of the batch with its outcome; 'S': a song; 'R': a rejected row with column, reason
--          and text; 'C': the counts of the batch. affected: a song of an object of the batch, now or before. sparkify_song_choice: an
--          affected song before (was_…) and now; sparkify_artist_choice: an artist that changes; sparkify_match_choice: the song that plays of a
--          match key belong to now; sparkify_play_repairs: a play that now belongs to another song.
-- Columns: the keys of the parts. file_number is the file of a row; row_number is the place of the object in the file. For a file
--          event, etag and last_modified are those of the version that S3 delivered; sequencer is upper-case and left-padded with
--          zeros to 32 digits. file_id and object_id are MD5s that the loader computes: of bucket, key, etag, version and
--          sequencer; and of bucket and key.

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
