-- Dates and times with Redshift's meaning. Parts arrive in one spelling (date-parts.ts).

-- GETDATE is the statement's start, SYSDATE the transaction's.
create or replace function redshift_compat.getdate() returns timestamp
language sql stable parallel safe as $$ select date_trunc('second', statement_timestamp())::timestamp $$;
create or replace function redshift_compat.sysdate() returns timestamp
language sql stable parallel safe as $$ select transaction_timestamp()::timestamp $$;

-- Immutable, and nothing here is STRICT: PostgreSQL writes the body of such a function into the statement and leaves only the branch
-- of the part. NULL stays NULL in every body.
create or replace function redshift_compat.refuse_step(part text) returns interval
language plpgsql immutable as $$
begin
  raise exception using errcode = '22023', message = format('date part "%s" not supported here', part);
end $$;
create or replace function redshift_compat.refuse_count(part text) returns bigint
language plpgsql immutable as $$
begin
  raise exception using errcode = '22023', message = format('date part "%s" not supported here', part);
end $$;

create or replace function redshift_compat.step(part text, amount bigint) returns interval
language sql immutable parallel safe as $$
  select case part
    when 'microsecond' then amount * interval '1 microsecond'
    when 'millisecond' then amount * interval '1 millisecond'
    when 'second' then amount * interval '1 second'
    when 'minute' then amount * interval '1 minute'
    when 'hour' then amount * interval '1 hour'
    when 'day' then amount * interval '1 day'
    when 'dow' then amount * interval '1 day'
    when 'doy' then amount * interval '1 day'
    when 'week' then amount * interval '7 days'
    when 'month' then amount * interval '1 month'
    when 'quarter' then amount * interval '3 months'
    when 'year' then amount * interval '1 year'
    when 'decade' then amount * interval '10 years'
    when 'century' then amount * interval '100 years'
    when 'millennium' then amount * interval '1000 years'
    else redshift_compat.refuse_step(part)
  end $$;

create or replace function redshift_compat.dateadd(part text, amount bigint, value timestamp) returns timestamp
language sql immutable parallel safe as $$ select value + redshift_compat.step(part, amount) $$;
create or replace function redshift_compat.dateadd(part text, amount bigint, value date) returns timestamp
language sql immutable parallel safe as $$ select value::timestamp + redshift_compat.step(part, amount) $$;
create or replace function redshift_compat.dateadd(part text, amount bigint, value timestamptz) returns timestamptz
language sql stable parallel safe as $$ select value + redshift_compat.step(part, amount) $$;

-- The number of boundaries of the part between two times: 23:59 to 00:01 is one day.
create or replace function redshift_compat.datediff(part text, earlier timestamp, later timestamp) returns bigint
language sql immutable parallel safe as $$
  select case part
    when 'year' then (extract(year from later) - extract(year from earlier))::bigint
    when 'quarter' then ((extract(year from later) - extract(year from earlier)) * 4 + extract(quarter from later) - extract(quarter from earlier))::bigint
    when 'month' then ((extract(year from later) - extract(year from earlier)) * 12 + extract(month from later) - extract(month from earlier))::bigint
    when 'week' then ((date_trunc('week', later)::date - date_trunc('week', earlier)::date) / 7)::bigint
    when 'day' then (later::date - earlier::date)::bigint
    when 'dow' then (later::date - earlier::date)::bigint
    when 'doy' then (later::date - earlier::date)::bigint
    when 'hour' then floor(extract(epoch from later) / 3600)::bigint - floor(extract(epoch from earlier) / 3600)::bigint
    when 'minute' then floor(extract(epoch from later) / 60)::bigint - floor(extract(epoch from earlier) / 60)::bigint
    when 'second' then floor(extract(epoch from later))::bigint - floor(extract(epoch from earlier))::bigint
    when 'millisecond' then floor(extract(epoch from later) * 1000)::bigint - floor(extract(epoch from earlier) * 1000)::bigint
    when 'microsecond' then (extract(epoch from later) * 1000000)::bigint - (extract(epoch from earlier) * 1000000)::bigint
    when 'decade' then (extract(decade from later) - extract(decade from earlier))::bigint
    when 'century' then (extract(century from later) - extract(century from earlier))::bigint
    when 'millennium' then (extract(millennium from later) - extract(millennium from earlier))::bigint
    else redshift_compat.refuse_count(part)
  end $$;
create or replace function redshift_compat.datediff(part text, earlier timestamptz, later timestamptz) returns bigint
language sql stable parallel safe as
$$ select redshift_compat.datediff(part, earlier at time zone 'UTC', later at time zone 'UTC') $$;

-- DATE_PART is a double. Milliseconds and microseconds are their own field only, without the whole seconds.
create or replace function redshift_compat.date_part(part text, value timestamp) returns double precision
language sql immutable parallel safe as $$
  select case part
    when 'millisecond' then ((pg_catalog.date_part('microseconds', value)::bigint % 1000000) / 1000)::double precision
    when 'microsecond' then (pg_catalog.date_part('microseconds', value)::bigint % 1000000)::double precision
    else pg_catalog.date_part(part, value)
  end $$;
create or replace function redshift_compat.date_part(part text, value date) returns double precision
language sql immutable parallel safe as $$ select redshift_compat.date_part(part, value::timestamp) $$;
create or replace function redshift_compat.date_part(part text, value timestamptz) returns double precision
language sql stable parallel safe as $$
  select case when part in ('millisecond', 'microsecond') then redshift_compat.date_part(part, value::timestamp) else pg_catalog.date_part(part, value) end $$;
create or replace function redshift_compat.date_part(part text, value time) returns double precision
language sql immutable parallel safe as $$ select redshift_compat.date_part(part, timestamp '1970-01-01' + value) $$;
create or replace function redshift_compat.date_part(part text, value interval) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.date_part(part, value) $$;

-- EXTRACT is an INTEGER, and a double for TIMESTAMPTZ only.
create or replace function redshift_compat.extract_part(part text, value timestamp) returns integer
language sql immutable parallel safe as $$ select floor(redshift_compat.date_part(part, value))::integer $$;
create or replace function redshift_compat.extract_part(part text, value date) returns integer
language sql immutable parallel safe as $$ select floor(redshift_compat.date_part(part, value::timestamp))::integer $$;
create or replace function redshift_compat.extract_part(part text, value time) returns integer
language sql immutable parallel safe as $$ select floor(redshift_compat.date_part(part, value))::integer $$;
create or replace function redshift_compat.extract_part(part text, value interval) returns integer
language sql immutable parallel safe as $$ select floor(pg_catalog.date_part(part, value))::integer $$;
create or replace function redshift_compat.extract_part(part text, value timestamptz) returns double precision
language sql stable parallel safe as $$ select redshift_compat.date_part(part, value) $$;

create or replace function redshift_compat.date_trunc(part text, value timestamp) returns timestamp
language sql immutable parallel safe as $$ select pg_catalog.date_trunc(part, value) $$;
create or replace function redshift_compat.date_trunc(part text, value date) returns timestamp
language sql immutable parallel safe as $$ select pg_catalog.date_trunc(part, value::timestamp) $$;
create or replace function redshift_compat.date_trunc(part text, value timestamptz) returns timestamptz
language sql stable parallel safe as $$ select pg_catalog.date_trunc(part, value) $$;

-- TRUNC of a timestamp is its date.
create or replace function redshift_compat.trunc(value timestamp) returns date
language sql immutable parallel safe as $$ select value::date $$;
create or replace function redshift_compat.trunc(value numeric) returns numeric
language sql immutable parallel safe as $$ select pg_catalog.trunc(value) $$;
create or replace function redshift_compat.trunc(value double precision) returns double precision
language sql immutable parallel safe as $$ select pg_catalog.trunc(value) $$;
create or replace function redshift_compat.trunc(value numeric, places integer) returns numeric
language sql immutable parallel safe as $$ select pg_catalog.trunc(value, places) $$;

-- The last day of a month stays the last day.
create or replace function redshift_compat.add_months(value timestamp, months bigint) returns timestamp
language sql immutable parallel safe as $$
  select case
    when value::date = (pg_catalog.date_trunc('month', value) + interval '1 month - 1 day')::date
      then (pg_catalog.date_trunc('month', value) + (months + 1) * interval '1 month' - interval '1 day')::date + value::time
    else value + months * interval '1 month'
  end $$;
create or replace function redshift_compat.last_day(value timestamp) returns date
language sql immutable parallel safe as $$ select (pg_catalog.date_trunc('month', value) + interval '1 month - 1 day')::date $$;
create or replace function redshift_compat.next_day(value timestamp, weekday text) returns date
language sql immutable parallel safe as $$
  select d::date from generate_series(value::date + 1, value::date + 7, interval '1 day') d
  where to_char(d, 'dy') = lower(left(weekday, 3)) limit 1 $$;
create or replace function redshift_compat.months_between(later timestamp, earlier timestamp) returns double precision
language sql immutable parallel safe as $$
  select ((extract(year from later) - extract(year from earlier)) * 12 + extract(month from later) - extract(month from earlier)
    + case
        when later::date = redshift_compat.last_day(later) and earlier::date = redshift_compat.last_day(earlier) then 0
        else (extract(day from later) - extract(day from earlier)) / 31
      end)::double precision $$;

create or replace function redshift_compat.convert_timezone(target text, value timestamp) returns timestamp
language sql stable parallel safe as $$ select (value at time zone 'UTC') at time zone target $$;
create or replace function redshift_compat.convert_timezone(source text, target text, value timestamp) returns timestamp
language sql stable parallel safe as $$ select (value at time zone source) at time zone target $$;
create or replace function redshift_compat.convert_timezone(target text, value timestamptz) returns timestamp
language sql stable parallel safe as $$ select value at time zone target $$;
