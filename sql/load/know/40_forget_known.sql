-- Purpose: what is settled already costs nothing more: it leaves the batch's file list, and the loader is told.
-- Result:  file_number, status and batch_id of the settled files; the batch's own id means that it was committed before.

delete from batch_files
using batch_known
where batch_files.file_number = batch_known.file_number;

select file_number, status, batch_id
from batch_known;
