-- Purpose: the songs that the batch's objects name, and those that the versions which they replace named.
-- Reads:   song_sources by source_id: one row a song object, however many plays there are. source_id is a hash, which no
--          sort key helps to find: one column of 32 bytes, 31 blocks per million song objects, and what the others need.

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join batch_objects o on o.object_id = k.source_id
where o.change = 'newer'
union
select b.song_id
from batch_sources b;
