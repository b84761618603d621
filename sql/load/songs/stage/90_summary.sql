-- Purpose: the same shape as the summary of the logs; songs touch no range of time.
-- Result:  one row.

select
  (select count(*) from staging_songs where row_number > 0) as rows_staged,
  0 as plays,
  0 as users,
  (select count(*) from batch_rejects) as rows_rejected,
  null::varchar(32) as min_start_time,
  null::varchar(32) as max_start_time;
