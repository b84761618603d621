-- Purpose: How much is there?
-- Grain:   one row. Plays and listeners of the asked time; users, songs and artists of all time.

select
  count(*) as plays,
  count(distinct user_id) as listeners,
  (select count(*) from users) as users,
  (select count(*) from songs) as songs,
  (select count(*) from artists) as artists,
  min(start_time) as first_play,
  max(start_time) as last_play
from songplays
where {{start_time in times}};
