-- Purpose: where the applied migrations are listed. Not a migration itself: it has to be there before the first.
-- Grain:   an applied migration file.
-- Again:   does nothing when it is there.

create table if not exists schema_migrations (
  number integer not null,
  name varchar(127) not null,
  checksum char(64) not null,
  applied_at timestamp not null,
  primary key (number)
)
diststyle all
sortkey (number);
