import { Statement } from '@pulumi/aws/redshiftdata/statement.js';
import { all } from '@pulumi/pulumi';
import type { Output, Resource } from '@pulumi/pulumi';
import type { Context } from '../context.ts';
import type { Roles } from './create-roles.ts';
import { databaseUserSql, userOfRole } from './database-user.ts';
import { dbUserOf } from './warehouse-login.ts';
import type { Warehouse } from '../warehouse/create-warehouse.ts';

/** The user of the service in the database. */
export type DatabaseUser = {
  /** What a task must wait for. */
  readonly made: readonly Resource[];
  /** SQL for an administrator to run; `null` where the stack ran it, or where the user exists. */
  readonly sql: Output<string> | null;
};

/**
 * Creates the user of the service with the secret of the administrator, through the Data API, which needs no path to the
 * warehouse's port. Only AWS reads the secret.
 */
export function createDatabaseUser(
  { settings, provider }: Context,
  { warehouse, roles }: { readonly warehouse: Warehouse; readonly roles: Roles },
): DatabaseUser {
  const { database } = settings.warehouse;
  // The secret names an existing user.
  if (settings.warehouse.kind === 'existing' && settings.warehouse.serviceSecretArn !== null) {
    return { made: [], sql: null };
  }
  const named = dbUserOf(settings.warehouse);
  const sql = roles.service.name.apply((role) => databaseUserSql({ user: named ?? userOfRole(role), database }));
  const { target, adminSecretArn } = warehouse;
  if (adminSecretArn === null) return { made: [], sql: sql.apply(({ define, call }) => `${define};\n${call};`) };
  const at = {
    database,
    secretArn: adminSecretArn,
    ...(target.kind === 'cluster' ? { clusterIdentifier: target.identifier } : { workgroupName: target.name }),
  };
  const define = new Statement(
    'database-user-procedure',
    { ...at, sql: sql.apply((both) => both.define), statementName: 'sparkify-user-procedure' },
    { provider },
  );
  const call = new Statement(
    'database-user',
    { ...at, sql: all([sql, define.id]).apply(([both]) => both.call), statementName: 'sparkify-user' },
    { provider, dependsOn: [define] },
  );
  return { made: [call], sql: null };
}
