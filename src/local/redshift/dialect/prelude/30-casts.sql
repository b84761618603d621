-- TRY_CAST: NULL where the text does not convert, an error where it is empty or blank (Redshift docs, TRY_CAST).
-- PostgreSQL also reads hexadecimal numbers, 1_000 and words such as 'tomorrow'; those do not convert here.

create or replace function redshift_compat.refuse_blank(type_name text) returns text
language plpgsql volatile as $$
begin
  raise exception using errcode = '22P02', message = format('invalid input syntax for type %s: ""', type_name);
end $$;

create or replace function redshift_compat.try_cast_numeric(value text, digits integer, scale integer) returns numeric
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('numeric')::numeric
    when value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]{1,3})?\s*$'
      and pg_input_is_valid(value, 'numeric(' || digits || ',' || scale || ')') then value::numeric
  end $$;

create or replace function redshift_compat.try_cast_int2(value text) returns smallint
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('smallint')::smallint
    when value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'smallint') then value::smallint
  end $$;

create or replace function redshift_compat.try_cast_int4(value text) returns integer
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('integer')::integer
    when value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'integer') then value::integer
  end $$;

create or replace function redshift_compat.try_cast_int8(value text) returns bigint
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('bigint')::bigint
    when value ~ '^\s*[+-]?[0-9]+\s*$' and pg_input_is_valid(value, 'bigint') then value::bigint
  end $$;

create or replace function redshift_compat.try_cast_float4(value text) returns real
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('real')::real
    when value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?\s*$' and pg_input_is_valid(value, 'real') then value::real
  end $$;

create or replace function redshift_compat.try_cast_float8(value text) returns double precision
language sql immutable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('double precision')::double precision
    when value ~* '^\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]+)?\s*$' and pg_input_is_valid(value, 'double precision') then value::double precision
  end $$;

create or replace function redshift_compat.try_cast_date(value text) returns date
language sql stable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('date')::date
    when value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'date') then value::date
  end $$;

create or replace function redshift_compat.try_cast_time(value text) returns time
language sql stable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('time')::time
    when value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'time') then value::time
  end $$;

create or replace function redshift_compat.try_cast_timetz(value text) returns timetz
language sql stable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('timetz')::timetz
    when value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timetz') then value::timetz
  end $$;

create or replace function redshift_compat.try_cast_timestamp(value text) returns timestamp
language sql stable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('timestamp')::timestamp
    when value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timestamp') then value::timestamp
  end $$;

create or replace function redshift_compat.try_cast_timestamptz(value text) returns timestamptz
language sql stable parallel safe as $$
  select case
    when btrim(value) = '' then redshift_compat.refuse_blank('timestamptz')::timestamptz
    when value !~* '^\s*(now|today|tomorrow|yesterday|allballs|[+-]?infinity)\s*$' and pg_input_is_valid(value, 'timestamptz') then value::timestamptz
  end $$;
