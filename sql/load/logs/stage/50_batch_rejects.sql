-- Purpose: the rows that do not fit, each distinct one once, with what COPY kept of them, column and reason. COPY does not
--          tell which object or line a row came from; the loader looks the kept ones up in the files afterwards, by
--          row_hash, and what it finds there takes the place of row_text.
-- Bound:   of a million bad rows so many distinct ones are kept as the setting says; every reason has its turn, so that a
--          frequent one does not hide a rare one. Which of them is decided by hash: the same ones in every order.
-- Grain:   rejected_events: a row that does not fit; rejected_hashes: a distinct one that is kept; batch_rejects: the same
--          with its text.
-- row_hash: MD5 over the MD5s of all columns in the order of staging_events, '-' for null.
-- row_text: the keys that came, as a JSON object; all values as text, long ones cut so that the row fits 65535 bytes,
--          control characters and ^ as blanks. ^ stands for the quotes until those within the values are escaped.

create temp table rejected_events as
select
  c.*,
  md5(
    coalesce(md5(c.artist), '-') || coalesce(md5(c.auth), '-') || coalesce(md5(c.firstname), '-')
    || coalesce(md5(c.gender), '-') || coalesce(md5(c.iteminsession), '-') || coalesce(md5(c.lastname), '-')
    || coalesce(md5(c.length), '-') || coalesce(md5(c.level), '-') || coalesce(md5(c.location), '-')
    || coalesce(md5(c.method), '-') || coalesce(md5(c.page), '-') || coalesce(md5(c.registration), '-')
    || coalesce(md5(c.sessionid), '-') || coalesce(md5(c.song), '-') || coalesce(md5(c.status), '-')
    || coalesce(md5(c.ts), '-') || coalesce(md5(c.useragent), '-') || coalesce(md5(c.userid), '-')
  )::char(32) as row_hash
from checked_events c
where c.rejection is not null;

create temp table rejected_hashes as
select k.row_hash, k.occurrences
from (
  select t.row_hash, t.occurrences, row_number() over (order by t.turn, t.row_hash) as place
  from (
    select
      d.row_hash,
      d.occurrences,
      row_number() over (partition by d.rejection order by d.row_hash) as turn
    from (
      select e.row_hash, e.rejection, count(*) as occurrences
      from rejected_events e
      group by e.row_hash, e.rejection
    ) d
  ) t
) k
where k.place <= {{rejected_rows_max}};

create temp table batch_rejects as
select
  md5(x.row_hash || '|' || x.rejection)::char(32) as rejected_id,
  x.row_hash,
  null::varchar(63) as bucket,
  null::varchar(1024) as object_key,
  null::bigint as line_number,
  '{' || replace(replace(replace(substring(x.marked_text, 2), chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), '^', '"') || '}' as row_text,
  split_part(x.rejection, '|', 1) as column_name,
  split_part(x.rejection, '|', 2) as reason
from (
  select
    e.row_hash,
    e.rejection,
    row_number() over (partition by e.row_hash order by e.row_hash) as preference,
    coalesce(',^page^:^' || regexp_replace(left(e.page, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^ts^:^' || regexp_replace(left(e.ts, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^userId^:^' || regexp_replace(left(e.userid, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^sessionId^:^' || regexp_replace(left(e.sessionid, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^itemInSession^:^' || regexp_replace(left(e.iteminsession, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^level^:^' || regexp_replace(left(e.level, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^firstName^:^' || regexp_replace(left(e.firstname, 500), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^lastName^:^' || regexp_replace(left(e.lastname, 500), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^gender^:^' || regexp_replace(left(e.gender, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^song^:^' || regexp_replace(left(e.song, 2000), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^artist^:^' || regexp_replace(left(e.artist, 2000), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^length^:^' || regexp_replace(left(e.length, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^location^:^' || regexp_replace(left(e.location, 1000), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^userAgent^:^' || regexp_replace(left(e.useragent, 3000), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^auth^:^' || regexp_replace(left(e.auth, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^method^:^' || regexp_replace(left(e.method, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^registration^:^' || regexp_replace(left(e.registration, 200), '[[:cntrl:]^]', ' ') || '^', '')
    || coalesce(',^status^:^' || regexp_replace(left(e.status, 200), '[[:cntrl:]^]', ' ') || '^', '') as marked_text
  from rejected_events e
  join rejected_hashes h on h.row_hash = e.row_hash
) x
where x.preference = 1;
