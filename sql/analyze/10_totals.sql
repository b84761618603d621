-- Purpose: How much is there?
-- Grain:   one row.

select
  (select count(*) from songplays) as plays,
  (select count(*) from users) as users,
  (select count(*) from songs) as songs,
  (select count(*) from artists) as artists,
  (select min(start_time) from songplays) as first_play,
  (select max(start_time) from songplays) as last_play;
