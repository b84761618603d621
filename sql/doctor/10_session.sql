-- Purpose: as whom the doctor talks to the warehouse, and what time it is there (UTC).
-- Result:  one row.

select
  current_user as user_name,
  to_char(getdate(), 'YYYY-MM-DD HH24:MI:SS') as warehouse_time;
