-- Purpose: the batch's song objects as they arrived, all text, each stamped by the loader with the object it came from.
-- Grain:   a JSON object of a song file that was read, and for a file without any object one row with row_number 0 and
--          nothing but the stamps (a tombstone: this version of the object names no song). A version that could not be
--          read (too large, no JSON, denied, ...) has no row: it changes nothing.
-- line_number: of the object's first line in the file.
-- Columns: the keys of the bundle files; COPY matches them with JSON 'auto ignorecase'. sequencer is upper-case and
--          left-padded with zeros to 32 ('' of zeros when unknown); last_modified_ms is epoch milliseconds.

create temp table staging_songs (
  source_id char(32) not null,
  row_number integer not null,
  bucket varchar(63) not null,
  object_key varchar(1024) not null,
  etag varchar(80) not null,
  last_modified_ms bigint not null,
  sequencer varchar(64) not null,
  song_id varchar(65535),
  title varchar(65535),
  artist_id varchar(65535),
  artist_name varchar(65535),
  artist_location varchar(65535),
  artist_latitude varchar(65535),
  artist_longitude varchar(65535),
  year varchar(65535),
  duration varchar(65535),
  line_number bigint,
  row_text varchar(65535)
);
