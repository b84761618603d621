-- Purpose: why plays have a song or do not, with the most played titles of each reason. Upper case and blanks at the ends are
--          another spelling; the match itself is exact.
-- Reads:   songplays since a time (sort key); song_sources twice.
-- Result:  some rows for each reason, the most plays first; plays_of_reason is the total of the reason.

select
  r.reason, r.song_title, r.artist_name, r.song_length, r.plays, r.songplay_id, r.nearest_seconds, r.plays_of_reason
from (
  select
    g.*,
    sum(g.plays) over (partition by g.reason)::bigint as plays_of_reason,
    row_number() over (partition by g.reason order by g.plays desc, g.songplay_id) as place
  from (
    select
      case
        when p.song_id is not null then 'matched'
        when p.song_title is null or p.artist_name is null or p.song_length is null then 'incomplete'
        when a.artist is null then 'no_such_artist'
        when t.title is null then 'no_such_title'
        when x.title is null then 'other_spelling'
        else 'other_duration'
      end as reason,
      p.song_title, p.artist_name, p.song_length, p.plays, p.songplay_id,
      least(abs(x.shortest - p.song_length), abs(x.longest - p.song_length)) as nearest_seconds
    from (
      select
        s.song_title, s.artist_name, s.song_length,
        max(s.song_id) as song_id, count(*) as plays, min(s.songplay_id) as songplay_id
      from songplays s
      where s.start_time >= {{since}}
      group by s.song_title, s.artist_name, s.song_length
    ) p
    left join (
      select distinct lower(btrim(k.artist_name)) as artist
      from song_sources k
    ) a on a.artist = lower(btrim(p.artist_name))
    left join (
      select distinct lower(btrim(k.title)) as title, lower(btrim(k.artist_name)) as artist
      from song_sources k
    ) t on t.title = lower(btrim(p.song_title)) and t.artist = lower(btrim(p.artist_name))
    left join (
      select k.title, k.artist_name, min(k.duration) as shortest, max(k.duration) as longest
      from song_sources k
      group by k.title, k.artist_name
    ) x on x.title = p.song_title and x.artist_name = p.artist_name
  ) g
) r
where r.place <= {{most}}
order by r.reason, r.place;
