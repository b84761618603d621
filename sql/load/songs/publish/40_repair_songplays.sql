-- Purpose: plays whose match a song of the batch may have changed are resolved again: from unknown to known, from one
--          song to another, or back. The smallest song id wins among several.
-- Grain:   affected_matches: a match key under which a song came, went, or changed its artist. A song whose title, artist
--          name, duration and artist id stay as they are changes no play, and its plays are not read.
-- Reads:   songplays by match_key within the days in which titles with an affected key were heard (literals, from
--          50_batch_reach.sql of the stage; an empty range when none was). match_key is the distribution key: every slice looks
--          for the keys that hash to it, and no play is moved. It is a hash and not the sort key; what bounds the read on
--          Redshift are the zone maps of the sort key, start_time. A block (1 MB) of start_time is 131,072 plays of a slice
--          and lies beside four of match_key (raw, 32 bytes), which are read; of the other columns the blocks in which a
--          key is found. A song that is a week late reads the one or two blocks of start_time that hold the week, and
--          up to eight of match_key, a slice, whether history is a month or ten years long. A song whose title was heard
--          for ten years reads match_key of ten years (31 blocks a million plays over all slices): there its plays are.
--          play_keys by key_prefix: 20 blocks per million titles heard. songs by match_key, as the plays' own load does.
--          Where an engine has an index on match_key, the plays that wait are all that is read.
-- Guard:   the range was learned before the lock was held. If a title with an affected key was heard outside of it (another
--          batch was published meanwhile), covers_all_plays is null, which its column refuses: the transaction ends, and
--          the loader publishes again with a range that covers everything.
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

create temp table reach_check (
  covers_all_plays boolean not null
);

insert into reach_check (covers_all_plays)
select case when count(*) = 0 then true end
from play_keys k
where k.key_prefix in (select left(a.match_key, 12)::char(12) from affected_matches a)
  and (k.first_day < {{min_start_time}} or k.last_day > {{max_start_time}});

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
