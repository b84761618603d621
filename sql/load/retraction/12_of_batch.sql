-- Purpose: the objects of the batch whose rows the retraction removes, and an empty table for the counts, as in 10_of_list.sql.
--          The publish transaction creates nothing while it holds the lock.
-- Needs:   sparkify_objects.

create temp table sparkify_retracted as
select o.object_id
from sparkify_objects o
where o.change = 'newer'
  and o.was_status = 'live';

create temp table sparkify_retraction (
  counts_as_planned varchar(512) not null
);
