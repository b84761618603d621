-- What CREATE TABLE says about storage, kept for pg_table_def and svv_table_info. Rows of dropped tables stay behind
-- and are never seen: the views join the catalog.
create table if not exists redshift_compat.table_storage (
  relation oid primary key,
  dist_style text,
  dist_key text,
  sort_key text[] not null,
  interleaved boolean not null,
  encodings jsonb not null
);

-- Keys become plain indexes (never unique: Redshift enforces none), so that what a sort key saves can be seen. Wide
-- columns do not fit a B-tree; the leading one gets a hash index.
create or replace procedure redshift_compat.add_index(relation regclass, key text[])
language plpgsql as $$
declare
  columns text[] := '{}';
  width integer := 0;
  column_name text;
  column_width integer;
begin
  foreach column_name in array key loop
    select case when a.atttypmod > 4 and a.attlen = -1 and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype) then a.atttypmod - 4 else 16 end
    into column_width from pg_attribute a where a.attrelid = relation and a.attname = column_name and not a.attisdropped;
    if not found then
      raise exception using errcode = '42703', message = format('column "%s" named in key does not exist', column_name);
    end if;
    width := width + column_width;
    exit when width > 2000;
    columns := columns || quote_ident(column_name);
  end loop;
  if exists (
    select 1 from pg_index i where i.indrelid = relation
      and (select array_agg(quote_ident(a.attname) order by k.place)
           from unnest(i.indkey::smallint[]) with ordinality k(attnum, place)
           join pg_attribute a on a.attrelid = relation and a.attnum = k.attnum) = case when columns = '{}' then array[quote_ident(key[1])] else columns end
  ) then
    return;
  end if;
  if columns = '{}' then
    execute format('create index on %s using hash (%I)', relation, key[1]);
  else
    execute format('create index on %s (%s)', relation, array_to_string(columns, ', '));
  end if;
end $$;

create or replace procedure redshift_compat.finish_table(
  table_name text, sort_key text[], dist_key text[], primary_key text[], storage text
) language plpgsql as $$
declare
  target regclass := table_name::regclass;
  checks text;
begin
  -- CREATE TABLE AS takes lengths from its query: they count bytes here too.
  select string_agg(
    format('add constraint %I check (octet_length(%I) <= %s)', left('redshift_bytes_' || a.attname, 63), a.attname, a.atttypmod - 4), ', ')
  into checks
  from pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.atttypmod > 4
    and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype)
    and not exists (select 1 from pg_constraint c where c.conrelid = target and c.conname = left('redshift_bytes_' || a.attname, 63));
  if checks is not null then
    execute format('alter table %s %s', target, checks);
  end if;
  if primary_key <> '{}' then call redshift_compat.add_index(target, primary_key); end if;
  if sort_key <> '{}' then call redshift_compat.add_index(target, sort_key); end if;
  if dist_key <> '{}' then call redshift_compat.add_index(target, dist_key); end if;
  if (select relpersistence from pg_class where oid = target) = 'p' then
    insert into redshift_compat.table_storage (relation, dist_style, dist_key, sort_key, interleaved, encodings)
    values (target, storage::jsonb ->> 'distStyle', dist_key[1], sort_key, (storage::jsonb ->> 'interleaved')::boolean, storage::jsonb -> 'encodings')
    on conflict (relation) do nothing;
  end if;
end $$;

create or replace procedure redshift_compat.alter_distribution(table_name text, style text, key text)
language plpgsql as $$
declare
  target regclass := table_name::regclass;
begin
  if key is not null then call redshift_compat.add_index(target, array[key]); end if;
  update redshift_compat.table_storage s set dist_style = style, dist_key = key where s.relation = target;
end $$;

create or replace function redshift_compat.shown_search_path() returns text
language sql stable as $$
  select string_agg(btrim(entry), ', ' order by place)
  from unnest(string_to_array(current_setting('search_path'), ',')) with ordinality as path(entry, place)
  where btrim(entry) not in ('redshift_compat', '"redshift_compat"') $$;

create or replace function redshift_compat.pg_last_query_id() returns bigint
language sql stable as $$ select coalesce(nullif(current_setting('redshift.last_query_id', true), ''), '-1')::bigint $$;
