-- Purpose: the batch as the loader read, checked and typed it. COPY fills staging from the parts; what does not fit a column
--          never gets into a part. Also an empty table for what the publishing transaction learns: nothing is created under
--          its lock.
-- Grain:   staging: kind 'F': a file event of the batch, and what became of the file; kind 'E': an event that the model keeps;
--          kind 'R': a row that does not fit, with column, reason and text; kind 'C': what the batch changed.
--          rows_there: a row of the star for a play or a user of the batch.
-- Columns: the keys of the parts. file_number tells which file a row is of, line_number the row's first line there. file_id
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
  rows_repaired bigint
);

create temp table rows_there (
  songplay_id char(32),
  user_id bigint,
  is_older boolean
);
