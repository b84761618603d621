/** Makes the logs' rows what the migration (`sql/schema/010_lineage.sql`) leaves of those that an older program loaded. */
export const FORGET_LINEAGE = `
  update songplays set object_id = null, line_number = null;
  update users set object_id = null, line_number = null;
  delete from play_rivals;
  delete from user_sources;
  insert into user_sources (user_id, event_at, session_id, item_in_session, first_name, last_name, gender, level)
  select user_id, last_event_at, last_session_id, last_item_in_session, first_name, last_name, gender, level from users;
  delete from ingest_objects where dataset = 'logs'`;
