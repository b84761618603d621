import { randomUUID } from 'node:crypto';
import {
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListStatementsCommand,
} from '@aws-sdk/client-redshift-data';
import { beforeAll, describe, expect, it } from 'vitest';
import { onRealCluster, useRedshift } from './use-redshift.ts';

// Each sentence is a rule of the Data API (Redshift management guide, "Using the Amazon Redshift Data API", and the
// service's model). They hold on a real cluster too.
const redshift = useRedshift({ isOwn: true });
const table = (name: string) => `${redshift.schema}.${name}`;

/** Runs long enough to be found running, and stops when asked to. */
const slow = 'select count(*) from t a, t b, t c, t d, t e, t f'.replaceAll(/\bt\b/g, 'SLOW');

beforeAll(async () => {
  await redshift.run(`create table ${table('slow')} (n integer)`);
  await redshift.run(
    `insert into ${table('slow')} values ${Array.from({ length: 60 }, (_, n) => `(${n})`).join(', ')}`,
  );
});
const slowSql = () => slow.replaceAll('SLOW', table('slow'));

describe('ExecuteStatement', () => {
  it('[api.asynchronous] answers at once with an id, and the statement ends as FINISHED', async () => {
    const { Id, CreatedAt, Status } = await redshift.data.send(
      new ExecuteStatementCommand({ ...redshift.target, Sql: 'select 1' }),
    );
    const described = await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));

    expect(Id).toMatch(/^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/);
    expect(CreatedAt).toBeInstanceOf(Date);
    expect(Status).toBeUndefined();
    expect(described).toMatchObject({
      Id,
      Status: 'FINISHED',
      QueryString: 'select 1',
      HasResultSet: true,
      ResultRows: 1,
    });
    expect(described).not.toHaveProperty('SubStatements', expect.anything());
    expect(described.Duration).toBeGreaterThan(1_000);
  });

  it('[api.wait] with WaitTimeSeconds answers when the statement ended, and says how', async () => {
    const reply = await redshift.data.send(
      new ExecuteStatementCommand({ ...redshift.target, Sql: 'select 1', WaitTimeSeconds: 30 }),
    );
    expect(reply).toMatchObject({ Status: 'FINISHED', HasResultSet: true });
  });

  it('with WaitTimeSeconds answers with the state of the moment when the time is over', async () => {
    const reply = await redshift.data.send(
      new ExecuteStatementCommand({ ...redshift.target, Sql: slowSql(), WaitTimeSeconds: 1 }),
    );
    await redshift.data.send(new CancelStatementCommand({ Id: reply.Id }));
    expect(['SUBMITTED', 'PICKED', 'STARTED']).toContain(reply.Status);
  });

  it('does not treat an error of SQL as an error of the call', async () => {
    const outcome = await redshift.run(`select * from ${table('missing')}`);
    expect(outcome).toMatchObject({ Status: 'FAILED', HasResultSet: false });
    expect(outcome.Error).toMatch(/^ERROR: relation ".*missing" does not exist/);
  });

  it('tells the position of a syntax error', async () => {
    const outcome = await redshift.run('selec 1');
    expect(outcome.Error).toMatch(/^ERROR: syntax error at or near "selec"\n\s*Position: 1/);
  });

  it('[api.one-statement] accepts a trailing semicolon and echoes it, but not two statements', async () => {
    const one = await redshift.run('select 1;');
    const two = await redshift.run('select 1; select 2');
    expect(one).toMatchObject({ Status: 'FINISHED', QueryString: 'select 1;' });
    expect(two.Status).toBe('FAILED');
  });

  it('reports affected rows as ResultRows and no result set', async () => {
    await redshift.run(`create table ${table('counted')} (n integer)`);
    const inserted = await redshift.run(`insert into ${table('counted')} values (1), (2), (3)`);
    const updated = await redshift.run(`update ${table('counted')} set n = 0 where n < 3`);
    const deleted = await redshift.run(`delete from ${table('counted')}`);
    expect([inserted, updated, deleted].map(({ ResultRows }) => ResultRows)).toEqual([3, 2, 3]);
    expect(inserted.HasResultSet).toBe(false);
  });

  it('[api.query-ids] gives increasing query ids', async () => {
    const first = await redshift.run(`select count(*) from ${table('slow')}`);
    const second = await redshift.run(`select count(*) from ${table('slow')}`);
    expect(second.RedshiftQueryId).toBeGreaterThan(first.RedshiftQueryId ?? Number.NaN);
  });

  it('[api.client-token] runs a client token once, whoever sends it how often', async () => {
    await redshift.run(`create table ${table('once')} (n integer)`);
    const call = {
      ...redshift.target,
      Sql: `insert into ${table('once')} values (1)`,
      ClientToken: randomUUID(),
      WaitTimeSeconds: 30,
    };
    const replies = await Promise.all(
      [1, 2, 3].map(async () => await redshift.data.send(new ExecuteStatementCommand(call))),
    );
    const later = await redshift.data.send(new ExecuteStatementCommand(call));

    expect(new Set([...replies, later].map(({ Id }) => Id)).size).toBe(1);
    expect((await redshift.run(`select count(*) from ${table('once')}`)).values).toEqual([[1]]);
  });

  it('fails the statement, not the call, when the database does not exist', async () => {
    const outcome = await redshift.run('select 1', { Database: 'nowhere' });
    expect(outcome).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('database "nowhere" does not exist') as string,
    });
  });
});

describe('sessions without SessionKeepAliveSeconds', () => {
  it('[api.without-session] end with the statement: temporary tables do not survive', async () => {
    const made = await redshift.run('create temp table gone (n integer)');
    const used = await redshift.run('select * from gone');
    expect(made.Status).toBe('FINISHED');
    expect(used.Error).toContain('relation "gone" does not exist');
  });

  it('do not carry a BEGIN into the next call', async () => {
    await redshift.run(`create table ${table('begun')} (n integer)`);
    await redshift.run('begin');
    expect((await redshift.run(`insert into ${table('begun')} values (1)`)).Status).toBe('FINISHED');
    expect((await redshift.run(`select count(*) from ${table('begun')}`)).values).toEqual([[1]]);
  });
});

describe('CancelStatement', () => {
  it('[api.cancel] stops a running statement, which ends as ABORTED', async () => {
    const { Id } = await redshift.data.send(new ExecuteStatementCommand({ ...redshift.target, Sql: slowSql() }));
    await expect
      .poll(async () => (await redshift.data.send(new DescribeStatementCommand({ Id }))).Status)
      .toBe('STARTED');
    const reply = await redshift.data.send(new CancelStatementCommand({ Id }));
    const described = await redshift.data.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 }));
    expect(reply.Status).toBe(true);
    expect(described).toMatchObject({ Status: 'ABORTED', HasResultSet: false });
  });

  it('refuses a statement that has ended', async () => {
    const { Id } = await redshift.run('select 1');
    await expect(redshift.data.send(new CancelStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('GetStatementResult', () => {
  it('is refused while the statement runs', async () => {
    const { Id } = await redshift.data.send(new ExecuteStatementCommand({ ...redshift.target, Sql: slowSql() }));
    await expect(redshift.data.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await redshift.data.send(new CancelStatementCommand({ Id }));
  });

  it('is refused for a statement without a result set', async () => {
    const { Id } = await redshift.run(`insert into ${table('slow')} select n from ${table('slow')} where n < 0`);
    await expect(redshift.data.send(new GetStatementResultCommand({ Id }))).rejects.toThrow(
      'Query does not have result. Please check query status with DescribeStatement.',
    );
  });

  it('[api.results] gives all rows over several pages, each once and in order', async () => {
    const many = `select a.n * 3600 + b.n * 60 + c.n as n, repeat('x', 100) as filler
                  from ${table('slow')} a, ${table('slow')} b, ${table('slow')} c order by 1`;
    const { Id, ResultRows } = await redshift.run(many);
    const numbers: unknown[] = [];
    let pages = 0;
    let token: string | undefined;
    do {
      const page = await redshift.data.send(new GetStatementResultCommand({ Id, ...(token && { NextToken: token }) }));
      numbers.push(...(page.Records?.map((row) => row[0]?.longValue) ?? []));
      expect(page.TotalNumRows).toBe(216_000);
      token = page.NextToken;
      pages += 1;
    } while (token !== undefined);

    expect(ResultRows).toBe(216_000);
    expect(pages).toBeGreaterThan(1);
    expect(numbers).toEqual(Array.from({ length: 216_000 }, (_, n) => n));
  });

  it('gives no rows, but the columns, of an empty result', async () => {
    const { Id, HasResultSet } = await redshift.run(`select n from ${table('slow')} where n < 0`);
    const result = await redshift.data.send(new GetStatementResultCommand({ Id }));
    expect(HasResultSet).toBe(true);
    expect(result).toMatchObject({ Records: [], TotalNumRows: 0, ColumnMetadata: [{ name: 'n', typeName: 'int4' }] });
  });

  it('[api.csv] gives CSV only through GetStatementResultV2, and JSON only through GetStatementResult', async () => {
    const sql = `select 1 as a, 'x,"y"' as b, null::varchar as c`;
    const csv = await redshift.run(sql, { ResultFormat: 'CSV' });
    const json = await redshift.run(sql);
    const result = await redshift.data.send(new GetStatementResultV2Command({ Id: csv.Id }));
    expect(result.Records?.map(({ CSVRecords }) => CSVRecords).join('')).toMatch(/^1,"x,""y""",\r?\n$/);
    await expect(redshift.data.send(new GetStatementResultCommand({ Id: csv.Id }))).rejects.toThrow();
    await expect(redshift.data.send(new GetStatementResultV2Command({ Id: json.Id }))).rejects.toThrow();
  });

  it('[api.row-size] refuses a row of more than 64 KB', async () => {
    const outcome = await redshift.run(`select repeat('x', 40000) as a, repeat('y', 40000) as b`);
    expect(outcome.Status === 'FAILED' ? outcome.Error : outcome.Status).toContain('Packet for query is too large');
  });
});

describe('ListStatements', () => {
  it('[api.list] finds statements by a prefix of their name, and by default only finished ones', async () => {
    const name = `listed-${randomUUID()}`;
    await redshift.run('select 1', { StatementName: `${name}-a` });
    await redshift.run('select 2', { StatementName: `${name}-b` });
    await redshift.run('selec', { StatementName: `${name}-c` });
    const finished = await redshift.data.send(new ListStatementsCommand({ StatementName: name }));
    const all = await redshift.data.send(new ListStatementsCommand({ StatementName: name, Status: 'ALL' }));
    expect(finished.Statements?.map(({ QueryString }) => QueryString).sort()).toEqual(['select 1', 'select 2']);
    expect(all.Statements).toHaveLength(3);
  });
});

describe.skipIf(onRealCluster)('a restart of the stand-in', () => {
  it('[api.restart] keeps statements, results, client tokens and the order of query ids', async () => {
    await redshift.run(`create table ${table('restarted')} (n integer)`);
    const call = { ...redshift.target, Sql: `insert into ${table('restarted')} values (1)`, ClientToken: randomUUID() };
    const before = await redshift.data.send(new ExecuteStatementCommand({ ...call, WaitTimeSeconds: 30 }));
    const result = await redshift.run('select 42 as n');
    await redshift.restart();
    const replay = await redshift.data.send(new ExecuteStatementCommand({ ...call, WaitTimeSeconds: 30 }));
    const described = await redshift.data.send(new DescribeStatementCommand({ Id: before.Id }));
    const rows = await redshift.data.send(new GetStatementResultCommand({ Id: result.Id }));
    const after = await redshift.run(`select count(*) from ${table('restarted')}`);

    expect(replay.Id).toBe(before.Id);
    expect(described).toMatchObject({ Status: 'FINISHED', ResultRows: 1 });
    expect(rows.Records).toEqual([[{ longValue: 42 }]]);
    expect(after.values).toEqual([[1]]);
    expect(after.RedshiftQueryId).toBeGreaterThan(result.RedshiftQueryId ?? Number.NaN);
  });

  it('ends what was running as FAILED and undoes it', async () => {
    await redshift.run(`create table ${table('interrupted')} (n integer)`);
    const insert = `insert into ${table('interrupted')} ${slowSql()}`;
    const { Id } = await redshift.data.send(new ExecuteStatementCommand({ ...redshift.target, Sql: insert }));
    await expect
      .poll(async () => (await redshift.data.send(new DescribeStatementCommand({ Id }))).Status)
      .toBe('STARTED');
    await redshift.restart();
    const described = await redshift.data.send(new DescribeStatementCommand({ Id }));
    expect(described.Status).toBe('FAILED');
    expect((await redshift.run(`select count(*) from ${table('interrupted')}`)).values).toEqual([[0]]);
  });
});
