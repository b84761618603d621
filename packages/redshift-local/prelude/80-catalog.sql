-- Catalog views that a client may read, as far as the stand-in can fill them.
create or replace view redshift_compat.user_columns as
select
  n.nspname as table_schema,
  c.relname as table_name,
  c.oid as relation,
  c.relkind,
  a.attname as column_name,
  a.attnum as ordinal_position,
  case
    when a.atttypid = 'text'::regtype then 'character varying(65535)'
    else replace(format_type(a.atttypid, a.atttypmod), '"', '')
  end as data_type,
  a.attnotnull as is_not_null,
  pg_get_expr(d.adbin, d.adrelid) as column_default,
  s.dist_style,
  s.dist_key,
  s.sort_key,
  s.interleaved,
  s.encodings ->> a.attname as encoding
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
left join redshift_compat.table_storage s on s.relation = c.oid
where c.relkind in ('r', 'v')
  and n.nspname not in ('pg_catalog', 'information_schema', 'redshift_compat', 'redshift_local', 'pg_toast');

-- Only tables of schemas on the search path, as in Redshift.
create or replace view redshift_compat.pg_table_def as
select
  table_schema as schemaname,
  table_name as tablename,
  column_name as "column",
  data_type as type,
  coalesce(encoding, 'none') as encoding,
  coalesce(dist_key = column_name, false) as distkey,
  coalesce(array_position(sort_key, column_name::text), 0) as sortkey,
  is_not_null as "notnull"
from redshift_compat.user_columns
where relkind = 'r' and table_schema = any (current_schemas(false));

create or replace view redshift_compat.svv_columns as
select
  current_database()::varchar as table_catalog,
  table_schema::varchar as table_schema,
  table_name::varchar as table_name,
  column_name::varchar as column_name,
  ordinal_position::integer as ordinal_position,
  column_default::varchar as column_default,
  case when is_not_null then 'NO' else 'YES' end::varchar as is_nullable,
  regexp_replace(data_type, '\(.*\)', '')::varchar as data_type,
  substring(data_type from '^character[^(]*\((\d+)\)')::integer as character_maximum_length,
  substring(data_type from '^numeric\((\d+)')::integer as numeric_precision,
  substring(data_type from '^numeric\(\d+,(\d+)')::integer as numeric_scale
from redshift_compat.user_columns;

create or replace view redshift_compat.svv_tables as
select distinct
  current_database()::varchar as table_catalog,
  table_schema::varchar as table_schema,
  table_name::varchar as table_name,
  case
    when relkind = 'v' then 'VIEW'
    when table_schema like 'pg_temp%' then 'LOCAL TEMPORARY'
    else 'BASE TABLE'
  end::varchar as table_type,
  null::varchar as remarks
from redshift_compat.user_columns;

create or replace view redshift_compat.svv_table_info as
select
  current_database()::varchar as database,
  u.table_schema::varchar as schema,
  u.relation as table_id,
  u.table_name::varchar as "table",
  case when bool_or(u.encoding is not null) then 'Y' else 'N' end::varchar as encoded,
  case
    when max(u.dist_key) is not null then 'KEY(' || max(u.dist_key) || ')'
    when max(u.dist_style) is null or max(u.dist_style) = 'AUTO' then 'AUTO(ALL)'
    else max(u.dist_style)
  end::varchar as diststyle,
  max(u.sort_key[1])::varchar as sortkey1,
  max(cardinality(u.sort_key)) as sortkey_num,
  (pg_total_relation_size(u.relation) / 1048576)::bigint as size,
  greatest(max(c.reltuples), 0)::numeric(38, 0) as tbl_rows
from redshift_compat.user_columns u
join pg_class c on c.oid = u.relation
where u.relkind = 'r' and u.table_schema not like 'pg_temp%'
group by u.table_schema, u.relation, u.table_name;

-- The column relation was an oid, and CREATE OR REPLACE does not change the type of a column.
do $$
begin
  if exists (
    select 1 from pg_attribute
    where attrelid = to_regclass('redshift_compat.svv_transactions') and attname = 'relation' and atttypid = 'oid'::regtype
  ) then
    drop view redshift_compat.svv_transactions cascade;
  end if;
end
$$;

-- Transactions, and the locks on tables that they hold or wait for. Redshift docs, "SVV_TRANSACTIONS". PostgreSQL gives a
-- transaction its number with the first write; every open transaction holds the lock of its virtual number.
create or replace view redshift_compat.svv_transactions as
select
  a.usename::varchar as txn_owner,
  a.datname::varchar as txn_db,
  coalesce(a.backend_xid::text, '0')::bigint as xid,
  l.pid,
  (a.xact_start at time zone 'UTC')::timestamp as txn_start,
  l.mode::varchar as lock_mode,
  case when l.locktype = 'relation' then 'relation' else 'transactionid' end::varchar as lockable_object_type,
  l.relation::integer as relation,
  l.granted
from pg_locks l
join pg_stat_activity a on a.pid = l.pid
where l.locktype in ('relation', 'virtualxid') and a.datname = current_database();
