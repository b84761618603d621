-- Purpose: the rejected rows of one batch.
-- Reads:   batch_id of all of rejected_rows.

select
  r.batch_id, r.dataset, r.bucket, r.object_key, r.line_number, r.column_name, r.reason, left(r.row_text, {{text_length}}) as row_text,
  to_char(r.rejected_at, 'YYYY-MM-DD HH24:MI:SS.MS') as rejected_at
from rejected_rows r
where r.batch_id = {{batch_id}}
order by r.object_key, r.line_number, r.rejected_id
limit {{most}};
