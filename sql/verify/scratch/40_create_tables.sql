-- Purpose: the tables for a full reload of the bucket, in the scratch schema, which is first in the search path and is dropped
--          afterwards.
-- Grain:   listed_objects: an object of the bucket, without objects that were deleted after the listing. is_part: the object is in
--          the part that is compared; of all others it is only compared whether the ledger has them. is_read: the object was
--          readable, and etag and last_modified_ms are those that S3 delivered; otherwise etag is that of the listing.
--          raw_events: a JSON object of a log; raw_songs: a JSON object of a song file.
--          batches_before: a batch of the last two days that was committed when the comparison began.
-- Values:  raw tables have the text of each value as in the file, cut to 16 KB; null if the object has no value. unstorable lists
--          the columns whose texts no VARCHAR can hold, each between blanks.
-- Names:   object_key is for people; object_id, the MD5 of bucket and key, identifies an object in the ledger.

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
