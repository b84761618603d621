-- Purpose: how much of the reload comes from the warehouse itself, because what it was loaded from cannot be read.
-- Result:  one row.

select
  (select count(*) from kept_plays) as plays,
  (select count(*) from newest_users where source = 'star') as users,
  (select count(*) from kept_sources where song_id is not null) as songs;
