-- Purpose: what the batch changed, for the ledger: plays and users written; a log batch repairs nothing.

create temp table batch_counts as
select
  {{rows_staged}}::bigint as rows_staged,
  {{rows_rejected}}::bigint as rows_rejected,
  (select count(*) from play_changes where is_new) + (select count(*) from user_changes where is_new) as rows_inserted,
  (select count(*) from play_changes where not is_new) + (select count(*) from user_changes where not is_new) as rows_updated,
  0::bigint as rows_repaired;
