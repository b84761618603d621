-- Purpose: the songs of the batch's objects, and the songs of the versions that they replace.
-- Reads:   song_sources by source_id: one row per song object. source_id is a hash, without help of a sort key: one column of 32
--          bytes, 31 blocks per million song objects, and the matching blocks of the others.

insert into sparkify_affected (song_id)
select k.song_id
from song_sources k
join sparkify_objects o on o.object_id = k.source_id
where o.change = 'newer'
union
select b.song_id
from sparkify_sources b;
