-- Purpose: one row per user, so that the merge meets every target row at most once.
-- Order:   the newest event (time, session, item), then the greater hash.

create temp table batch_users as
select
  r.user_id, r.first_name, r.last_name, r.gender, r.level, r.start_time, r.session_id, r.item_in_session, r.user_hash
from (
  select
    e.*,
    row_number() over (
      partition by e.user_id
      order by e.start_time desc, e.session_id desc, e.item_in_session desc, e.user_hash desc
    ) as preference
  from sparkify_staging e
  where e.kind = 'E'
) r
where r.preference = 1;
