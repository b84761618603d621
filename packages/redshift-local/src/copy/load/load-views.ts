/**
 * The tables behind COPY's system views, with exactly the columns that Redshift documents (STL_LOAD_ERRORS,
 * STL_LOAD_COMMITS, SYS_LOAD_ERROR_DETAIL, SYS_LOAD_HISTORY, SYS_LOAD_DETAIL), and the two functions that tell of a
 * session's last COPY. They live in the schema `redshift_compat`, which stands first on the search path. May run again.
 */
export function loadViewsSql(): string {
  return `
create schema if not exists redshift_compat;

create table if not exists redshift_compat.stl_load_errors (
  userid int4, slice int4, tbl int4, starttime timestamp, session int4, query int4, filename char(256),
  line_number int8, colname char(127), type char(10), col_length char(10), position int4, raw_line char(1024),
  raw_field_value char(1024), err_code int4, err_reason char(100), is_partial int4, start_offset int8, copy_job_id int8
);
create index if not exists stl_load_errors_query on redshift_compat.stl_load_errors (query);

create table if not exists redshift_compat.stl_load_commits (
  userid int4, query int4, slice int4, name char(256), filename char(256), byte_offset int4, lines_scanned int4,
  errors int4, curtime timestamp, status int4, file_format char(16), is_partial int4, start_offset int8, copy_job_id int8
);
create index if not exists stl_load_commits_query on redshift_compat.stl_load_commits (query);

create table if not exists redshift_compat.sys_load_error_detail (
  user_id int4, query_id int8, transaction_id int8, session_id int4, database_name char(64), table_id int4,
  start_time timestamp, file_name char(256), line_number int8, column_name char(127), column_type char(10),
  column_length char(10), position int4, error_code int4, error_message char(512)
);
create index if not exists sys_load_error_detail_query on redshift_compat.sys_load_error_detail (query_id);

create table if not exists redshift_compat.sys_load_history (
  user_id int4, query_id int8, transaction_id int8, session_id int4, database_name text, status text, table_name text,
  start_time timestamp, end_time timestamp, duration int8, data_source text, file_format text, loaded_rows int8,
  loaded_bytes int8, source_file_count int4, source_file_bytes int8, file_count_scanned int4, file_bytes_scanned int8,
  error_count int8, copy_job_id int8
);
create index if not exists sys_load_history_query on redshift_compat.sys_load_history (query_id);

create table if not exists redshift_compat.sys_load_detail (
  user_id int4, query_id int8, file_name char(256), bytes_scanned int4, lines_scanned int4, record_time timestamp,
  splits_scanned int4, start_time timestamp, end_time timestamp, file_etag text, file_last_modified timestamp
);
create index if not exists sys_load_detail_query on redshift_compat.sys_load_detail (query_id);

create or replace function redshift_compat.pg_last_copy_id() returns int4 language sql stable as
  $$ select coalesce(nullif(current_setting('${lastCopyIdSetting}', true), '')::int4, -1) $$;
create or replace function redshift_compat.pg_last_copy_count() returns int8 language sql stable as
  $$ select coalesce(nullif(current_setting('${lastCopyCountSetting}', true), '')::int8, 0) $$;
`;
}

/** Session settings behind `pg_last_copy_id()` and `pg_last_copy_count()`; a rollback takes them back, as documented. */
export const lastCopyIdSetting = 'redshift.last_copy_id';
export const lastCopyCountSetting = 'redshift.last_copy_count';
