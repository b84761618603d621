-- Purpose: drops the temporary tables of the previous comparison.

drop view if exists compared_star;

drop view if exists compared_reload;

drop table if exists compared_different;
