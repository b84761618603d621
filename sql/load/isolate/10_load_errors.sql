-- Purpose: which files a COPY disliked and why: the first error of each, from the COPY that failed and from the one that
--          only checked (NOLOAD).
-- Reads:   sys_load_error_detail (provisioned and serverless; its rows stay although the transaction rolled back).
-- Result:  file_name (cut to 256 bytes by the view), line_number, column_name, error_code, error_message.

select f.file_name, f.line_number, f.column_name, f.error_code, f.error_message
from (
  select
    trim(e.file_name) as file_name,
    e.line_number,
    trim(e.column_name) as column_name,
    e.error_code,
    trim(e.error_message) as error_message,
    row_number() over (partition by e.file_name order by e.line_number, e.error_code) as preference
  from sys_load_error_detail e
  where e.query_id in ({{copy_query_id}}, {{check_query_id}})
) f
where f.preference = 1;
