-- Purpose: the songs that are nearest to a play, by title, artist and duration, in this order. Upper case, blanks at the ends and
--          text that was encoded twice do not count: the repaired texts are the second values.
-- Reads:   song_sources, which has a row for each song object.

select k.song_id, k.title, k.artist_name, k.duration
from song_sources k
join songs s on s.song_id = k.song_id and s.source_id = k.source_id and s.source_row = k.row_number
where lower(btrim(k.title)) in (lower(btrim({{title}})), lower(btrim({{repaired_title}})))
  or lower(btrim(k.artist_name)) in (lower(btrim({{artist}})), lower(btrim({{repaired_artist}})))
order by
  case when lower(btrim(k.title)) in (lower(btrim({{title}})), lower(btrim({{repaired_title}}))) then 0 else 1 end
    + case when lower(btrim(k.artist_name)) in (lower(btrim({{artist}})), lower(btrim({{repaired_artist}}))) then 0 else 1 end,
  abs(coalesce(k.duration, 0) - {{length_ms}} / 1000.0),
  k.song_id
limit {{most}};
