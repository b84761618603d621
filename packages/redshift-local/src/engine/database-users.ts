import pg from 'pg';

/** Schema objects of the stand-in that every user reads, and what Redshift grants to everybody in a new database. */
export const grantsToEverybodySql = `
  grant usage on schema redshift_compat to public;
  grant select on all tables in schema redshift_compat to public;
  grant insert, update on redshift_compat.table_storage to public;
  grant usage, create on schema public to public;
`;

/** An IAM identity is a database user of this name, made at its first call (Redshift docs, GetClusterCredentialsWithIAM). */
const iamIdentity = /^IAMR?:/;

/**
 * The user of a call must exist.
 *
 * @throws Error with the text of a refused connection.
 */
export async function admitUser(control: pg.Pool, user: string, { isOwn }: { isOwn: boolean }): Promise<void> {
  const { rows } = await control.query('select 1 from pg_catalog.pg_roles where rolname = $1 and rolcanlogin', [user]);
  if (rows.length > 0) return;
  if (!iamIdentity.test(user)) throw new Error(`password authentication failed for user "${user}"`);
  if (isOwn) await makeUser(control, user);
}

/** Two first calls of one identity may both make it. */
async function makeUser(control: pg.Pool, user: string): Promise<void> {
  try {
    await control.query(`create role ${pg.escapeIdentifier(user)} login`);
  } catch (error) {
    const exists = error instanceof pg.DatabaseError && ['42710', '23505'].includes(error.code ?? '');
    if (!exists) throw error;
  }
}
