-- Purpose: the list of applied migrations. Not a migration itself, because it has to exist before the first one.
-- Grain:   an applied migration file.
-- Again:   does nothing if the table exists.

create table if not exists schema_migrations (
  number integer not null,
  name varchar(127) not null,
  checksum char(64) not null,
  applied_at timestamp not null,
  primary key (number)
)
diststyle all
sortkey (number);
