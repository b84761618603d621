-- Purpose: where a full reload of the bucket lands before anything is decided about it; in the scratch schema, which
--          comes first in the search path and is dropped afterwards.
-- Grain:   listed_objects: an object of the bucket; unread_objects: one of them that this comparison could not read
--          (is_gone: because it was deleted since it was listed); raw_events: a line of a log as it stands there;
--          raw_songs: an object of a song file with the stamps of its file.
-- Names:   object_key is for people; object_id, the MD5 of bucket and key, is what the ledger knows an object by.

create table listed_objects (
  object_id char(32) not null,
  object_key varchar(1024) not null,
  etag varchar(80) not null,
  dataset varchar(16) not null
);

create table unread_objects (
  object_id char(32) not null,
  is_gone boolean not null
);

create table raw_events (
  artist varchar(65535),
  auth varchar(65535),
  firstname varchar(65535),
  gender varchar(65535),
  iteminsession varchar(65535),
  lastname varchar(65535),
  length varchar(65535),
  level varchar(65535),
  location varchar(65535),
  method varchar(65535),
  page varchar(65535),
  registration varchar(65535),
  sessionid varchar(65535),
  song varchar(65535),
  status varchar(65535),
  ts varchar(65535),
  useragent varchar(65535),
  userid varchar(65535)
);

create table raw_songs (
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
  row_text varchar(65535)
);
