-- Purpose: a page of the objects that have rows in the star, in the order of their ids.
-- Reads:   ingest_objects after an id (literal, sort key): the blocks of one page, and those of the rest as far as the engine does not
--          stop at the limit.

select i.object_id, i.bucket, i.object_key
from ingest_objects i
where i.object_id > {{after}}
  and i.status = 'live'
order by i.object_id
limit {{most}};
