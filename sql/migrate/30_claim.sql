-- Purpose: one migration at a time, and each only once. The lock comes first, so the snapshot contains what another run just
--          committed; if the number is in the list by then, the division by zero ends this transaction, and the loser of the race
--          reads the list again.

lock {{schema}}.schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = {{number}};
