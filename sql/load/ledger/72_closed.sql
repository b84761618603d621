-- Purpose: ends the open entries of the objects that the batch looked at; 74_open.sql writes what the batch found. Of an object that
--          is gone nothing is left to repair. Only in a publish with such entries.
-- Reads:   ingest_open, which is small.

delete from ingest_open
where object_id in (
  select s.object_id
  from sparkify_staging s
  where s.kind = 'F'
    and s.status in ('loaded', 'quarantined', 'missing', 'removed')
);
