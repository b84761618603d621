-- Purpose: what the publish transaction needs to know as literals: the range of time that the batch's plays touch, and
--          how many rows there were and do not fit, kept or not.
-- Result:  one row; the times are null when the batch has no play.

select
  (select count(*) from staging_events) as rows_staged,
  (select count(*) from batch_plays) as plays,
  (select count(*) from batch_users) as users,
  (select count(*) from rejected_events) as rows_rejected,
  to_char(min(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as min_start_time,
  to_char(max(p.start_time), 'YYYY-MM-DD HH24:MI:SS.MS') as max_start_time
from batch_plays p;
