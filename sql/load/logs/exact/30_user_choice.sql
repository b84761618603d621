-- Purpose: chooses the event for the row of each user that the batch brings, replaces or removes: the newest event (time,
--          session, item), among equal ones that of the newest file (last-modified, then key, then bucket). An existing row stays
--          if it has the same values of the same event.
-- Others:  from user_sources: the same event in other objects; and all events of users whose newest event is removed, if the
--          batch has none that is as new.
-- Reads:   users by user_id, and object_id of all users. user_sources by user_id of the users that the batch may change, within the
--          ranges of fallback (literals of its sort key): first recent days; all of time if a user's next event may be older (see
--          80_counts.sql), which reads user_id (8 bytes) of all rows.

insert into sparkify_choice (
  user_id, start_time, source, object_id, is_there, is_out, session_id, item_in_session, line_number, last_modified, object_key,
  bucket, user_hash, is_lost
)
select
  u.user_id,
  u.last_event_at,
  'A',
  u.object_id,
  false,
  o.object_id is not null,
  u.last_session_id,
  u.last_item_in_session,
  u.line_number,
  coalesce(i.last_modified, timestamp 'epoch'),
  coalesce(i.object_key, ''),
  coalesce(i.bucket, ''),
  md5(
    coalesce(octet_length(u.first_name)::varchar || ':' || u.first_name, '-')
    || coalesce(octet_length(u.last_name)::varchar || ':' || u.last_name, '-')
    || coalesce(octet_length(u.gender)::varchar || ':' || u.gender, '-')
    || coalesce(octet_length(u.level)::varchar || ':' || u.level, '-')
  ),
  o.object_id is not null and n.user_id is null
from users u
left join sparkify_objects o on o.object_id = u.object_id and o.change = 'newer'
left join ingest_objects i on i.object_id = u.object_id
left join (
  select distinct b.user_id
  from sparkify_users b
  join users e on e.user_id = b.user_id
  where b.start_time > e.last_event_at
     or (b.start_time = e.last_event_at and b.session_id > e.last_session_id)
     or (b.start_time = e.last_event_at and b.session_id = e.last_session_id and b.item_in_session >= e.last_item_in_session)
) n on n.user_id = u.user_id
where o.object_id is not null
   or u.user_id in (select b.user_id from sparkify_users b)
   or u.user_id in (
     select l.user_id
     from user_sources l
     join sparkify_objects w on w.object_id = l.object_id and w.change = 'newer'
     where {{l.event_at in times}}
   );

insert into sparkify_choice (user_id, start_time, source, object_id, preference, is_there, is_out, is_new)
select
  r.user_id,
  r.event_at,
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
      partition by h.user_id
      order by
        h.is_out,
        h.event_at desc,
        h.session_id desc,
        h.item_in_session desc,
        case when h.user_hash = h.best_hash then 0 else 1 end,
        case when h.source = 'U' or h.object_id is null then 2 when h.own_row = h.there_row then 0 else 1 end,
        h.last_modified desc,
        h.object_key desc,
        h.bucket desc,
        case when h.source = 'R' then 1 else 0 end
    ) as preference
  from (
    select
      c.*,
      first_value(c.user_hash) over (
        partition by c.user_id
        order by
          c.is_out, c.event_at desc, c.session_id desc, c.item_in_session desc, c.last_modified desc, c.object_key desc,
          c.bucket desc
        rows between unbounded preceding and unbounded following
      ) as best_hash,
      max(case when c.source = 'S' then c.own_row end) over (partition by c.user_id) as there_row,
      sum(case when c.source in ('S', 'U') then 1 else 0 end) over (partition by c.user_id) as stars
    from (
      select
        b.user_id,
        'B' as source,
        b.object_id,
        b.start_time as event_at,
        b.session_id,
        b.item_in_session,
        o.last_modified,
        o.object_key,
        o.bucket,
        b.user_hash,
        b.object_id || b.line_number::varchar || ' ' || to_char(b.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || b.session_id::varchar || ' ' || b.item_in_session::varchar || ' ' || b.user_hash as own_row,
        0 as is_out
      from sparkify_users b
      join sparkify_objects o on o.object_id = b.object_id
      union all
      select
        s.user_id,
        case when s.object_id is null then 'U' else 'S' end,
        s.object_id,
        s.start_time,
        s.session_id,
        s.item_in_session,
        s.last_modified,
        s.object_key,
        s.bucket,
        s.user_hash,
        s.object_id || s.line_number::varchar || ' ' || to_char(s.start_time, 'YYYYMMDDHH24MISSMS') || ' ' || s.session_id::varchar || ' ' || s.item_in_session::varchar || ' ' || s.user_hash,
        case when s.is_out then 1 else 0 end
      from sparkify_choice s
      where s.source = 'A'
      union all
      select
        v.user_id,
        'R',
        v.object_id,
        v.event_at,
        v.session_id,
        v.item_in_session,
        coalesce(i.last_modified, timestamp 'epoch'),
        coalesce(i.object_key, ''),
        coalesce(i.bucket, ''),
        md5(
          coalesce(octet_length(v.first_name)::varchar || ':' || v.first_name, '-')
          || coalesce(octet_length(v.last_name)::varchar || ':' || v.last_name, '-')
          || coalesce(octet_length(v.gender)::varchar || ':' || v.gender, '-')
          || coalesce(octet_length(v.level)::varchar || ':' || v.level, '-')
        ),
        v.object_id,
        0
      from sparkify_choice s
      join user_sources v on v.user_id = s.user_id
      left join ingest_objects i on i.object_id = v.object_id
      left join sparkify_objects o on o.object_id = v.object_id and o.change = 'newer'
      where s.source = 'A'
        and {{v.event_at in fallback}}
        and o.object_id is null
        and (
          s.is_lost
          or (v.event_at = s.start_time and v.session_id = s.session_id and v.item_in_session = s.item_in_session)
        )
    ) c
  ) h
) r;
