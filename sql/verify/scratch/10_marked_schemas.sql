-- Purpose: the scratch schemas of this and other runs: schemas with a matching name and the marker.
-- Result:  schemaname. Underscores of the pattern match any character; the program compares the names itself.

select schemaname
from pg_tables
where tablename = 'sparkify_verify_run'
  and schemaname like {{pattern}}
order by schemaname;
