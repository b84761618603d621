-- Purpose: how many rows each table of the star has.

select
  (select count(*) from songplays) as songplays,
  (select count(*) from users) as users,
  (select count(*) from songs) as songs,
  (select count(*) from artists) as artists,
  (select count(*) from time) as time;
