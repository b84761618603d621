-- Purpose: the log rows that do not fit, with their object, line, text, column and reason.

create temp table batch_rejects as
select
  s.rejected_id,
  b.bucket,
  b.object_key,
  s.line_number,
  s.row_text,
  s.column_name,
  s.reason
from staging_events s
join batch_files b on b.file_number = s.file_number
where s.kind = 'R';
