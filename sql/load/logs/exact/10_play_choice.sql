-- Purpose: chooses the row of each play that the batch brings, replaces or removes: the row of the newest file (last-modified,
--          then key, then bucket). An existing row stays if the winner has the same values.
-- Out:     rows of versions that are no longer live. A play without another row is removed.
-- No object:a row that a program older than schema/010 loaded gives way to any other row.
-- Reads:   songplays and play_rivals within the ranges (literals) of the batch's events and of the replaced versions: key and
--          object of all rows, the wide columns of the batch's plays. ingest_objects by object_id.

insert into sparkify_choice (songplay_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.songplay_id,
  r.start_time,
  r.source,
  r.object_id,
  r.preference,
  r.preference = 1 and r.is_out = 0 and coalesce(r.own_row = r.there_row, r.source = 'U'),
  r.is_out = 1,
  r.stars = 0
from (
  select
    h.*,
    row_number() over (
      partition by h.songplay_id
      order by
        h.is_out,
        case when h.play_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc
    ) as preference
  from (
    select
      c.*,
      first_value(c.play_hash) over (
        partition by c.songplay_id
        order by c.is_out, c.last_modified desc, c.object_key desc, c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.songplay_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.songplay_id) as stars,
      sum(case when c.source <> 'R' then 1 else 0 end) over (partition by c.songplay_id) as concerned
    from (
      select
        b.songplay_id,
        b.start_time,
        'B' as source,
        b.object_id,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.play_hash,
        b.object_id || b.line_number::varchar || ' ' || b.play_hash as own_row,
        0 as is_out
      from sparkify_plays b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.songplay_id,
        s.start_time,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.play_hash,
        s.object_id || s.line_number::varchar || ' ' || s.play_hash,
        s.is_out
      from (
        select
          p.songplay_id,
          p.start_time,
          p.object_id,
          p.line_number,
          coalesce(i.last_modified, timestamp 'epoch') as last_modified,
          coalesce(i.object_key, '') as object_key,
          coalesce(i.bucket, '') as bucket,
          md5(
            coalesce(octet_length(p.level)::varchar || ':' || p.level, '-')
            || coalesce(octet_length(p.location)::varchar || ':' || p.location, '-')
            || coalesce(octet_length(p.user_agent)::varchar || ':' || p.user_agent, '-')
            || coalesce(octet_length(p.song_title)::varchar || ':' || p.song_title, '-')
            || coalesce(octet_length(p.artist_name)::varchar || ':' || p.artist_name, '-')
            || coalesce((p.song_length * 100000)::bigint::varchar, '-')
          ) as play_hash,
          case when o.object_id is null then 0 else 1 end as is_out
        from songplays p
        left join sparkify_objects o on o.object_id = p.object_id and o.change = 'newer'
        left join ingest_objects i on i.object_id = p.object_id
        where {{p.start_time in times}}
          and (
            o.object_id is not null
            or p.songplay_id in (select b.songplay_id from sparkify_plays b)
            or p.songplay_id in (
              select l.songplay_id
              from play_rivals l
              join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
              where {{l.start_time in times}}
            )
          )
      ) s
      union all
      select
        v.songplay_id,
        v.start_time,
        'R',
        v.object_id,
        i.last_modified,
        i.object_key,
        i.bucket,
        md5(
          coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
          || coalesce(octet_length(v.location)::varchar || ':' || v.location, '-')
          || coalesce(octet_length(v.user_agent)::varchar || ':' || v.user_agent, '-')
          || coalesce(octet_length(v.song_title)::varchar || ':' || v.song_title, '-')
          || coalesce(octet_length(v.artist_name)::varchar || ':' || v.artist_name, '-')
          || coalesce((v.song_length * 100000)::bigint::varchar, '-')
        ),
        v.object_id,
        0
      from play_rivals v
      join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where {{v.start_time in times}}
        and o.object_id is null
    ) c
  ) h
  where h.concerned > 0
) r;
