-- Purpose: what the ledger says of the objects of the bucket as they are now, for what it ought to say of them.
-- Grain:   an object of which the ledger knows the version that is there. Any entry that says loaded counts for all of its
--          version's entries: the same version is announced in several ways.
-- double_entries: entries of one notice (file_id and time) beyond the first.

create table ledger_entries as
select
  l.object_id,
  case
    when sum(case when f.status = 'loaded' then 1 else 0 end) > 0 then 'loaded'
    when sum(case when f.status = 'quarantined' then 1 else 0 end) > 0 then 'quarantined'
    else min(f.status)
  end as status,
  count(*) - count(distinct f.file_id || to_char(f.event_time, 'YYYYMMDDHH24MISSMS')) as double_entries
from listed_objects l
join ingest_files f
  on f.object_id = l.object_id
  and f.etag = l.etag
group by l.object_id;
