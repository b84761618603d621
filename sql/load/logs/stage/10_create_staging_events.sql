-- Purpose: the batch's log rows as they arrived, all text, so that COPY refuses no row for its types and nothing is
--          converted before it is looked at. The widest VARCHAR: a value that is too long for the star must arrive
--          here to be rejected as a row instead of failing its whole file.
-- Columns: the files' keys in lower case; COPY matches them with JSON 'auto ignorecase'.

create temp table staging_events (
  artist varchar(65535),
  auth varchar(65535),
  firstname varchar(65535),
  gender varchar(65535),
  iteminsession varchar(65535),
  lastname varchar(65535),
  length varchar(65535),
  level varchar(65535),
  location varchar(65535),
  method varchar(65535),
  page varchar(65535),
  registration varchar(65535),
  sessionid varchar(65535),
  song varchar(65535),
  status varchar(65535),
  ts varchar(65535),
  useragent varchar(65535),
  userid varchar(65535)
);
