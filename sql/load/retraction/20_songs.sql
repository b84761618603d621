-- Purpose: counts what the retraction of song files changes, by table, as 20_logs.sql does. Plays count as changed that belong to
--          a song of the files: they keep the song if another file has it.
-- Guard:   as in 20_logs.sql.
-- Reads:   songs, artists and song_sources by their source, and song_id of all of songplays, without a range of time. Only a
--          person asks this, rarely; once more under the lock.

insert into sparkify_retraction (counts_as_planned)
select case when {{planned}} in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songs ' || s.gone::varchar || ' ' || s.changed::varchar
    || ', artists ' || a.gone::varchar || ' ' || a.changed::varchar
    || ', songplays 0 ' || p.changed::varchar as counts
  from (
    select
      count(*) as objects,
      coalesce(
        sum(strtol(left(md5(o.object_id || o.etag || to_char(o.last_modified, 'YYYYMMDDHH24MISSMS')), 15), 16)::decimal(38, 0)),
        0::decimal(38, 0)
      ) as checksum
    from ingest_objects o
    join sparkify_retracted f on f.object_id = o.object_id
    where o.status = 'live'
  ) v
  cross join (
    select
      coalesce(sum(case when k.song_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.song_id is null then 0 else 1 end), 0)::bigint as changed
    from songs n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct b.song_id
      from song_sources b
      left join sparkify_retracted g on g.object_id = b.source_id
      where g.object_id is null
    ) k on k.song_id = n.song_id
  ) s
  cross join (
    select
      coalesce(sum(case when k.artist_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when k.artist_id is null then 0 else 1 end), 0)::bigint as changed
    from artists n
    join sparkify_retracted f on f.object_id = n.source_id
    left join (
      select distinct w.artist_id
      from (
        select
          b.artist_id,
          row_number() over (
            partition by b.song_id
            order by b.last_modified desc, b.object_key desc, b.bucket desc, b.row_number desc
          ) as preference
        from song_sources b
        left join sparkify_retracted g on g.object_id = b.source_id
        where g.object_id is null
      ) w
      where w.preference = 1
    ) k on k.artist_id = n.artist_id
  ) a
  cross join (
    select count(*) as changed
    from songplays n
    join songs m on m.song_id = n.song_id
    join sparkify_retracted f on f.object_id = m.source_id
  ) p
) c;
