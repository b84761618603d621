-- Purpose: scratch schemas of this and of other runs, for left-overs to be found: schemas named like one that carry the marker.
-- Result:  schemaname. The pattern's underscores stand for any character; the program compares the names themselves.

select schemaname
from pg_tables
where tablename = 'sparkify_verify_run'
  and schemaname like {{pattern}}
order by schemaname;
