-- Purpose: comments, as in 014_describe_plays.sql: rows that are not in the star.
-- Grain:   one text for a table or a column.

comment on table play_rivals is 'Plays that another file has, too: songplays has the row of the newest file, and this table the others. One row for each play and file. Empty while no event is in two files.';
comment on column play_rivals.songplay_id is 'The play. Joins songplays.songplay_id.';
comment on column play_rivals.start_time is 'As in songplays. Filter by it: the table is sorted by it.';
comment on column play_rivals.user_id is 'As in songplays.';
comment on column play_rivals.level is 'As in songplays, by this file.';
comment on column play_rivals.session_id is 'As in songplays.';
comment on column play_rivals.location is 'As in songplays, by this file.';
comment on column play_rivals.user_agent is 'As in songplays, by this file.';
comment on column play_rivals.item_in_session is 'As in songplays.';
comment on column play_rivals.song_title is 'As in songplays, by this file.';
comment on column play_rivals.artist_name is 'As in songplays, by this file.';
comment on column play_rivals.song_length is 'As in songplays, by this file.';
comment on column play_rivals.match_key is 'As in songplays, by this file.';
comment on column play_rivals.object_id is 'The log file. Joins ingest_objects.object_id.';
comment on column play_rivals.line_number is 'The line of the event in its file, from 1.';
comment on column play_rivals.batch_id is 'The batch that wrote the row. Joins ingest_batches.batch_id.';

comment on table rejected_rows is 'JSON objects that did not fit, with their text and the reason. One row for each place and content. SPARKIFY_REJECTED_ROWS_MAX limits the rows of a batch; ingest_batches.rows_rejected counts all. A row stays after its file was repaired.';
comment on column rejected_rows.rejected_id is 'MD5 of file, place and content: reading the file again adds nothing.';
comment on column rejected_rows.batch_id is 'The batch that read the row first. Joins ingest_batches.batch_id.';
comment on column rejected_rows.dataset is 'logs or songs.';
comment on column rejected_rows.bucket is 'Bucket of the file. NULL: a program for tables before version 10 did not find the file.';
comment on column rejected_rows.object_key is 'Key of the file. NULL: when bucket is NULL.';
comment on column rejected_rows.line_number is 'The line of the row in its file, from 1. NULL: when bucket is NULL.';
comment on column rejected_rows.row_text is 'The text of the row, at most 65,535 bytes. NULL: not known.';
comment on column rejected_rows.column_name is 'The column whose value is the reason; json when the text is not a JSON object.';
comment on column rejected_rows.reason is 'Why the value does not fit; column and reason form a sentence.';
comment on column rejected_rows.rejected_at is 'When the row was rejected, UTC. The table is sorted by it.';
comment on column rejected_rows.file_id is 'The version of the file. Joins ingest_files.file_id. NULL: a program for tables before version 10 rejected the row.';
