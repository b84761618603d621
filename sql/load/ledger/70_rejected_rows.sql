-- Purpose: stores the rejected rows of the batch with object, line, text, column and reason. Only in a publish with rejected
--          rows.
-- Reads:   rejected_id of all of rejected_rows, without help of a sort key: 32 bytes per row, a block per 32,768 rows.
-- Again:   a rejected row is identified by its object, place and content.
-- Bound:   the setting limits the stored rows of a batch, taken in turn from every file and reason; ingest_batches.rows_rejected
--          counts all.

insert into rejected_rows (
  rejected_id, batch_id, dataset, bucket, object_key, line_number, row_text, column_name, reason, rejected_at,
  file_id
)
select k.rejected_id, {{batch_id}}, {{dataset}}, k.bucket, k.object_key, k.line_number, k.row_text, k.column_name, k.reason, getdate(),
  k.file_id
from (
  select t.*, row_number() over (order by t.turn, t.rejected_id) as place
  from (
    select
      r.rejected_id,
      f.bucket,
      f.object_key,
      f.file_id,
      r.line_number,
      r.row_text,
      r.column_name,
      r.reason,
      row_number() over (partition by f.object_key, r.column_name, r.reason order by r.line_number, r.rejected_id) as turn
    from sparkify_staging r
    join sparkify_staging f on f.file_number = r.file_number
    where r.kind = 'R'
      and f.kind = 'F'
  ) t
) k
left join rejected_rows known on known.rejected_id = k.rejected_id
where known.rejected_id is null
  and k.place <= {{rejected_rows_max}};
