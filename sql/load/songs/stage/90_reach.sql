-- Purpose: the days of plays that the batch may repair, so that the publish transaction can have them as literals. An estimate,
--          because nothing is locked yet; the publish transaction checks again (load/songs/publish/80_counts.sql).
-- Reads:   song_sources by source_id and songs by song_id as the publish steps do, and play_keys by key_prefix. Grows with the
--          catalogue and the titles heard, not with plays.
-- Result:  one row; the times are null if no title was heard under whose match key a song would be added, removed or change its
--          artist.

select
  to_char(min(k.first_day), 'YYYY-MM-DD') || ' 00:00:00.000' as min_start_time,
  to_char(max(k.last_day), 'YYYY-MM-DD') || ' 23:59:59.999' as max_start_time
from play_keys k
where k.key_prefix in (
  select left(c.match_key, 12)::char(12)
  from (
    select b.match_key
    from sparkify_sources b
    left join songs s on s.song_id = b.song_id and s.match_key = b.match_key and s.artist_id = b.artist_id
    where b.match_key is not null
      and s.song_id is null
    union
    select s.match_key
    from songs s
    join (
      select b.song_id
      from sparkify_sources b
      union
      select k.song_id
      from song_sources k
      where k.source_id in (select o.object_id from sparkify_objects o where o.change = 'newer')
    ) i on i.song_id = s.song_id
    left join sparkify_sources b on b.song_id = s.song_id and b.match_key = s.match_key and b.artist_id = s.artist_id
    where s.match_key is not null
      and b.song_id is null
  ) c
);
