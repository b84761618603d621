-- Staging of a full reload: what it uses of the columns of the parts.

create temp table floor_events (
  kind char(1) not null,
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
  user_hash char(32)
);

create temp table floor_songs (
  kind char(1) not null,
  file_number integer not null,
  row_number integer,
  last_modified timestamp,
  song_id varchar(64),
  title varchar(1024),
  artist_id varchar(64),
  artist_name varchar(1024),
  artist_location varchar(1024),
  artist_latitude double precision,
  artist_longitude double precision,
  year integer,
  duration decimal(10, 5),
  match_key char(32)
);
