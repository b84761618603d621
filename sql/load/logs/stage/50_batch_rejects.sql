-- Purpose: the rows that do not fit, each distinct one once, with their text (the columns that came, long ones cut so
--          that the row fits 65535 bytes), column and reason. COPY does not tell which object or line a row came from;
--          the batch leads to its files.

create temp table batch_rejects as
select
  md5(r.row_text || '|' || r.rejection) as rejected_id,
  null::varchar(63) as bucket,
  null::varchar(1024) as object_key,
  null::bigint as line_number,
  r.row_text,
  split_part(r.rejection, '|', 1) as column_name,
  split_part(r.rejection, '|', 2) as reason
from (
  select
    c.rejection,
    left(
      'page=' || coalesce(left(c.page, 200), 'null')
      || ' ts=' || coalesce(left(c.ts, 200), 'null')
      || ' userId=' || coalesce(left(c.userid, 200), 'null')
      || ' sessionId=' || coalesce(left(c.sessionid, 200), 'null')
      || ' itemInSession=' || coalesce(left(c.iteminsession, 200), 'null')
      || ' level=' || coalesce(left(c.level, 200), 'null')
      || ' firstName=' || coalesce(left(c.firstname, 500), 'null')
      || ' lastName=' || coalesce(left(c.lastname, 500), 'null')
      || ' gender=' || coalesce(left(c.gender, 200), 'null')
      || ' length=' || coalesce(left(c.length, 200), 'null')
      || ' song=' || coalesce(left(c.song, 2000), 'null')
      || ' artist=' || coalesce(left(c.artist, 2000), 'null')
      || ' location=' || coalesce(left(c.location, 1000), 'null')
      || ' userAgent=' || coalesce(left(c.useragent, 3000), 'null'),
      16000
    ) as row_text
  from checked_events c
  where c.rejection is not null
) r
group by r.row_text, r.rejection;
