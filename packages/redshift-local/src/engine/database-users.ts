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

const isUser = 'from pg_catalog.pg_roles where rolname = $1 and rolcanlogin';

/**
 * Makes the session of a connection the user's, until DISCARD ALL.
 *
 * @throws Error with the text of a refused connection when there is not such a user.
 */
export async function becomeUser(client: pg.ClientBase, control: pg.Pool, user: string): Promise<void> {
  const become = async (): Promise<boolean> => {
    const sql = `select pg_catalog.set_config('session_authorization', rolname, false) ${isUser}`;
    return (await client.query(sql, [user])).rowCount === 1;
  };
  if (await become()) return;
  if (!iamIdentity.test(user)) throw refusedUser(user);
  await makeUser(control, user);
  if (!(await become())) throw refusedUser(user);
}

/**
 * On a server of somebody else's, whose sessions keep the user of the connection, a user must exist or be an IAM identity.
 *
 * @throws Error with the text of a refused connection.
 */
export async function requireUser(control: pg.Pool, user: string): Promise<void> {
  if (iamIdentity.test(user) || (await control.query(`select 1 ${isUser}`, [user])).rows.length > 0) return;
  throw refusedUser(user);
}

const refusedUser = (user: string) => new Error(`password authentication failed for user "${user}"`);

/** Two first calls of one identity may both make it. */
async function makeUser(control: pg.Pool, user: string): Promise<void> {
  try {
    await control.query(`create role ${pg.escapeIdentifier(user)} login`);
  } catch (error) {
    const exists = error instanceof pg.DatabaseError && ['42710', '23505'].includes(error.code ?? '');
    if (!exists) throw error;
  }
}
