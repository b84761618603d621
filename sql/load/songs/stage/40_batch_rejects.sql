-- Purpose: the song rows that do not fit, with their object, place in it, text, column and reason.

create temp table batch_rejects as
select
  md5(c.source_id || '|' || c.row_number::varchar || '|' || c.etag || '|' || c.rejection) as rejected_id,
  c.bucket,
  c.object_key,
  c.row_number::bigint as line_number,
  c.row_text,
  split_part(c.rejection, '|', 1) as column_name,
  split_part(c.rejection, '|', 2) as reason
from checked_songs c
where c.rejection is not null;
