-- Purpose: plays that are new, or that carry the winning values of an identity seen with others.
-- Reads:   songplays within the batch's range of start_time (literals: the sort key's zone maps skip the rest). Of the
--          widest column a block (1 MB) holds some 10,000 rows, of the narrow ones 100,000: a batch within one day of
--          10,000 plays reads one or two blocks of each of the nine columns a slice, after ten thousand plays or ten
--          billion. Rows inserted since the last VACUUM lie unsorted at the end, in the order of their batches, so
--          their blocks have narrow zones too; only a block that got a very late event is read in vain.
--          songs by match_key of the changed plays: the columns match_key, song_id, artist_id of the catalogue, on every
--          node (DISTSTYLE ALL): a million songs are about 80 blocks. This grows with the catalogue, not with plays.
-- Again:   finds every play there with the same hash and writes nothing. No MERGE: its condition takes columns only,
--          no literal range, and would read the history.

create temp table play_changes as
select
  b.songplay_id, b.start_time, b.user_id, b.level, b.session_id, b.location, b.user_agent, b.item_in_session,
  b.song_title, b.artist_name, b.song_length, b.match_key, p.songplay_id is null as is_new
from batch_plays b
left join songplays p
  on p.songplay_id = b.songplay_id
  and p.start_time between {{min_start_time}} and {{max_start_time}}
where p.songplay_id is null
   or b.play_hash > md5(
    coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
    || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
    || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
    || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
    || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
    || coalesce((p.song_length * 100000)::bigint::varchar, '-')
  );

create temp table play_matches as
select m.match_key, m.song_id, m.artist_id
from (
  select s.match_key, s.song_id, s.artist_id, row_number() over (partition by s.match_key order by s.song_id) as preference
  from songs s
  where s.match_key in (select c.match_key from play_changes c)
) m
where m.preference = 1;

update songplays
set level = c.level,
    song_id = c.song_id,
    artist_id = c.artist_id,
    location = c.location,
    user_agent = c.user_agent,
    song_title = c.song_title,
    artist_name = c.artist_name,
    song_length = c.song_length,
    match_key = c.match_key,
    batch_id = {{batch_id}}
from (
  select pc.*, m.song_id, m.artist_id
  from play_changes pc
  left join play_matches m on m.match_key = pc.match_key
  where not pc.is_new
) c
where songplays.songplay_id = c.songplay_id
  and songplays.start_time between {{min_start_time}} and {{max_start_time}};

insert into songplays (
  songplay_id, start_time, user_id, level, song_id, artist_id, session_id, location, user_agent, item_in_session,
  song_title, artist_name, song_length, match_key, batch_id
)
select
  c.songplay_id, c.start_time, c.user_id, c.level, m.song_id, m.artist_id, c.session_id, c.location, c.user_agent,
  c.item_in_session, c.song_title, c.artist_name, c.song_length, c.match_key, {{batch_id}}
from play_changes c
left join play_matches m on m.match_key = c.match_key
where c.is_new;
