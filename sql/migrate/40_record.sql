-- Purpose: adds the migration to the list, in the transaction that applies it.

insert into schema_migrations (number, name, checksum, applied_at)
values ({{number}}, {{name}}, {{checksum}}, getdate());
