-- TRY_CAST: NULL where the text does not convert, an error where it is empty or blank (Redshift docs, TRY_CAST).
-- Procedural on purpose: the planner would convert a literal inside CASE before asking whether it converts.
-- So the usual spellings, which certainly convert, are read by a function that PostgreSQL writes into the statement, and all others by
-- a procedural one. PostgreSQL also reads hexadecimal numbers, 1_000 and words such as 'tomorrow'; those do not convert here.

create or replace function redshift_compat.refuse_blank(type_name text) returns void
language plpgsql volatile as $$
begin
  raise exception using errcode = '22P02', message = format('invalid input syntax for type %s: ""', type_name);
end $$;

create or replace function redshift_compat.try_cast_any_numeric(value text, digits integer, scale integer) returns numeric
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('numeric'); end if;
  if value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]{1,3})?\s*$'
      and pg_input_is_valid(value, 'numeric(' || digits || ',' || scale || ')') then return value::numeric; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_int2(value text) returns smallint
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('smallint'); end if;
  if value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'smallint') then return value::smallint; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_int4(value text) returns integer
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('integer'); end if;
  if value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'integer') then return value::integer; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_int8(value text) returns bigint
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('bigint'); end if;
  if value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'bigint') then return value::bigint; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_float4(value text) returns real
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('real'); end if;
  if value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?\s*$' and pg_input_is_valid(value, 'real') then return value::real; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_float8(value text) returns double precision
language plpgsql immutable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('double precision'); end if;
  if value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?\s*$' and pg_input_is_valid(value, 'double precision') then return value::double precision; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_date(value text) returns date
language plpgsql stable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('date'); end if;
  if value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'date') then return value::date; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_time(value text) returns time
language plpgsql stable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('time'); end if;
  if value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'time') then return value::time; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_timetz(value text) returns timetz
language plpgsql stable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('timetz'); end if;
  if value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timetz') then return value::timetz; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_any_timestamp(value text) returns timestamp
language plpgsql stable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('timestamp'); end if;
  if value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timestamp') then return value::timestamp; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_timestamptz(value text) returns timestamptz
language plpgsql stable parallel safe as $$
begin
  if btrim(value) = '' then perform redshift_compat.refuse_blank('timestamptz'); end if;
  if value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timestamptz') then return value::timestamptz; end if;
  return null;
end $$;

create or replace function redshift_compat.try_cast_numeric(value text, digits integer, scale integer) returns numeric
language sql immutable parallel safe as $$
  select case
    when digits - scale >= 9 and value ~ '^[+-]?[0-9]{1,9}([.][0-9]{1,18})?$' then value::numeric
    else redshift_compat.try_cast_any_numeric(value, digits, scale)
  end $$;

create or replace function redshift_compat.try_cast_int2(value text) returns smallint
language sql immutable parallel safe as
$$ select case when octet_length(value) between 1 and 4 and value !~ '[^0-9]' then value::smallint else redshift_compat.try_cast_any_int2(value) end $$;

create or replace function redshift_compat.try_cast_int4(value text) returns integer
language sql immutable parallel safe as
$$ select case when octet_length(value) between 1 and 9 and value !~ '[^0-9]' then value::integer else redshift_compat.try_cast_any_int4(value) end $$;

create or replace function redshift_compat.try_cast_int8(value text) returns bigint
language sql immutable parallel safe as
$$ select case when octet_length(value) between 1 and 18 and value !~ '[^0-9]' then value::bigint else redshift_compat.try_cast_any_int8(value) end $$;

create or replace function redshift_compat.try_cast_float4(value text) returns real
language sql immutable parallel safe as
$$ select case when value ~ '^[+-]?[0-9]{1,9}([.][0-9]{1,9})?$' then value::real else redshift_compat.try_cast_any_float4(value) end $$;

create or replace function redshift_compat.try_cast_float8(value text) returns double precision
language sql immutable parallel safe as
$$ select case when value ~ '^[+-]?[0-9]{1,15}([.][0-9]{1,15})?$' then value::double precision else redshift_compat.try_cast_any_float8(value) end $$;

create or replace function redshift_compat.try_cast_date(value text) returns date
language sql stable parallel safe as
$$ select case when value ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$' then value::date else redshift_compat.try_cast_any_date(value) end $$;

create or replace function redshift_compat.try_cast_timestamp(value text) returns timestamp
language sql stable parallel safe as
$$ select case when value ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]) ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?$' then value::timestamp else redshift_compat.try_cast_any_timestamp(value) end $$;
