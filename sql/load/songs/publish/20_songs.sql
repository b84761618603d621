-- Purpose: songs carry the newest version of their song objects (last-modified, then key, bucket and place in the file).
--          A song that no object names any more goes.
-- Reads:   song_sources (sort key song_id) and songs of the affected song ids only: columns of the catalogue, about a
--          dozen blocks a column per million songs. Nothing here grows with plays.
-- Grain:   songs_before: the affected songs as they were; song_winners: as they shall be; song_changes: what differs.

create temp table songs_before as
select s.song_id, s.title, s.artist_id, s.year, s.duration, s.match_key, s.last_modified, s.source_id, s.source_row
from songs s
join affected_songs a on a.song_id = s.song_id;

create temp table song_winners as
select
  w.song_id, w.title, w.artist_id, w.year, w.duration, w.match_key, w.last_modified, w.source_id, w.row_number
from (
  select
    k.*,
    row_number() over (
      partition by k.song_id
      order by k.last_modified desc, k.object_key desc, k.bucket desc, k.row_number desc
    ) as preference
  from song_sources k
  join affected_songs a on a.song_id = k.song_id
) w
where w.preference = 1;

create temp table song_changes as
select w.*, b.song_id is null as is_new
from song_winners w
left join songs_before b on b.song_id = w.song_id
where b.song_id is null
   or b.last_modified <> w.last_modified
   or b.source_id <> w.source_id
   or b.source_row <> w.row_number
   or b.artist_id <> w.artist_id
   or coalesce(octet_length(b.title)::varchar || ':' || b.title, '-') <> coalesce(octet_length(w.title)::varchar || ':' || w.title, '-')
   or coalesce(b.year, -1) <> coalesce(w.year, -1)
   or coalesce(b.duration, -1) <> coalesce(w.duration, -1)
   or coalesce(b.match_key, '') <> coalesce(w.match_key, '');

merge into songs
using song_changes c
on songs.song_id = c.song_id
when matched then
  update set
    title = c.title,
    artist_id = c.artist_id,
    year = c.year,
    duration = c.duration,
    match_key = c.match_key,
    last_modified = c.last_modified,
    source_id = c.source_id,
    source_row = c.row_number
when not matched then
  insert (song_id, title, artist_id, year, duration, match_key, last_modified, source_id, source_row)
  values (c.song_id, c.title, c.artist_id, c.year, c.duration, c.match_key, c.last_modified, c.source_id, c.row_number);

create temp table songs_gone as
select b.song_id
from songs_before b
left join song_winners w on w.song_id = b.song_id
where w.song_id is null;

delete from songs
using songs_gone
where songs.song_id = songs_gone.song_id;
