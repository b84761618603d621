-- Purpose: which days of plays the batch may repair, for the publishing transaction to name as literals.
-- Result:  one row; the times are null when no play can be concerned.

select
  to_char(r.first_day, 'YYYY-MM-DD') || ' 00:00:00.000' as min_start_time,
  to_char(r.last_day, 'YYYY-MM-DD') || ' 23:59:59.999' as max_start_time
from batch_reach r;
