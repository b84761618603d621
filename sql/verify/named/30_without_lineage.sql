-- Purpose: the number of rows without a source file, loaded by a program older than schema/010.
-- Result:  one row.

select
  (select count(*) from songplays where object_id is null) as plays,
  (select count(*) from users where object_id is null) as users,
  (select count(*) from songs where line_number is null) as songs;
