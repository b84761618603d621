-- Purpose: plays that are new, or that carry the winning values of an identity seen with others.
-- Reads:   songplays within the batch's ranges of start_time (literals: the sort key's zone maps skip the rest), first the
--          key alone; the wide columns only of plays that the batch brings again. Of songplay_id a block (1 MB) holds 32,768
--          rows: a batch within one day of 10,000 plays reads one or two blocks a slice, after ten thousand plays or ten
--          billion. Rows inserted since the last VACUUM lie unsorted at the end, in the order of their batches, so
--          their blocks have narrow zones too; only a block that got a very late event is read in vain.
--          songs by match_key of the batch's plays: the columns match_key, song_id, artist_id of the catalogue, on every
--          node (DISTSTYLE ALL): a million songs are about 80 blocks. This grows with the catalogue, not with plays.
-- Again:   finds every play there with the same hash and writes nothing. No MERGE: its condition takes columns only,
--          no literal range, and would read the history.

insert into rows_there (songplay_id, is_older)
select
  p.songplay_id,
  b.play_hash > max(md5(
    coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
    || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
    || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
    || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
    || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
    || coalesce((p.song_length * 100000)::bigint::varchar, '-')
  ))
from songplays p
join batch_plays b on b.songplay_id = p.songplay_id
where {{p.start_time in starts}}
group by p.songplay_id, b.play_hash;

delete from songplays
using rows_there
where songplays.songplay_id = rows_there.songplay_id
  and rows_there.is_older
  and {{songplays.start_time in starts}};

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id
)
select
  b.songplay_id, b.start_time, b.user_id, b.level, m.song_id, m.artist_id, b.session_id, b.location, b.user_agent,
  b.item_in_session, b.song_title, b.artist_name, b.song_length, b.match_key, {{batch_id}}
from batch_plays b
left join rows_there t on t.songplay_id = b.songplay_id
left join (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select c.match_key from batch_plays c)
) m on m.match_key = b.match_key and m.preference = 1
where t.songplay_id is null
   or t.is_older;
