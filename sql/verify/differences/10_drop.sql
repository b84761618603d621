-- Purpose: what the comparison of the table before left.

drop view if exists compared_star;

drop view if exists compared_reload;

drop table if exists compared_different;
