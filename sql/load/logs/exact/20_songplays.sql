-- Purpose: writes the choice of 10_play_choice.sql: removes rows of replaced versions, puts the winning row into songplays and
--          all others into play_rivals.
-- Reads:   songplays and play_rivals within the ranges (literals); songs by match_key as append/10_songplays.sql does.

delete from play_rivals
using sparkify_objects
where play_rivals.object_id = sparkify_objects.object_id
  and sparkify_objects.change = 'newer'
  and {{play_rivals.start_time in times}};

insert into play_rivals (
  songplay_id, start_time, user_id, level, session_id, location, user_agent, item_in_session, song_title, artist_name,
  song_length, match_key, object_id, line_number, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number, {{batch_id}}
from sparkify_plays b
join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
where c.source = 'B'
  and c.preference > 1
union all
select
  s.songplay_id, s.start_time, s.user_id, s.level, s.session_id, s.location, s.user_agent, s.item_in_session,
  s.song_title, s.artist_name, s.song_length, s.match_key, s.object_id, s.line_number, {{batch_id}}
from songplays s
join sparkify_choice c on c.songplay_id = s.songplay_id
where c.source = 'S'
  and c.preference > 1
  and not c.is_out
  and {{s.start_time in times}};

delete from songplays
using sparkify_choice
where songplays.songplay_id = sparkify_choice.songplay_id
  and sparkify_choice.preference = 1
  and not sparkify_choice.is_there
  and {{songplays.start_time in times}};

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id, object_id, line_number
)
select
  w.songplay_id, w.start_time, w.user_id, w.level, m.song_id, m.artist_id, w.session_id, w.location, w.user_agent,
  w.item_in_session, w.song_title, w.artist_name, w.song_length, w.match_key, {{batch_id}}, w.object_id, w.line_number
from (
  select
    b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
    b.song_title, b.artist_name, b.song_length, b.match_key, b.object_id, b.line_number
  from sparkify_plays b
  join sparkify_choice c on c.songplay_id = b.songplay_id and c.object_id = b.object_id
  where c.source = 'B'
    and c.preference = 1
    and not c.is_there
  union all
  select
    r.songplay_id, r.start_time, r.user_id, r.level, r.session_id, r.location, r.user_agent, r.item_in_session,
    r.song_title, r.artist_name, r.song_length, r.match_key, r.object_id, r.line_number
  from play_rivals r
  join sparkify_choice c on c.songplay_id = r.songplay_id and c.object_id = r.object_id
  where c.source = 'R'
    and c.preference = 1
    and {{r.start_time in times}}
) w
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (
    select b.match_key
    from sparkify_plays b
    union
    select r.match_key
    from play_rivals r
    where {{r.start_time in times}}
  )
) m on m.match_key = w.match_key and m.preference = 1;

delete from play_rivals
using sparkify_choice
where play_rivals.songplay_id = sparkify_choice.songplay_id
  and play_rivals.object_id = sparkify_choice.object_id
  and sparkify_choice.source = 'R'
  and sparkify_choice.preference = 1
  and {{play_rivals.start_time in times}};
