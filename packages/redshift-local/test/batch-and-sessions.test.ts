import { randomUUID } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  ListSessionsCommand,
} from '@aws-sdk/client-redshift-data';
import { beforeAll, describe, expect, it } from 'vitest';
import { onRealCluster, useRedshift } from './use-redshift.ts';

const redshift = useRedshift();
const table = (name: string) => `${redshift.schema}.${name}`;
const count = async (name: string) => (await redshift.run(`select count(*) from ${table(name)}`)).values[0]?.[0];

beforeAll(async () => {
  await redshift.run(`create table ${table('slow')} (n integer)`);
  await redshift.run(
    `insert into ${table('slow')} values ${Array.from({ length: 60 }, (_, n) => `(${n})`).join(', ')}`,
  );
});
/** Runs until it is cancelled. */
const slowSql = () =>
  `select count(*) from ${['a', 'b', 'c', 'd', 'e', 'f'].map((alias) => `${table('slow')} ${alias}`).join(', ')}`;
const statusOf = (id: string | undefined) => async () =>
  (await redshift.data.send(new DescribeStatementCommand({ Id: id }))).Status;

/** Opens a session that stays for a minute. */
async function openSession(): Promise<string> {
  const { SessionId } = await redshift.run('select 1', { SessionKeepAliveSeconds: 60 });
  if (SessionId === undefined) throw new Error('The reply has no SessionId.');
  return SessionId;
}

describe('[api.batch] BatchExecuteStatement in TRANSACTION mode', () => {
  it('runs the statements in order and commits them together', async () => {
    const outcome = await redshift.batch([
      `create table ${table('ordered')} (n integer)`,
      `insert into ${table('ordered')} values (1), (2)`,
      `select n from ${table('ordered')} order by n`,
    ]);
    expect(outcome).toMatchObject({
      Status: 'FINISHED',
      HasResultSet: true,
      ResultRows: -1,
      ExecutionMode: 'TRANSACTION',
    });
    expect(outcome.QueryString).toBeUndefined();
    expect(outcome.SubStatements?.map(({ Id, ResultRows, HasResultSet }) => [Id, ResultRows, HasResultSet])).toEqual([
      [`${outcome.Id}:1`, 0, false],
      [`${outcome.Id}:2`, 2, false],
      [`${outcome.Id}:3`, 2, true],
    ]);
    const result = await redshift.data.send(new GetStatementResultCommand({ Id: `${outcome.Id}:3` }));
    expect(result.Records).toEqual([[{ longValue: 1 }], [{ longValue: 2 }]]);
  });

  it('undoes everything when one statement fails; the statements before it stay FINISHED, the later ones are ABORTED', async () => {
    await redshift.run(`create table ${table('undone')} (n integer)`);
    const outcome = await redshift.batch([
      `insert into ${table('undone')} values (1)`,
      `select * from ${table('missing')}`,
      `insert into ${table('undone')} values (2)`,
    ]);
    expect(outcome.Status).toBe('FAILED');
    expect(outcome.Error).toContain('does not exist');
    expect(outcome.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(outcome.SubStatements?.map(({ Error }) => Error)).toEqual([
      undefined,
      outcome.Error,
      'Connection or an prior query failed.',
    ]);
    expect(await count('undone')).toBe(0);
  });

  it('[transactions.truncate] commits at TRUNCATE what came before it, whatever comes after', async () => {
    await redshift.run(`create table ${table('early')} (n integer)`);
    await redshift.run(`create table ${table('emptied')} (n integer)`);
    await redshift.batch([
      `insert into ${table('early')} values (1)`,
      `truncate ${table('emptied')}`,
      `insert into ${table('early')} values (2)`,
      `select * from ${table('missing')}`,
    ]);
    expect(await count('early')).toBe(1);
  });

  it('[transactions.block] refuses statements that cannot run in a transaction block', async () => {
    const outcome = await redshift.batch(['select 1', `vacuum ${table('slow')}`]);
    expect(outcome).toMatchObject({ Status: 'FAILED' });
    expect(outcome.Error).toContain('VACUUM cannot run inside a transaction block');
  });

  it('[settings.search-path] refuses a search path with a schema that does not exist, and takes one that the batch has just created', async () => {
    const fresh = `${redshift.schema}_fresh`;
    const refused = await redshift.batch([`set search_path to ${fresh}, ${redshift.schema}`, `create schema ${fresh}`]);
    expect(refused).toMatchObject({ Status: 'FAILED', Error: `ERROR: schema "${fresh}" does not exist` });
    expect(await redshift.batch([`set search_path to '$user', ${redshift.schema}`])).toMatchObject({
      Status: 'FINISHED',
    });
    const created = await redshift.batch([
      `create schema ${fresh}`,
      `set search_path to ${fresh}, ${redshift.schema}`,
      'create table of_the_path (n integer)',
      `drop schema ${fresh} cascade`,
      `set search_path to ${redshift.schema}, ${fresh}`,
    ]);
    expect(created).toMatchObject({ Status: 'FAILED', Error: `ERROR: schema "${fresh}" does not exist` });
    expect(created.SubStatements?.map(({ Status }) => Status)).toEqual([
      ...Array.from({ length: 4 }, () => 'FINISHED'),
      'FAILED',
    ]);
  });

  it('describes one sub-statement by its number', async () => {
    const { Id } = await redshift.batch(['select 1', 'select 2']);
    const described = await redshift.data.send(new DescribeStatementCommand({ Id: `${Id}:2` }));
    expect(described.Id).toBe(Id);
    expect(described.SubStatements?.map(({ QueryString }) => QueryString)).toEqual(['select 2']);
  });

  it('ends as ABORTED when cancelled, with nothing committed', async () => {
    await redshift.run(`create table ${table('cancelled')} (n integer)`);
    const call = { ...redshift.target, Sqls: [`insert into ${table('cancelled')} values (1)`, slowSql(), 'select 1'] };
    const { Id } = await redshift.data.send(new BatchExecuteStatementCommand(call));
    const second = async () => {
      const { SubStatements } = await redshift.data.send(new DescribeStatementCommand({ Id }));
      return SubStatements?.[1]?.Status;
    };
    await expect.poll(second).toBe('STARTED');
    await redshift.data.send(new CancelStatementCommand({ Id }));
    const described = await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    expect(described).toMatchObject({ Status: 'ABORTED', Error: 'Query was cancelled' });
    expect(await count('cancelled')).toBe(0);
  });

  it('[api.batch-size] takes 40 statements and refuses 41', async () => {
    const forty = await redshift.batch(Array.from({ length: 40 }, () => 'select 1'));
    expect(forty.Status).toBe('FINISHED');
    await expect(redshift.batch(Array.from({ length: 41 }, () => 'select 1'))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('[api.auto-commit] BatchExecuteStatement in AUTO_COMMIT mode', () => {
  it('commits each statement separately, with or without failures in between', async () => {
    await redshift.run(`create table ${table('each')} (n integer)`);
    const outcome = await redshift.batch(
      [
        `insert into ${table('each')} values (1)`,
        'selec',
        `vacuum ${table('each')}`,
        `insert into ${table('each')} values (2)`,
      ],
      { ExecutionMode: 'AUTO_COMMIT' },
    );
    expect(outcome.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED', 'FINISHED']);
    expect(await count('each')).toBe(2);
  });
});

describe('a kept-alive session', () => {
  it('[api.sessions] keeps temporary tables between calls', async () => {
    const SessionId = await openSession();
    await redshift.run('create temp table kept (n integer)', { SessionId });
    await redshift.run('insert into kept values (7)', { SessionId });
    expect((await redshift.run('select n from kept', { SessionId })).values).toEqual([[7]]);
    expect((await redshift.run('select n from kept')).Error).toContain('does not exist');
  });

  it('keeps an open transaction, and what it wrote is invisible to others until COMMIT', async () => {
    await redshift.run(`create table ${table('left_open')} (n integer)`);
    const SessionId = await openSession();
    await redshift.run('begin', { SessionId });
    await redshift.run(`insert into ${table('left_open')} values (1)`, { SessionId });
    const before = await count('left_open');
    await redshift.run('commit', { SessionId });
    expect([before, await count('left_open')]).toEqual([0, 1]);
  });

  it('[transactions.aborted] stays aborted after an error in a transaction until ROLLBACK', async () => {
    const SessionId = await openSession();
    await redshift.run('begin', { SessionId });
    await redshift.run('select 1 / 0', { SessionId });
    const refused = await redshift.run('select 1', { SessionId });
    await redshift.run('rollback', { SessionId });
    const accepted = await redshift.run('select 1', { SessionId });
    expect(refused.Error).toBe(
      'ERROR: current transaction is aborted, commands ignored until end of transaction block',
    );
    expect(accepted.Status).toBe('FINISHED');
  });

  it('[api.session-busy] runs one statement at a time and does not queue', async () => {
    const SessionId = await openSession();
    const { Id } = await redshift.data.send(new ExecuteStatementCommand({ SessionId, Sql: slowSql() }));
    await expect.poll(statusOf(Id)).toBe('STARTED');
    const second = redshift.data.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }));
    await expect(second).rejects.toMatchObject({ name: 'ValidationException' });
    await redshift.data.send(new CancelStatementCommand({ Id }));
    await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    expect((await redshift.run('select 1', { SessionId })).Status).toBe('FINISHED');
  });

  it('is free for the next call as soon as its statement is seen to have ended', async () => {
    const SessionId = await openSession();
    for (let n = 0; n < 20; n += 1) expect((await redshift.run('select 1', { SessionId })).Status).toBe('FINISHED');
  });

  it('ends after its idle time and is then not available', async () => {
    const { SessionId } = await redshift.run('select 1', { SessionKeepAliveSeconds: 1 });
    const status = async () => (await redshift.data.send(new ListSessionsCommand({ SessionId }))).Sessions?.[0]?.Status;
    await expect.poll(status).toBe('CLOSED');
    await expect(redshift.data.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
        message: 'Session is not available',
      },
    );
  });

  it('that never existed is distinguished from one that ended', async () => {
    const SessionId = randomUUID();
    await expect(redshift.data.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }))).rejects.toMatchObject(
      {
        name: 'ValidationException',
        message: `Session with Id: ${SessionId} is invalid`,
      },
    );
  });

  it('runs a replayed token once although the session moved on', async () => {
    await redshift.run(`create table ${table('replayed')} (n integer)`);
    const SessionId = await openSession();
    const call = {
      SessionId,
      Sqls: [`insert into ${table('replayed')} values (1)`],
      ClientToken: randomUUID(),
      WaitTimeSeconds: 30,
    };
    const first = await redshift.data.send(new BatchExecuteStatementCommand(call));
    const again = await redshift.data.send(new BatchExecuteStatementCommand(call));
    expect(again.Id).toBe(first.Id);
    expect(await count('replayed')).toBe(1);
  });
});

describe('transactions side by side', () => {
  it.each([
    ['UPDATE', () => `update ${table('shared')} set n = n * 10`, 20],
    [
      'MERGE … REMOVE DUPLICATES',
      () => `merge into ${table('shared')} using ${table('newer')} on shared.n = newer.n remove duplicates`,
      2,
    ],
  ] as const)(
    '[transactions.writers] let a second writer, %s, wait for the first and then see its rows',
    async (_name, sql, n) => {
      await redshift.run(`drop table if exists ${table('shared')}, ${table('newer')}`);
      await redshift.run(`create table ${table('shared')} as select 1 as n`);
      await redshift.run(`create table ${table('newer')} as select 2 as n`);
      const SessionId = await openSession();
      await redshift.run('begin', { SessionId });
      await redshift.run(`update ${table('shared')} set n = n + 1`, { SessionId });
      const second = { ...redshift.target, Sql: sql() };
      const { Id } = await redshift.data.send(new ExecuteStatementCommand(second));
      // It cannot end before the first one commits, so this only gives it the time to come to the table.
      await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 1 }));
      await redshift.run('commit', { SessionId });
      const described = await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
      expect(described).toMatchObject({ Status: 'FINISHED', ResultRows: 1 });
      expect((await redshift.run(`select n from ${table('shared')}`)).values).toEqual([[n]]);
    },
  );

  it('[transactions.snapshot] take their snapshot after LOCK was granted, not at BEGIN', async () => {
    await redshift.run(`create table ${table('guarded')} (n integer)`);
    await redshift.run(`create table ${table('guard')} (n integer)`);
    const SessionId = await openSession();
    await redshift.run('begin', { SessionId });
    await redshift.run(`lock ${table('guard')}`, { SessionId });
    // As every load does; the look for the schema must not take the snapshot.
    const path = `set search_path to ${redshift.schema}`;
    const Sqls = [path, `lock ${table('guard')}`, `select count(*) from ${table('guarded')}`];
    const { Id } = await redshift.data.send(new BatchExecuteStatementCommand({ ...redshift.target, Sqls }));
    await expect.poll(statusOf(Id)).toBe('STARTED');
    await redshift.run(`insert into ${table('guarded')} values (1)`, { SessionId });
    await redshift.run('commit', { SessionId });
    await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    const seen = await redshift.data.send(new GetStatementResultCommand({ Id: `${Id}:3` }));
    expect(seen.Records).toEqual([[{ longValue: 1 }]]);
  });

  it.skipIf(onRealCluster)('fail with 1023 when a row was changed after their snapshot', async () => {
    await redshift.run(`create table ${table('raced')} (n integer)`);
    await redshift.run(`insert into ${table('raced')} values (1)`);
    const SessionId = await openSession();
    await redshift.run('begin', { SessionId });
    await redshift.run(`select * from ${table('raced')}`, { SessionId });
    await redshift.run(`update ${table('raced')} set n = 2`);
    const outcome = await redshift.run(`update ${table('raced')} set n = 3`, { SessionId });
    expect(outcome.Error).toMatch(/^ERROR: 1023\n\s*Detail: Serializable isolation violation on table/);
  });
});
