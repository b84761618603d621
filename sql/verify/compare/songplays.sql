-- Purpose: how songplays differs from the reload, both ways; the batch and the bookkeeping columns are no part of it.
-- Result:  counts (a key that is there twice shows as fewer keys than rows); then the rows of the first twenty keys.

create table different_songplays as
with star as (
  select
    songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent,
    item_in_session, song_title, artist_name, song_length
  from songplays
),
reload as (
  select
    songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent,
    item_in_session, song_title, artist_name, song_length
  from reload_songplays
)
select star_only.*, 'star' as side
from (select * from star except select * from reload) star_only
union all
select reload_only.*, 'reload' as side
from (select * from reload except select * from star) reload_only;

select
  (select count(*) from songplays) as star_rows,
  (select count(distinct songplay_id) from songplays) as star_keys,
  (select count(*) from reload_songplays) as reload_rows,
  (select count(*) from different_songplays where side = 'star') as star_only,
  (select count(*) from different_songplays where side = 'reload') as reload_only;

select d.*
from different_songplays d
where d.songplay_id in (
  select songplay_id
  from different_songplays
  group by songplay_id
  order by songplay_id
  limit 20
)
order by d.songplay_id, d.side desc;
