-- Purpose: the marker of a scratch schema: which run made it, when, for which star. A schema without it is never dropped.

create table sparkify_verify_run (
  run_id varchar(20) not null,
  star_schema varchar(63) not null,
  started_at timestamp not null
);

insert into sparkify_verify_run (run_id, star_schema, started_at)
values ({{run_id}}, {{star_schema}}, getdate());
