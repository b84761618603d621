-- Text functions with Redshift's meaning.
create schema if not exists redshift_compat;

-- Cuts a text to a number of bytes, never inside a character (CAST to VARCHAR(n)).
create or replace function redshift_compat.cut_long_bytes(value text, bytes integer) returns text
language plpgsql immutable strict parallel safe as $$
declare
  cut text := left(value, bytes);
begin
  while octet_length(cut) > bytes loop
    -- A character has at most four bytes: this many can go at once without cutting too much.
    cut := left(cut, -greatest(1, (octet_length(cut) - bytes) / 4));
  end loop;
  return cut;
end $$;

-- Within a cast to VARCHAR(n) or CHAR(n), which itself cuts text of single-byte characters.
create or replace function redshift_compat.cut_bytes(value text, bytes integer) returns text
language sql immutable parallel safe as
$$ select case
     when octet_length(value) <= bytes or octet_length(value) = char_length(value) then value
     else redshift_compat.cut_long_bytes(value, bytes)
   end $$;

-- Values of other types become text first; a BOOLEAN does not.
create or replace function redshift_compat.cut_bytes(value anyelement, bytes integer) returns text
language sql immutable parallel safe as $$ select redshift_compat.cut_bytes(value::text, bytes) $$;

create or replace function redshift_compat.cut_bytes(value boolean, bytes integer) returns text
language plpgsql immutable parallel safe as $$
begin
  raise exception using errcode = '42846', message = 'cannot cast type boolean to character varying';
end $$;

-- A CHAR holds single-byte characters only.
create or replace function redshift_compat.refuse_multibyte(value text) returns text
language plpgsql immutable parallel safe as $$
begin
  raise exception using errcode = '22001',
    message = 'Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: ' || substring(value from '[^\x01-\x7f]');
end $$;

create or replace function redshift_compat.single_bytes(value text) returns text
language sql immutable parallel safe as
$$ select case when octet_length(value) > char_length(value) then redshift_compat.refuse_multibyte(value) else value end $$;

-- ^ and $ match at lines; a line feed is an ordinary character for . and [^…].
create or replace function redshift_compat.line_pattern(pattern text) returns text
language sql immutable parallel safe as $$ select '(?w)' || pattern $$;

-- REGEXP_SUBSTR gives an empty text where nothing matches; REGEXP_REPLACE replaces every match.
create or replace function redshift_compat.regexp_substr(
  source text, pattern text, start_at integer default 1, occurrence integer default 1
) returns text language sql immutable parallel safe as
$$ select case when source is null or pattern is null then null else coalesce(pg_catalog.regexp_substr(source, pattern, start_at, occurrence), '') end $$;

create or replace function redshift_compat.regexp_instr(
  source text, pattern text, start_at integer default 1, occurrence integer default 1
) returns integer language sql immutable parallel safe as
$$ select pg_catalog.regexp_instr(source, pattern, start_at, occurrence) $$;

create or replace function redshift_compat.regexp_count(
  source text, pattern text, start_at integer default 1, flags text default ''
) returns integer language sql immutable parallel safe as
$$ select pg_catalog.regexp_count(source, pattern, start_at, flags) $$;

create or replace function redshift_compat.regexp_replace(
  source text, pattern text, replacement text default '', start_at integer default 1
) returns text language sql immutable parallel safe as
$$ select pg_catalog.regexp_replace(source, pattern, replacement, start_at, 0) $$;

create or replace function redshift_compat.strtol_any(digits text, base integer) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  body text := lower(btrim(digits));
  negative boolean := left(btrim(digits), 1) = '-';
  result numeric := 0;
  digit integer;
begin
  if base < 2 or base > 36 then
    raise exception using errcode = '22023', message = 'base must be between 2 and 36';
  end if;
  body := ltrim(body, '+-');
  if base = 16 and left(body, 2) = '0x' then body := substr(body, 3); end if;
  for position in 1 .. length(body) loop
    digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(body, position, 1)) - 1;
    if digit < 0 or digit >= base then
      raise exception using errcode = '22P02', message = format('The input %s is not valid to be converted to base %s', digits, base);
    end if;
    result := result * base + digit;
  end loop;
  return case when negative then -result else result end;
end $$;

-- Hexadecimal digits, as hashes have them, without a loop.
create or replace function redshift_compat.strtol(digits text, base integer) returns bigint
language sql immutable parallel safe as $$
  select case
    -- Without sign and without 0x: the conversion itself refuses what is not a digit.
    when base = 16 and ascii(digits) >= 48 and ascii(substr(digits, 2)) not in (88, 120) then ('0x' || digits)::bigint
    else redshift_compat.strtol_any(digits, base)
  end $$;

create or replace function redshift_compat.round(value numeric, places integer) returns numeric
language sql immutable strict parallel safe as $$ select pg_catalog.round(value, places) $$;
create or replace function redshift_compat.round(value double precision, places integer) returns double precision
language sql immutable strict parallel safe as $$ select pg_catalog.round(value::numeric, places)::double precision $$;
create or replace function redshift_compat.round(value bigint, places integer) returns bigint
language sql immutable strict parallel safe as $$ select pg_catalog.round(value::numeric, places)::bigint $$;
create or replace function redshift_compat.dlog10(value double precision) returns double precision
language sql immutable strict parallel safe as $$ select log(value) $$;
create or replace function redshift_compat.dexp(value double precision) returns double precision
language sql immutable strict parallel safe as $$ select exp(value) $$;
