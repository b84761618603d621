-- Purpose: since which day and until which day plays of a title were heard, so that a song that comes late reads the plays
--          of those days and not all of history. Kept by every batch of plays in the transaction that publishes them.
-- Grain:   the first twelve digits of a match key; of a million titles not two share them, and if two did, the days of their
--          row would span both: a range may be too wide, never too narrow. It grows with the titles heard, as songs does,
--          not with plays: per million titles 12 blocks (1 MB) of key_prefix and at most 4 of each day, over all slices.
-- Keys:    key_prefix is unique by the doing of the publishing transaction, which is the only writer and holds ingest_lock_4.
-- Upgrade: plays that are there are counted in. A consumer of the version before would not count its plays; 004_fence.sql
--          keeps it from publishing any.

create table play_keys (
  key_prefix char(12) not null encode raw,
  first_day date not null encode az64,
  last_day date not null encode az64,
  primary key (key_prefix)
)
diststyle key
distkey (key_prefix)
compound sortkey (key_prefix);

insert into play_keys (key_prefix, first_day, last_day)
select left(p.match_key, 12)::char(12), min(p.start_time)::date, max(p.start_time)::date
from songplays p
where p.match_key is not null
group by left(p.match_key, 12)::char(12);
