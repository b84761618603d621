-- Purpose: which sessions hold the lock of the single writer, and which wait for it.
-- Reads:   svv_transactions: a user who is not a superuser sees the own sessions only (Redshift docs, "SVV_TRANSACTIONS"). A catalog
--          table cannot be joined, so 40_lock_table.sql is asked before.

select
  t.pid,
  t.txn_owner as owner,
  case when t.granted then 1 else 0 end as is_granted,
  to_char(t.txn_start, 'YYYY-MM-DD HH24:MI:SS.MS') as since
from svv_transactions t
where t.relation = {{table_id}}
order by t.granted desc, t.txn_start;
