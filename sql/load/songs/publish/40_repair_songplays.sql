-- Purpose: plays whose match a song of the batch may have changed are resolved again: from unknown to known, from one
--          song to another, or back. The smallest song id wins among several.
-- Grain:   affected_matches: a match key under which a song came, went, or changed its artist. A song whose title, artist
--          name, duration and artist id stay as they are changes no play, and its plays are not read.
-- Reads:   songplays by match_key, songs by match_key, both only when there is an affected key. match_key is the distribution
--          key: every slice looks for the keys that hash to it, and no play is moved. It is a hash and not the sort key, so
--          zone maps do not help, and no range of time can be named: a song may be late by years. On Redshift the column
--          match_key of all plays is scanned (raw, 32 bytes: 31 blocks per million plays over all slices; ten million
--          plays are 306 blocks), and the narrow columns beside it of the blocks in which a key is found. This is the one
--          read of a load that grows with history, by one sequential pass over one column however many songs came;
--          rows are written only where they change. Where an engine has an index on match_key it grows with nothing.
-- Again:   resolves to what is there and writes nothing.

create temp table affected_matches as
select b.match_key
from songs_before b
left join song_winners w on w.song_id = b.song_id and w.match_key = b.match_key and w.artist_id = b.artist_id
where b.match_key is not null
  and w.song_id is null
union
select w.match_key
from song_winners w
left join songs_before b on b.song_id = w.song_id and b.match_key = w.match_key and b.artist_id = w.artist_id
where w.match_key is not null
  and b.song_id is null;

create temp table match_winners as
select a.match_key, m.song_id, m.artist_id
from affected_matches a
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select match_key from affected_matches)
) m on m.match_key = a.match_key and m.preference = 1;

create temp table play_repairs as
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join match_winners w on w.match_key = p.match_key
where coalesce(p.song_id, '') <> coalesce(w.song_id, '')
   or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '');

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time;
