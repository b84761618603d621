-- Purpose: which sessions hold the lock of the single writer, and which wait for it.
-- Reads:   svv_transactions: a user who is not a superuser sees the own sessions only (Redshift docs, "SVV_TRANSACTIONS").

select
  t.pid,
  t.txn_owner as owner,
  case when t.granted then 1 else 0 end as is_granted,
  to_char(t.txn_start, 'YYYY-MM-DD HH24:MI:SS.MS') as since
from svv_transactions t
join pg_class c on c."oid" = t.relation
join pg_namespace n on n."oid" = c.relnamespace
where n.nspname = {{schema}}
  and c.relname = 'ingest_lock_9'
order by t.granted desc, t.txn_start;
