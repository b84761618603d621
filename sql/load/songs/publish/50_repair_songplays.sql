-- Purpose: updates plays whose match a song of the batch may have changed: from unknown to known, from one song to another, or
--          back. Only in a publish for which titles with an affected key were heard.
-- Reads:   songplays by match_key within the days in which titles with an affected key were heard (literals, from 90_reach.sql of
--          the stage). match_key is the distribution key: every slice looks up the keys that hash to it, and no play is moved.
--          The zone maps of the sort key start_time bound the read. A block (1 MB) of start_time is 131,072 plays of a slice; its
--          four blocks of match_key (raw, 32 bytes) are read, and of the other columns only blocks with a match. A song that is a
--          week late reads one or two blocks of start_time and up to eight of match_key per slice, however long history is. A
--          song whose title was heard for ten years reads match_key of ten years (31 blocks per million plays over all slices).
-- Again:   plays have the right song and nothing is written.

insert into sparkify_play_repairs (songplay_id, start_time, match_key, song_id, artist_id)
select p.songplay_id, p.start_time, w.match_key, w.song_id, w.artist_id
from songplays p
join sparkify_match_choice w on w.match_key = p.match_key
where p.start_time between {{min_start_time}} and {{max_start_time}}
  and (
    coalesce(p.song_id, '') <> coalesce(w.song_id, '')
    or coalesce(p.artist_id, '') <> coalesce(w.artist_id, '')
  );

update songplays
set song_id = r.song_id,
    artist_id = r.artist_id
from sparkify_play_repairs r
where songplays.match_key = r.match_key
  and songplays.songplay_id = r.songplay_id
  and songplays.start_time = r.start_time
  and songplays.start_time between {{min_start_time}} and {{max_start_time}};
