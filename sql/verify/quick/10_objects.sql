-- Purpose: the objects whose rows in the warehouse differ from the ledger: in their number, or in the sum of their checksums. The
--          checksums are computed from the columns, separately from the load.
-- Result:  at most 10,000 objects; differing counts all. rows_more: rows of the warehouse minus rows of the ledger.
-- Reads:   all rows of songplays, play_rivals, user_sources and song_sources; nothing from the bucket.

select
  d.object_id,
  coalesce(i.object_key, d.object_id) as object_key,
  coalesce(i.status, 'unknown') as status,
  coalesce(i.rows_kept, 0) as rows_kept,
  d.rows_more,
  d.differing
from (
  select
    k.object_id,
    sum(k.row_count) as rows_more,
    count(*) over () as differing
  from (
    select
      object_id,
      1 as row_count,
      strtol(
        left(
          md5(
            coalesce(octet_length(level)::varchar || ':' || level, '-')
            || coalesce(octet_length(location)::varchar || ':' || location, '-')
            || coalesce(octet_length(user_agent)::varchar || ':' || user_agent, '-')
            || coalesce(octet_length(song_title)::varchar || ':' || song_title, '-')
            || coalesce(octet_length(artist_name)::varchar || ':' || artist_name, '-')
            || coalesce((song_length * 100000)::bigint::varchar, '-')
          ),
          15
        ),
        16
      )::decimal(38, 0) as row_sum
    from (
      select object_id, level, location, user_agent, song_title, artist_name, song_length
      from songplays
      where object_id is not null
      union all
      select object_id, level, location, user_agent, song_title, artist_name, song_length
      from play_rivals
    ) p
    union all
    select
      object_id,
      1,
      strtol(
        left(
          md5(
            coalesce(octet_length(first_name)::varchar || ':' || first_name, '-')
            || coalesce(octet_length(last_name)::varchar || ':' || last_name, '-')
            || coalesce(octet_length(gender)::varchar || ':' || gender, '-')
            || coalesce(octet_length(level)::varchar || ':' || level, '-')
          ),
          15
        ),
        16
      )::decimal(38, 0)
    from user_sources
    where object_id is not null
    union all
    select source_id, 1, 0::decimal(38, 0)
    from song_sources
    union all
    select object_id, -rows_kept, -coalesce(rows_sum, 0::decimal(38, 0))
    from ingest_objects
  ) k
  group by k.object_id
  having sum(k.row_count) <> 0
      or sum(k.row_sum) <> 0
) d
left join ingest_objects i on i.object_id = d.object_id
order by 2, 1
limit 10000;
