-- Purpose: the batch's song rows as the loader read, checked and typed them. COPY fills the table from the parts; what
--          does not fit a column never gets into a part.
-- Grain:   kind 'S': a song; kind 'N': a version of an object that was read and names no song (row_number 0); kind 'R': a row
--          that does not fit, with column, reason and text.
-- Columns: the keys of the parts. file_number names the file in batch_files; row_number the place of the object in the file;
--          etag and last_modified are what S3 said of the version that was read; sequencer is upper-case and left-padded
--          with zeros to 32.

create temp table staging_songs (
  kind char(1) not null,
  file_number integer not null,
  line_number bigint,
  row_number integer,
  etag varchar(80),
  last_modified timestamp,
  sequencer varchar(64),
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
  reason varchar(1024),
  row_text varchar(65535)
);
