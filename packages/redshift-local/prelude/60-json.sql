-- JSON kept as text. A missing path and a JSON null are NULL.
-- Procedural on purpose: the planner would read a literal as JSON before asking whether it is JSON.
create or replace function redshift_compat.read_json(value text, null_if_invalid boolean) returns json
language plpgsql immutable parallel safe as $$
begin
  if pg_input_is_valid(value, 'json') then return value::json; end if;
  if value is null or null_if_invalid then return null; end if;
  raise exception using errcode = '22P02', message = 'JSON parsing error', detail = format('invalid json object %s', left(value, 200));
end $$;

create or replace function redshift_compat.read_json_array(value text, null_if_invalid boolean) returns json
language plpgsql immutable parallel safe as $$
declare
  parsed json := redshift_compat.read_json(value, null_if_invalid);
begin
  if json_typeof(parsed) = 'array' then return parsed; end if;
  if parsed is null or null_if_invalid then return null; end if;
  raise exception using errcode = '22P02', message = 'JSON parsing error', detail = format('invalid json array object %s', left(value, 200));
end $$;

create or replace function redshift_compat.json_extract_path_text(value text, null_if_invalid boolean, variadic path text[]) returns text
language sql immutable parallel safe as $$ select redshift_compat.read_json(value, null_if_invalid) #>> path $$;

create or replace function redshift_compat.is_valid_json(value text) returns boolean
language sql immutable strict parallel safe as
$$ select coalesce(json_typeof(redshift_compat.read_json(value, true)) <> 'array', false) $$;
create or replace function redshift_compat.is_valid_json_array(value text) returns boolean
language sql immutable strict parallel safe as
$$ select coalesce(json_typeof(redshift_compat.read_json(value, true)) = 'array', false) $$;
create or replace function redshift_compat.can_json_parse(value text) returns boolean
language sql immutable strict parallel safe as $$ select redshift_compat.read_json(value, true) is not null $$;

create or replace function redshift_compat.json_array_length(value text, null_if_invalid boolean default false) returns integer
language sql immutable parallel safe as
$$ select json_array_length(redshift_compat.read_json_array(value, null_if_invalid)) $$;
create or replace function redshift_compat.json_extract_array_element_text(value text, place integer, null_if_invalid boolean default false) returns text
language sql immutable parallel safe as
$$ select case when place < 0 then null else redshift_compat.read_json_array(value, null_if_invalid) ->> place end $$;
