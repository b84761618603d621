-- Purpose: Do the columns have values that analysts group by?
-- Above:   0 warns.

select 'plays without a level' as what, count(*) as found from songplays where level is null
union all
select 'plays without a song title', count(*) from songplays where song_title is null
union all
select 'plays without an artist name', count(*) from songplays where artist_name is null
union all
select 'users without a level', count(*) from users where level is null
union all
select 'songs without a title', count(*) from songs where title is null
union all
select 'artists without a name', count(*) from artists where name is null;
