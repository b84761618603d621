-- Purpose: the song rows that do not fit, with their object, line, text, column and reason.

create temp table batch_rejects as
select
  md5(c.source_id || '|' || c.row_number::varchar || '|' || c.etag || '|' || c.rejection)::char(32) as rejected_id,
  md5(c.source_id || '|' || c.row_number::varchar || '|' || c.etag || '|' || c.rejection)::char(32) as row_hash,
  c.bucket,
  c.object_key,
  c.line_number,
  c.row_text,
  split_part(c.rejection, '|', 1) as column_name,
  split_part(c.rejection, '|', 2) as reason
from checked_songs c
where c.rejection is not null;
