-- What a program without a ledger would do once the rows are typed and in staging: everything, into empty tables.

insert into songs (song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row)
select song_id, title, artist_id, year, duration, match_key, last_modified, md5(file_number::varchar), row_number
from (
  select
    s.song_id, s.title, s.artist_id, s.year, s.duration, s.match_key, f.last_modified, s.file_number, s.row_number,
    row_number() over (partition by s.song_id order by f.last_modified desc, s.file_number desc) as age
  from floor_songs s
  join floor_songs f on f.file_number = s.file_number and f.kind = 'F'
  where s.kind = 'S'
) ranked
where age = 1;

insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, artist_name, artist_location, artist_latitude, artist_longitude
from (
  select
    s.artist_id, s.artist_name, s.artist_location, s.artist_latitude, s.artist_longitude,
    row_number() over (partition by s.artist_id order by f.last_modified desc, s.song_id desc) as age
  from floor_songs s
  join floor_songs f on f.file_number = s.file_number and f.kind = 'F'
  where s.kind = 'S'
) ranked
where age = 1;

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent,
  item_in_session, song_title, artist_name, song_length, match_key, batch_id
)
select
  p.songplay_id, p.start_time, p.user_id, p.level, s.song_id, s.artist_id, p.session_id, p.location, p.user_agent,
  p.item_in_session, p.song_title, p.artist_name, p.song_length, p.match_key, 'floor'
from (
  select e.*, row_number() over (partition by songplay_id order by play_hash desc) as preference
  from floor_events e
  where is_play = 1
) p
left join (
  select match_key, min(song_id) as song_id
  from songs
  group by match_key
) m
  on m.match_key = p.match_key
left join songs s
  on s.song_id = m.song_id
where p.preference = 1;

insert into users (
  user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session
)
select user_id, first_name, last_name, gender, level, start_time, session_id, item_in_session
from (
  select
    e.*,
    row_number() over (
      partition by user_id
      order by start_time desc, session_id desc, item_in_session desc, user_hash desc
    ) as age
  from floor_events e
  where kind = 'E'
) ranked
where age = 1;

insert into time (start_time, hour, day, week, month, year, weekday)
select
  start_time,
  extract(hour from start_time)::smallint,
  extract(day from start_time)::smallint,
  extract(week from start_time)::smallint,
  extract(month from start_time)::smallint,
  extract(year from start_time)::smallint,
  extract(dow from start_time)::smallint
from (
  select distinct start_time
  from songplays
) n;
