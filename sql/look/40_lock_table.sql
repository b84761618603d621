-- Purpose: the id of the table whose lock excludes all other writers.

select c."oid"::bigint as table_id
from pg_class c
join pg_namespace n on n."oid" = c.relnamespace
where n.nspname = {{schema}}
  and c.relname = 'ingest_lock_9';
