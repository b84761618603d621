-- Purpose: a clean session: drops what an earlier batch or attempt of the session left.

drop table if exists listed_files;
