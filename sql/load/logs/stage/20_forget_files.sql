-- Purpose: a file that turned out to be unreadable after some of its rows were written to parts: these rows do not count.

delete from staging_events
where file_number in ({{file_numbers}});
