-- Purpose: the batch as the loader read, checked and typed it. COPY fills staging from the parts; what does not fit a column
--          never gets into a part. Also an empty table for what the publishing transaction learns: nothing is created under
--          its lock.
-- Grain:   staging: kind 'F': a file event of the batch, and what became of the file; kind 'E': an event that the model keeps;
--          kind 'R': a row that does not fit, with column, reason and text; kind 'C': what the batch changed.
--          choice: a play or a user that the batch may change, and each row that may stand for it: source 'B' of the batch, 'S' of the
--          star, 'U' of the star and without an object, 'R' of play_rivals or user_sources. preference 1 stands for it from now on. is_there: this row is in the star already; is_out:
--          the row's version is not live any more; is_new: the star has no row.
-- Columns: the keys of the parts. file_number tells which file a row is of, line_number the row's first line there, row_number its place. file_id
--          and object_id are the loader's MD5s: of bucket, key, etag, version and sequencer; and of bucket and key. songplay_id
--          and what only a play has are null for other events. play_hash and user_hash decide between equal identities.

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
  is_new boolean
);
