-- JSON kept as text. A missing path and a JSON null are NULL.
create or replace function redshift_compat.invalid_json(value text) returns text
language plpgsql volatile as $$
begin
  raise exception using errcode = '22P02', message = 'JSON parsing error', detail = format('invalid json object %s', left(value, 200));
end $$;

create or replace function redshift_compat.json_extract_path_text(value text, null_if_invalid boolean, variadic path text[]) returns text
language sql immutable parallel safe as $$
  select case
    when value is null then null
    when pg_input_is_valid(value, 'json') then value::json #>> path
    when null_if_invalid then null
    else redshift_compat.invalid_json(value)
  end $$;

create or replace function redshift_compat.is_valid_json(value text) returns boolean
language sql immutable strict parallel safe as
$$ select case when pg_input_is_valid(value, 'json') then json_typeof(value::json) <> 'array' else false end $$;
create or replace function redshift_compat.is_valid_json_array(value text) returns boolean
language sql immutable strict parallel safe as
$$ select case when pg_input_is_valid(value, 'json') then json_typeof(value::json) = 'array' else false end $$;
create or replace function redshift_compat.can_json_parse(value text) returns boolean
language sql immutable strict parallel safe as $$ select pg_input_is_valid(value, 'json') $$;
create or replace function redshift_compat.json_array_length(value text, null_if_invalid boolean default false) returns integer
language sql immutable parallel safe as $$
  select case
    when value is null then null
    when redshift_compat.is_valid_json_array(value) then json_array_length(value::json)
    when null_if_invalid then null
    else redshift_compat.invalid_json(value)::integer
  end $$;
create or replace function redshift_compat.json_extract_array_element_text(value text, place integer, null_if_invalid boolean default false) returns text
language sql immutable parallel safe as $$
  select case
    when value is null or place < 0 then null
    when redshift_compat.is_valid_json_array(value) then value::json ->> place
    when null_if_invalid then null
    else redshift_compat.invalid_json(value)
  end $$;
