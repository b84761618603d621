-- AVG of whole numbers is a whole number in Redshift.
create or replace function redshift_compat.whole_average(state bigint[]) returns bigint
language sql immutable parallel safe as $$ select case when state[1] = 0 then null else state[2] / state[1] end $$;
create or replace function redshift_compat.whole_average(state numeric[]) returns numeric
language sql immutable parallel safe as $$ select case when state[1] = 0 then null else trunc(state[2] / state[1]) end $$;
create or replace function redshift_compat.add_to_average(state numeric[], value bigint) returns numeric[]
language sql immutable parallel safe as
$$ select case when value is null then state else array[state[1] + 1, state[2] + value] end $$;

create or replace aggregate redshift_compat.avg(smallint)
  (sfunc = int2_avg_accum, stype = bigint[], finalfunc = redshift_compat.whole_average, initcond = '{0,0}');
create or replace aggregate redshift_compat.avg(integer)
  (sfunc = int4_avg_accum, stype = bigint[], finalfunc = redshift_compat.whole_average, initcond = '{0,0}');
create or replace aggregate redshift_compat.avg(bigint)
  (sfunc = redshift_compat.add_to_average, stype = numeric[], finalfunc = redshift_compat.whole_average, initcond = '{0,0}');
create or replace aggregate redshift_compat.avg(numeric)
  (sfunc = numeric_avg_accum, stype = internal, finalfunc = numeric_avg);
create or replace aggregate redshift_compat.avg(double precision)
  (sfunc = float8_accum, stype = double precision[], finalfunc = float8_avg, initcond = '{0,0,0}');
create or replace aggregate redshift_compat.avg(real)
  (sfunc = float4_accum, stype = double precision[], finalfunc = float8_avg, initcond = '{0,0,0}');

create or replace function redshift_compat.too_long_listagg() returns text
language plpgsql volatile as $$
begin
  raise exception using errcode = '54000', message = 'Result size exceeds LISTAGG limit';
end $$;
create or replace function redshift_compat.listagg_limit(value text) returns varchar(65535)
language sql immutable parallel safe as
$$ select case when octet_length(value) > 65535 then redshift_compat.too_long_listagg() else value end $$;
