-- Purpose: the sessions that have a transaction open, without the session that asks.
-- Reads:   svv_transactions: a user who is not a superuser sees the own sessions only (Redshift docs, "SVV_TRANSACTIONS").

select
  t.pid,
  t.txn_owner as owner,
  to_char(min(t.txn_start), 'YYYY-MM-DD HH24:MI:SS.MS') as since
from svv_transactions t
where t.pid <> pg_backend_pid()
group by t.pid, t.txn_owner
order by 3, 1;
