-- Purpose: plays whose match a song of the batch may have changed are resolved again: from unknown to known, from one
--          song to another, or back. Part of a publish only where titles with an affected key were heard.
-- Reads:   songplays by match_key within the days in which titles with an affected key were heard (literals, from
--          90_reach.sql of the stage). match_key is the distribution key: every slice looks
--          for the keys that hash to it, and no play is moved. It is a hash and not the sort key; what bounds the read on
--          Redshift are the zone maps of the sort key, start_time. A block (1 MB) of start_time is 131,072 plays of a slice
--          and lies beside four of match_key (raw, 32 bytes), which are read; of the other columns the blocks in which a
--          key is found. A song that is a week late reads the one or two blocks of start_time that hold the week, and
--          up to eight of match_key, a slice, whether history is a month or ten years long. A song whose title was heard
--          for ten years reads match_key of ten years (31 blocks a million plays over all slices): there its plays are.
--          Where an engine has an index on match_key, the plays that wait are all that is read.
-- Again:   resolves to what is there and writes nothing.

insert into play_repairs (songplay_id, start_time, match_key, song_id, artist_id)
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join match_choice w on w.match_key = p.match_key
where p.start_time between {{min_start_time}} and {{max_start_time}}
  and (
    coalesce(p.song_id, '') <> coalesce(w.song_id, '')
    or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '')
  );

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time
  and songplays.start_time between {{min_start_time}} and {{max_start_time}};
