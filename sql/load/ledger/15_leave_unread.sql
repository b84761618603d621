-- Purpose: files for which the batch had no room left: another batch loads and settles them.

delete from batch_files
using batch_outcomes
where batch_files.file_number = batch_outcomes.file_number
  and batch_outcomes.status = 'unread';
