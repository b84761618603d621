-- Purpose: what is settled already costs nothing more: it leaves the batch's file list, and the loader is told.
-- Result:  file_number, status of the settled files.

delete from batch_files
using batch_known
where batch_files.file_number = batch_known.file_number;

select file_number, status
from batch_known;
