-- Purpose: the views that read a table of the schema. Redshift refuses to drop such a table and does not name the view.
-- Result:  schema and name of each view, and the table that it reads.
-- Source:  the catalogs that v_view_table_column_dependency of awslabs/amazon-redshift-utils reads. A view WITH NO SCHEMA BINDING
--          is not listed, and does not keep a table from being dropped.

select distinct vn.nspname as view_schema, v.relname as view_name, t.relname as table_name
from pg_depend d
join pg_rewrite r on r."oid" = d.objid
join pg_class v on v."oid" = r.ev_class
join pg_namespace vn on vn."oid" = v.relnamespace
join pg_class t on t."oid" = d.refobjid
join pg_namespace tn on tn."oid" = t.relnamespace
where tn.nspname = {{schema}} and v."oid" <> t."oid"
order by view_schema, view_name, table_name;
