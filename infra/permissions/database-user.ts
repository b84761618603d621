import { quoteText } from '../../src/core/sql/sql-literal.ts';

/** Made by the administrator, so that the statement below may run again whenever Pulumi has forgotten that it did. */
const PROCEDURE = 'public.sp_sparkify_database_user';

/**
 * SQL that makes the user of the service, for an administrator to run once per database: a user without a password
 * (Redshift docs, "CREATE USER", PASSWORD DISABLE) that may create schemas, and so owns those it creates and nothing
 * else. It creates that of the tables, and for the time of each `verify` a scratch schema beside it.
 *
 * Both statements may run any number of times: AWS forgets statements after a day, and the provider takes a forgotten
 * one for a new one (`CREATE USER` knows no `IF NOT EXISTS`).
 */
export function databaseUserSql(input: { readonly user: string; readonly database: string }): {
  readonly define: string;
  readonly call: string;
} {
  const user = quoted(input.user);
  const grant = `grant create, temporary on database ${quoted(input.database)} to ${user}`;
  const body = [
    'declare',
    '  known integer;',
    'begin',
    `  select into known count(*) from pg_user where usename = ${quoteText(input.user)};`,
    '  if known = 0 then',
    `    execute ${quoteText(`create user ${user} password disable`)};`,
    '  end if;',
    `  execute ${quoteText(grant)};`,
    'end;',
  ];
  const define = [`create or replace procedure ${PROCEDURE}() as $body$`, ...body, '$body$ language plpgsql'].join(
    '\n',
  );
  return { define, call: `call ${PROCEDURE}()` };
}

/** A workgroup knows a role as a user of this name (Redshift Serverless guide, "Connecting with IAM"). */
export function userOfRole(roleName: string): string {
  return `IAMR:${roleName}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
