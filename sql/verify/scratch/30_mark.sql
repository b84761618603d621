-- Purpose: the marker of a scratch schema: its run, time and star. A schema without the marker is never dropped.

create table sparkify_verify_run (
  run_id varchar(20) not null,
  star_schema varchar(63) not null,
  started_at timestamp not null
);

insert into sparkify_verify_run (run_id, star_schema, started_at)
values ({{run_id}}, {{star_schema}}, getdate());
