-- Purpose: the star schema that analysts read. The names and the order of the columns up to the blank line in each
--          table are a contract; what follows it is ours.
-- Grain:   songplays: a NextSong event; users: a user; songs: a song; artists: an artist; time: a distinct start_time.
-- Text:    VARCHAR counts bytes. The sizes leave room for UTF-8; a longer value is rejected by the load, never cut.
-- Keys:    declared because the merge keeps them unique (Redshift trusts them and does not check).

-- Sorted by start_time: analysts ask by time, and every load names its range of time, so that old blocks stay unread.
-- Distributed by match_key: a song that arrives late finds its plays where its key hashes to, and "plays per song"
-- groups without moving rows. songplay_id and match_key are hashes and do not compress (raw); the sort key stays raw
-- so that a range decompresses nothing to find its blocks.
-- songplay_id is unique by the load's doing, yet no primary key is declared: nothing looks a play up by its hash without
-- naming its time, so the planner would gain nothing, and where keys become indexes (the embedded engine) one more
-- over a hash costs every batch a page a row, the more the longer history is.
create table songplays (
  songplay_id char(32) not null encode raw,
  start_time timestamp not null encode raw,
  user_id bigint not null encode az64,
  level varchar(16) encode zstd,
  song_id varchar(64) encode zstd,
  artist_id varchar(64) encode zstd,
  session_id bigint not null encode az64,
  location varchar(512) encode zstd,
  user_agent varchar(2048) encode zstd,

  item_in_session integer not null encode az64,
  song_title varchar(1024) encode zstd,
  artist_name varchar(1024) encode zstd,
  song_length decimal(10, 5) encode az64,
  match_key char(32) encode raw,
  batch_id varchar(60) not null encode zstd
)
diststyle key
distkey (match_key)
compound sortkey (start_time);

-- Small and joined by everything: a copy on every node (all).
create table users (
  user_id bigint not null encode raw,
  first_name varchar(256) encode zstd,
  last_name varchar(256) encode zstd,
  gender varchar(16) encode zstd,
  level varchar(16) encode zstd,

  last_event_at timestamp not null encode az64,
  last_session_id bigint not null encode az64,
  last_item_in_session integer not null encode az64,
  primary key (user_id)
)
diststyle all
compound sortkey (user_id);

-- A catalogue: up to about a million rows, a copy on every node. Sorted by match_key, by which every batch of plays
-- looks songs up; analysts join by song_id, which a hash join does as well unsorted.
create table songs (
  song_id varchar(64) not null encode zstd,
  title varchar(1024) encode zstd,
  artist_id varchar(64) not null encode zstd,
  year integer encode az64,
  duration decimal(10, 5) encode az64,

  match_key char(32) encode raw,
  last_modified timestamp not null encode az64,
  source_id char(32) not null encode raw,
  source_row integer not null encode az64,
  primary key (song_id)
)
diststyle all
compound sortkey (match_key);

create table artists (
  artist_id varchar(64) not null encode raw,
  name varchar(1024) encode zstd,
  location varchar(1024) encode zstd,
  latitude double precision encode zstd,
  longitude double precision encode zstd,
  primary key (artist_id)
)
diststyle all
compound sortkey (artist_id);

-- Grows with traffic, so not a copy on every node: Redshift chooses (auto).
create table time (
  start_time timestamp not null encode raw,
  hour smallint not null encode az64,
  day smallint not null encode az64,
  week smallint not null encode az64,
  month smallint not null encode az64,
  year smallint not null encode az64,
  weekday smallint not null encode az64,
  primary key (start_time)
)
diststyle auto
compound sortkey (start_time);
