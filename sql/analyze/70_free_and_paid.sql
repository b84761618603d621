-- Purpose: How do free and paid users differ?
-- Grain:   a level. users: whose level it is now; plays: made at that level, whatever the user's level is today.

select
  l.level,
  coalesce(u.users, 0) as users,
  coalesce(p.plays, 0) as plays,
  round(100::double precision * coalesce(p.plays, 0) / nullif(sum(coalesce(p.plays, 0)) over (), 0), 1) as percent_of_plays,
  coalesce(p.listeners, 0) as listeners,
  round(p.plays::double precision / nullif(p.listeners, 0), 1) as plays_per_listener
from (
  select level from users where level is not null
  union
  select level from songplays where level is not null
) l
left join (
  select level, count(*) as users
  from users
  group by level
) u on u.level = l.level
left join (
  select level, count(*) as plays, count(distinct user_id) as listeners
  from songplays
  where {{start_time in times}}
  group by level
) p on p.level = l.level
order by l.level;
