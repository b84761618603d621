-- Purpose: the batch as the loader read, checked and typed it. COPY fills staging from the parts, which contain only values that
--          fit their columns. Also an empty table for results of the publish transaction, which creates nothing while it holds
--          the lock.
-- Grain:   staging: kind 'F': a file event of the batch with its outcome; 'E': an event that the model keeps; 'R': a rejected row
--          with column, reason and text; 'C': the counts of the batch. choice: a play or a user that the batch may change, and
--          each row that it may have: source 'B' from the batch, 'S' from the star, 'U' from the star and without an object, 'R'
--          from play_rivals or user_sources. preference 1 is the row from now on; is_there: the star has this row already;
--          is_out: the row's version is no longer live; is_new: the star has no row. Source 'A': a row of users that the batch may
--          change, with its object and the columns after is_new; is_lost: it goes, and the batch has no event that is as new.
-- Columns: the keys of the parts. file_number is the file of a row, line_number the first line of the row, row_number its place
--          in the file. file_id and object_id are MD5s that the loader computes: of bucket, key, etag, version and sequencer; and
--          of bucket and key. songplay_id and the columns of plays are null for other events. play_hash and user_hash decide
--          between equal identities.

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
