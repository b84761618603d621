-- Purpose: one migration at a time, and each once. The lock comes first, so the snapshot sees what another migrate has
--          just committed; if the number is there by now, the division by zero ends this transaction, and the loser of
--          the race reads the list again.

lock schema_migrations;

select 1 / (1 - count(*)::integer) as is_free
from schema_migrations
where number = {{number}};
