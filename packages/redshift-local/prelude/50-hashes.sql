-- Hashes. SHA-1 is not part of PostgreSQL's core, so it is computed here.
create or replace function redshift_compat.refuse_sha2(bits integer) returns text
language plpgsql volatile as $$
begin
  raise exception using errcode = '22023', message = format('SHA2 takes 0, 224, 256, 384 or 512 bits, not %s', bits);
end $$;

create or replace function redshift_compat.sha2(value text, bits integer) returns varchar
language sql immutable strict parallel safe as $$
  select case bits
    when 0 then encode(sha256(convert_to(value, 'UTF8')), 'hex')
    when 224 then encode(sha224(convert_to(value, 'UTF8')), 'hex')
    when 256 then encode(sha256(convert_to(value, 'UTF8')), 'hex')
    when 384 then encode(sha384(convert_to(value, 'UTF8')), 'hex')
    when 512 then encode(sha512(convert_to(value, 'UTF8')), 'hex')
    else redshift_compat.refuse_sha2(bits)
  end $$;

create or replace function redshift_compat.rotate_left(word bigint, places integer) returns bigint
language sql immutable strict parallel safe as
$$ select ((word << places) | (word >> (32 - places))) & 4294967295 $$;

create or replace function redshift_compat.sha1(value text) returns varchar
language plpgsql immutable strict parallel safe as $$
declare
  message bytea := convert_to(value, 'UTF8');
  bits bigint := length(convert_to(value, 'UTF8'))::bigint * 8;
  h bigint[] := array[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  w bigint[];
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; t bigint;
begin
  message := message || '\x80'::bytea;
  while length(message) % 64 <> 56 loop message := message || '\x00'::bytea; end loop;
  message := message || int8send(bits);
  for block in 0 .. length(message) / 64 - 1 loop
    w := array_fill(0::bigint, array[80]);
    for i in 0 .. 15 loop
      t := block * 64 + i * 4;
      w[i + 1] := (get_byte(message, t::integer)::bigint << 24) | (get_byte(message, t::integer + 1)::bigint << 16)
        | (get_byte(message, t::integer + 2)::bigint << 8) | get_byte(message, t::integer + 3)::bigint;
    end loop;
    for i in 17 .. 80 loop w[i] := redshift_compat.rotate_left(w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16], 1); end loop;
    a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
    for i in 1 .. 80 loop
      if i <= 20 then f := (b & c) | ((~b & 4294967295) & d); k := 1518500249;
      elsif i <= 40 then f := b # c # d; k := 1859775393;
      elsif i <= 60 then f := (b & c) | (b & d) | (c & d); k := 2400959708;
      else f := b # c # d; k := 3395469782;
      end if;
      t := (redshift_compat.rotate_left(a, 5) + f + e + k + w[i]) & 4294967295;
      e := d; d := c; c := redshift_compat.rotate_left(b, 30); b := a; a := t;
    end loop;
    h := array[(h[1] + a) & 4294967295, (h[2] + b) & 4294967295, (h[3] + c) & 4294967295, (h[4] + d) & 4294967295, (h[5] + e) & 4294967295];
  end loop;
  return lpad(to_hex(h[1]), 8, '0') || lpad(to_hex(h[2]), 8, '0') || lpad(to_hex(h[3]), 8, '0')
    || lpad(to_hex(h[4]), 8, '0') || lpad(to_hex(h[5]), 8, '0');
end $$;
create or replace function redshift_compat.func_sha1(value text) returns varchar
language sql immutable strict parallel safe as $$ select redshift_compat.sha1(value) $$;

create or replace function redshift_compat.crc32(value text) returns varchar
language sql immutable strict parallel safe as $$ select lpad(to_hex(pg_catalog.crc32(convert_to(value, 'UTF8'))), 8, '0') $$;

-- FNV-1a, 64 bits, over the binary form of the value: an INTEGER has four bytes, a BIGINT eight, lowest first.
create or replace function redshift_compat.fnv_bytes(value bytea, seed numeric) returns bigint
language plpgsql immutable strict parallel safe as $$
declare
  modulus constant numeric := 18446744073709551616;
  low bigint;
  hash numeric := case when seed < 0 then seed + modulus else seed end;
begin
  for i in 0 .. length(value) - 1 loop
    low := (hash % 256)::bigint;
    hash := mod((hash - low + (low # get_byte(value, i))) * 1099511628211, modulus);
  end loop;
  return case when hash >= 9223372036854775808 then hash - modulus else hash end;
end $$;
create or replace function redshift_compat.low_first(value bytea) returns bytea
language sql immutable strict parallel safe as $$ select reverse(value) $$;
create or replace function redshift_compat.fnv_hash(value text, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe as $$ select redshift_compat.fnv_bytes(convert_to(rtrim(value, ' '), 'UTF8'), seed::numeric) $$;
create or replace function redshift_compat.fnv_hash(value bigint, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe as $$ select redshift_compat.fnv_bytes(redshift_compat.low_first(int8send(value)), seed::numeric) $$;
create or replace function redshift_compat.fnv_hash(value integer, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe as $$ select redshift_compat.fnv_bytes(redshift_compat.low_first(int4send(value)), seed::numeric) $$;
create or replace function redshift_compat.fnv_hash(value smallint, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe as $$ select redshift_compat.fnv_bytes(redshift_compat.low_first(int2send(value)), seed::numeric) $$;
