-- Purpose: how many rows name no file, because a program of before schema/010 loaded them.
-- Result:  one row.

select
  (select count(*) from songplays where object_id is null) as plays,
  (select count(*) from users where object_id is null) as users,
  (select count(*) from songs where line_number is null) as songs;
