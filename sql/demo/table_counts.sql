-- Purpose: the number of rows of each table of the star.

select
  (select count(*) from songplays) as songplays,
  (select count(*) from users) as users,
  (select count(*) from songs) as songs,
  (select count(*) from artists) as artists,
  (select count(*) from time) as time;
