-- Purpose: the live version of every object with the count and the checksum of its rows; and the ledger's entries of the objects
--          in the bucket, for comparison.
-- Rows:    of a log: its plays and users. The checksum is the sum of the first 15 hexadecimal digits of the MD5 of each row's
--          values, as numbers. For an object that was not read, these are the rows of the warehouse that name it.
-- Grain:   reload_objects: an object that has or had a live version. ledger_entries: an object whose current version is in the
--          ledger. An entry that says loaded counts for all entries of its version, because one version is announced in several
--          ways.
-- Doubles: double_entries: further entries of one notification (file_id and time).

create table reload_objects as
select
  f.object_id,
  f.dataset,
  f.bucket,
  f.object_key,
  f.etag,
  f.last_modified,
  f.status,
  coalesce(r.rows_kept, 0) as rows_kept,
  case when f.dataset = 'logs' then coalesce(r.rows_sum, 0::decimal(38, 0)) end as rows_sum,
  r.first_event_at,
  r.last_event_at
from known_files f
left join (
  select
    k.object_id,
    count(*) as rows_kept,
    sum(strtol(left(k.row_hash, 15), 16)::decimal(38, 0)) as rows_sum,
    min(k.event_at) as first_event_at,
    max(k.event_at) as last_event_at
  from (
    select object_id, play_hash as row_hash, start_time as event_at
    from play_candidates
    union all
    select object_id, user_hash, event_at
    from user_candidates
    union all
    select source_id, null::char(32), null::timestamp
    from reload_song_sources
  ) k
  group by k.object_id
) r on r.object_id = f.object_id
where f.has_lineage;

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
