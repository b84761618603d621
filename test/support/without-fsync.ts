import pg from 'pg';

/**
 * Lets a PostgreSQL server leave its writes to the operating system. The data of a test need to survive the death of a
 * process and not a power cut, and on a disk half of the time of every commit is the wait for it.
 *
 * @param psqlUrl of a superuser.
 */
export async function withoutFsync(psqlUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: psqlUrl });
  await client.connect();
  try {
    await client.query('alter system set fsync = off');
    await client.query('alter system set full_page_writes = off');
    await client.query('select pg_catalog.pg_reload_conf()');
  } finally {
    await client.end();
  }
}
