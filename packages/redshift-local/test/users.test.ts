import { beforeAll, describe, expect, it } from 'vitest';
import { useRedshift } from './use-redshift.ts';

// Users belong to the whole server.
const redshift = useRedshift({ isOwn: true });
const LOADER = 'loader';
const READER = 'reader';

/** The error, or the rows. */
async function as(user: string, sql: string): Promise<unknown> {
  const { Error: error, values } = await redshift.run(sql, { DbUser: user });
  return error ?? values;
}

async function asMaster(...statements: readonly string[]): Promise<void> {
  for (const sql of statements) expect((await redshift.run(sql)).Error, sql).toBeUndefined();
}

beforeAll(async () => {
  await asMaster(
    `create user ${LOADER} password disable`,
    'create group readers',
    `create user "${READER}" with password 'Md5-1234567' nocreatedb in group readers`,
    `alter group readers drop user ${READER}`,
    `alter group readers add user ${READER}`,
  );
});

describe('a user', () => {
  it('[users.permission] may not create a schema or look into one without a privilege', async () => {
    expect(await as(LOADER, 'create schema loaded')).toBe('ERROR: permission denied for database dev');
    await asMaster(`create table ${redshift.schema}.t (n int)`);
    expect(await as(LOADER, `select * from ${redshift.schema}.t`)).toBe(
      `ERROR: permission denied for schema ${redshift.schema}`,
    );
    await asMaster(`grant usage on schema ${redshift.schema} to ${LOADER}`);
    expect(await as(LOADER, `select * from ${redshift.schema}.t`)).toBe('ERROR: permission denied for relation t');
    expect(
      await as(LOADER, `copy ${redshift.schema}.t from 's3://b/k' iam_role 'arn:aws:iam::000000000000:role/copy' json`),
    ).toBe('ERROR: permission denied for relation t');
  });

  it('[users.owner] owns what it creates: others read it by a grant and do not drop it', async () => {
    await asMaster(`grant create, temporary on database dev to ${LOADER}`);
    expect(await as(LOADER, 'create schema loaded')).toEqual([]);
    expect(await as(LOADER, 'create table loaded.t (n int primary key, v varchar(4) sortkey) diststyle all')).toEqual(
      [],
    );
    expect(await as(LOADER, "insert into loaded.t values (1, 'a')")).toEqual([]);
    expect(await as(LOADER, 'create temp table mine as select * from loaded.t')).toEqual([]);
    expect(await as(READER, 'drop table loaded.t')).toBe('ERROR: permission denied for schema loaded');
    await asMaster('grant usage on schema loaded to group readers');
    expect(await as(READER, 'drop table loaded.t')).toBe('ERROR: must be owner of relation t');
    expect(await as(LOADER, 'grant select on table loaded.t to role readers')).toEqual([]);
    expect(await as(READER, 'select n from loaded.t')).toEqual([[1]]);
    expect(await as(READER, 'delete from loaded.t')).toBe('ERROR: permission denied for relation t');
    expect(await as(LOADER, `alter table ${redshift.schema}.t owner to ${LOADER}`)).toContain('ERROR: ');
  });

  it('[users.grant] loses what is revoked', async () => {
    expect(await as(LOADER, 'revoke select on loaded.t from group readers')).toEqual([]);
    expect(await as(READER, 'select n from loaded.t')).toBe('ERROR: permission denied for relation t');
    expect(await as(LOADER, 'grant select on all tables in schema loaded to public')).toEqual([]);
    expect(await as(READER, 'select n from loaded.t')).toEqual([[1]]);
    expect(await as(LOADER, 'grant drop on loaded.t to public')).toContain('the privilege DROP is not one');
    expect(await as(LOADER, 'grant select on loaded.t')).toContain('syntax error');
    expect(await as(LOADER, 'grant select on loaded.t to nobody')).toBe('ERROR: user "nobody" does not exist');
  });

  it('[users.default-privileges] grants on tables that come later', async () => {
    expect(
      await as(LOADER, 'alter default privileges in schema loaded grant select on tables to group readers'),
    ).toEqual([]);
    expect(await as(LOADER, 'create table loaded.later as select 7 as n')).toEqual([]);
    expect(await as(READER, 'select n from loaded.later')).toEqual([[7]]);
  });

  it('[users.create] is created by a superuser only, and once', async () => {
    expect(await as(LOADER, 'create user eve password disable')).toBe('ERROR: must be superuser to create users');
    expect((await redshift.run(`create user ${LOADER} password disable`)).Error).toBe(
      `ERROR: user "${LOADER}" already exists`,
    );
    expect((await redshift.run('create user eve')).Error).toContain('syntax error');
    expect(
      (await redshift.run("create user eve password disable createuser valid until 'infinity'")).Error,
    ).toBeUndefined();
    expect(await as('eve', 'drop user eve')).toContain('ERROR: ');
    await asMaster('drop user if exists eve', 'drop user if exists eve', 'create role analysts', 'drop role analysts');
    expect(await as('eve', 'select 1')).toBe('FATAL: password authentication failed for user "eve"');
  });

  it('[users.roles] is the DbUser of the call, or the IAM identity, which is made at its first call', async () => {
    expect(await as(LOADER, 'select current_user, session_user')).toEqual([[LOADER, LOADER]]);
    expect(await as('IAMR:service', 'select current_user')).toEqual([['IAMR:service']]);
    expect(await as('IAMR:service', 'select * from loaded.t')).toBe('ERROR: permission denied for schema loaded');
    await asMaster('grant usage on schema loaded to "IAMR:service"');
    expect(await as('IAMR:service', 'select n from loaded.t')).toEqual([[1]]);
  });
});
