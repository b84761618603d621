-- Purpose: the other objects that have the play, too; their rows take over when the row of the star goes.
-- Reads:   songplay_id of all of play_rivals.

select r.line_number, o.bucket, o.object_key
from play_rivals r
join ingest_objects o on o.object_id = r.object_id
where r.songplay_id = {{songplay_id}}
order by o.object_key
limit {{most}};
