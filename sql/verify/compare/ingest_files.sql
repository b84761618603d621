-- Purpose: the ledger's entries of the objects in the bucket, and what they should be: a readable object is loaded, or was loaded
--          and then retracted; an unreadable one is quarantined, or was loaded while it was readable. Of an object outside the
--          part that is compared: the ledger has an entry.
-- Grain:   an object of the bucket; row_key is its id, row_name is its name for people.

create view {{star}} as
select
  l.object_id as row_key, l.object_key as row_name, l.object_id as row_object, e.status, e.double_entries
from ledger_entries e
join listed_objects l on l.object_id = e.object_id
where l.is_part;

create view {{reload}} as
select
  l.object_id as row_key,
  l.object_key as row_name,
  l.object_id as row_object,
  case
    when f.status = 'retracted' and coalesce(e.status, '') <> 'loaded' then 'superseded'
    when l.is_part and not l.is_read and coalesce(e.status, '') <> 'loaded' then 'quarantined'
    else 'loaded'
  end as status,
  0::bigint as double_entries
from listed_objects l
left join known_files f on f.object_id = l.object_id and f.etag = l.etag
left join ledger_entries e on e.object_id = l.object_id
where l.is_part
   or e.object_id is null;
