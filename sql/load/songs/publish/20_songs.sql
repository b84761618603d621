-- Purpose: updates songs from their newest song objects (last-modified, then key, bucket and place in the file). Removes songs
--          without an object.
-- Reads:   song_sources (sort key song_id) and songs of the affected song ids only: about a dozen blocks per column and million
--          songs. Does not grow with plays.
-- Again:   no song differs and nothing is written.

insert into sparkify_song_choice (
  song_id, is_known, was_artist_id, was_match_key, is_there, title, artist_id, year, duration, match_key, last_modified,
  source_id, source_row, line_number, differs
)
select
  a.song_id,
  s.song_id is not null,
  s.artist_id,
  s.match_key,
  w.song_id is not null,
  w.title,
  w.artist_id,
  w.year,
  w.duration,
  w.match_key,
  w.last_modified,
  w.source_id,
  w.row_number,
  w.line_number,
  coalesce(
    s.last_modified <> w.last_modified
    or s.source_id <> w.source_id
    or s.source_row <> w.row_number
    or coalesce(s.line_number, -1) <> coalesce(w.line_number, -1)
    or s.artist_id <> w.artist_id
    or coalesce(octet_length(s.title)::varchar || ':' || s.title, '-') <> coalesce(octet_length(w.title)::varchar || ':' || w.title, '-')
    or coalesce(s.year, -1) <> coalesce(w.year, -1)
    or coalesce(s.duration, -1) <> coalesce(w.duration, -1)
    or coalesce(s.match_key, '') <> coalesce(w.match_key, ''),
    true
  )
from sparkify_affected a
left join songs s on s.song_id = a.song_id
left join (
  select
    k.*,
    row_number() over (
      partition by k.song_id
      order by k.last_modified desc, k.object_key desc, k.bucket desc, k.row_number desc
    ) as preference
  from song_sources k
  join sparkify_affected f on f.song_id = k.song_id
) w on w.song_id = a.song_id and w.preference = 1
where s.song_id is not null
   or w.song_id is not null;

delete from songs
using sparkify_song_choice
where songs.song_id = sparkify_song_choice.song_id
  and sparkify_song_choice.differs;

insert into songs (
  song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row, line_number
)
select
  c.song_id, c.title, c.artist_id, c.year, c.duration, c.match_key, c.last_modified, c.source_id, c.source_row, c.line_number
from sparkify_song_choice c
where c.is_there
  and c.differs;
