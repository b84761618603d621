-- Purpose: Does every row that another row refers to exist?
-- Above:   0 fails.

select 'plays without their user' as what, count(*) as found
from songplays p
left join (select user_id + 0 as user_id from users group by 1) u on u.user_id = p.user_id
where u.user_id is null
union all
select 'plays without their time', count(*)
from songplays p
left join (select dateadd(ms, 0, start_time) as start_time from time group by 1) t on t.start_time = p.start_time
where t.start_time is null
union all
select 'plays without their song', count(*)
from songplays p
left join (select song_id || '' as song_id from songs group by 1) s on s.song_id = p.song_id
where p.song_id is not null
  and s.song_id is null
union all
select 'plays without their artist', count(*)
from songplays p
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = p.artist_id
where p.artist_id is not null
  and a.artist_id is null
union all
select 'songs without their artist', count(*)
from songs s
left join (select artist_id || '' as artist_id from artists group by 1) a on a.artist_id = s.artist_id
where a.artist_id is null;
