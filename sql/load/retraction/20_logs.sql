-- Purpose: counts what the retraction of logs changes, by table: the rows that go, and the rows that get the values of another
--          file. The checksum stands for the versions that are retracted.
-- Guard:   planned is the text that a person saw, or empty. With another text the row is null, which the table refuses: the rows
--          or the versions changed since, and the transaction ends before it changes anything.
-- Reads:   under the lock songplays and play_rivals within the ranges (literals) of the retracted versions; the plan reads all of
--          both, because it asks before it knows the versions. object_id of users, user_id and object_id of user_sources.

insert into sparkify_retraction (counts_as_planned)
select case when {{planned}} in ('', c.counts) then c.counts end
from (
  select
    'versions ' || v.objects::varchar || ' ' || v.checksum::varchar
    || ', songplays ' || p.gone::varchar || ' ' || p.changed::varchar
    || ', users ' || u.gone::varchar || ' ' || u.changed::varchar
    || ', time ' || t.gone::varchar || ' 0' as counts
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
      coalesce(sum(case when r.songplay_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when r.songplay_id is null then 0 else 1 end), 0)::bigint as changed
    from songplays s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct l.songplay_id
      from play_rivals l
      left join sparkify_retracted g on g.object_id = l.object_id
      where g.object_id is null
        and {{l.start_time in times}}
    ) r on r.songplay_id = s.songplay_id
    where {{s.start_time in times}}
  ) p
  cross join (
    select
      coalesce(sum(case when e.user_id is null then 1 else 0 end), 0)::bigint as gone,
      coalesce(sum(case when e.user_id is null then 0 else 1 end), 0)::bigint as changed
    from users s
    join sparkify_retracted f on f.object_id = s.object_id
    left join (
      select distinct k.user_id
      from user_sources k
      join (
        select m.user_id
        from users m
        join sparkify_retracted h on h.object_id = m.object_id
      ) c on c.user_id = k.user_id
      left join sparkify_retracted g on g.object_id = k.object_id
      where g.object_id is null
    ) e on e.user_id = s.user_id
  ) u
  cross join (
    select count(*) as gone
    from (
      select s.start_time
      from songplays s
      join (
        select distinct n.start_time
        from songplays n
        join sparkify_retracted g on g.object_id = n.object_id
        where {{n.start_time in times}}
      ) d on d.start_time = s.start_time
      left join sparkify_retracted f on f.object_id = s.object_id
      left join (
        select distinct l.songplay_id
        from play_rivals l
        left join sparkify_retracted g on g.object_id = l.object_id
        where g.object_id is null
          and {{l.start_time in times}}
      ) r on r.songplay_id = s.songplay_id
      where {{s.start_time in times}}
      group by s.start_time
      having sum(case when f.object_id is not null and r.songplay_id is null then 0 else 1 end) = 0
    ) x
  ) t
) c;
