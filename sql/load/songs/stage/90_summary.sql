-- Purpose: the same shape as the summary of the logs; of songs the range is that of the plays they may repair.
-- Result:  one row; the times are null when no play can be concerned.

select
  (select count(*) from staging_songs where row_number > 0) as rows_staged,
  0 as plays,
  0 as users,
  (select count(*) from batch_rejects) as rows_rejected,
  to_char(r.first_day, 'YYYY-MM-DD') || ' 00:00:00.000' as min_start_time,
  to_char(r.last_day, 'YYYY-MM-DD') || ' 23:59:59.999' as max_start_time
from batch_reach r;
