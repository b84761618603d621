-- Purpose: the batch's log rows as the loader read, checked and typed them. COPY fills the table from the parts; what does
--          not fit a column never gets into a part.
-- Grain:   kind 'E': an event that the model keeps; kind 'R': a row that does not fit, with column, reason and text.
-- Columns: the keys of the parts. file_number names the file in batch_files, line_number the row's first line there.
--          songplay_id and what only a play has are null for other events. The hashes are those of core/hashes in src/datasets:
--          play_hash and user_hash decide between equal identities.

create temp table staging_events (
  kind char(1) not null,
  file_number integer not null,
  line_number bigint not null,
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
  reason varchar(1024),
  row_text varchar(65535)
);
