-- Purpose: the migrations that the database has.
-- Result:  number, name and checksum of each, in order.

select number, name, checksum
from schema_migrations
order by number;
