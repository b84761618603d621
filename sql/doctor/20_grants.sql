-- Purpose: who owns the tables, and what this user may do with each of them. Runs on the leader node.
-- Result:  a row for each table of the schema.

select
  t.tablename as table_name,
  t.tableowner as owner,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'select') as may_select,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'insert') as may_insert,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'update') as may_update,
  has_table_privilege(quote_ident(t.schemaname) || '.' || quote_ident(t.tablename), 'delete') as may_delete
from pg_tables t
where t.schemaname = {{schema}};
