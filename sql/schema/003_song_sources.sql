-- Purpose: the newest version of every song object; songs, artists and the match of plays are functions of it.
-- Grain:   one row per JSON object of a song file (source_id, row_number). A version in which a row is unusable, or
--          that holds no row at all, leaves a row with song_id null: an object that went bad must take its song with it,
--          as a full reload would.
-- Reads:   by source (is this version newer?), by song_id (which version of the song wins?), by artist_id (which song
--          names the artist?): primary key, sort key and distribution key in this order.

create table song_sources (
  source_id char(32) not null encode raw,
  row_number integer not null encode az64,
  bucket varchar(63) not null encode zstd,
  object_key varchar(1024) not null encode zstd,
  etag varchar(80) not null encode zstd,
  last_modified timestamp not null encode az64,
  sequencer varchar(64) not null encode zstd,
  song_id varchar(64) encode raw,
  title varchar(1024) encode zstd,
  artist_id varchar(64) encode zstd,
  artist_name varchar(1024) encode zstd,
  artist_location varchar(1024) encode zstd,
  artist_latitude double precision encode zstd,
  artist_longitude double precision encode zstd,
  year integer encode az64,
  duration decimal(10, 5) encode az64,
  match_key char(32) encode raw,
  batch_id varchar(60) not null encode zstd,
  primary key (source_id, row_number)
)
diststyle key
distkey (artist_id)
compound sortkey (song_id);
