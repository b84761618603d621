import { beforeEach, describe, expect, test } from 'vitest';

import { translate } from '../../src/dialect/translate.ts';
import { useDialect } from './postgres.ts';
import { refusal } from './refusal.ts';

const session = useDialect();

beforeEach(async () => {
  await session.peek('drop schema public cascade; create schema public; discard temp');
  await session.run('create table t (id int, v varchar(20))');
  await session.run('create table s (id int, v varchar(20))');
  await session.run("insert into t values (1, 'one'), (2, 'two')");
  await session.run("insert into s values (2, 'TWO'), (3, 'THREE')");
});

const all = async (table = 't'): Promise<string[]> =>
  (await session.run(`select id, v from ${table} order by id, v`)).rows.map(
    (row) => `${row['id'] ?? ''} ${row['v'] ?? ''}`,
  );

describe('MERGE', () => {
  const both = 'when matched then update set v = s.v when not matched then insert (id, v) values (s.id, s.v)';

  test('[merge.meaning] updates what matches and inserts what does not', async () => {
    expect((await session.run(`merge into t using s on t.id = s.id ${both}`)).count).toBe(2);
    expect(await all()).toEqual(['1 one', '2 TWO', '3 THREE']);
  });

  test('reads a subquery, names the target with its schema, and deletes', async () => {
    await session.run(
      'merge into public.t using (select id, v from s where id < 9) as q on public.t.id = q.id when matched then delete when not matched then insert values (q.id, q.v)',
    );
    expect(await all()).toEqual(['1 one', '3 THREE']);
  });

  test('REMOVE DUPLICATES replaces matching rows and collapses duplicates of the target', async () => {
    await session.run("insert into t values (2, 'two')");
    await session.run('merge into t using s on t.id = s.id remove duplicates');
    expect(await all()).toEqual(['1 one', '2 TWO', '3 THREE']);
  });

  test('[merge.duplicates] two source rows for one target row fail with the text of Redshift', async () => {
    await session.run("insert into s values (2, 'again')");
    await expect(session.run(`merge into t using s on t.id = s.id ${both}`)).rejects.toThrow(
      'Found multiple matches to update the same tuple.',
    );
    expect(await all()).toEqual(['1 one', '2 two']);
  });

  test.each([
    [`merge into t as x using s on x.id = s.id ${both}`, '42601 syntax error at or near "x"'],
    [`merge into t x using s on x.id = s.id ${both}`, '42601 syntax error at or near "x"'],
    [
      'merge into t using s on t.id = s.id when matched and s.id > 1 then delete when not matched then insert values (1, 1)',
      'Additional predicate in WHEN MATCHED clause is not supported',
    ],
    [
      'merge into t using s on t.id = s.id when matched then delete',
      'MERGE needs WHEN MATCHED and then WHEN NOT MATCHED',
    ],
    [
      'merge into t using s on t.id = s.id when not matched then insert values (1, 1) when matched then delete',
      'MERGE needs WHEN MATCHED and then WHEN NOT MATCHED',
    ],
    [
      'merge into t using s on t.id = s.id when matched then do nothing when not matched then insert values (1, 1)',
      'DO NOTHING is not supported',
    ],
    [
      `merge into t using (select s.* from s join t on t.id = s.id) s on t.id = s.id ${both}`,
      'Source view/subquery in Merge statement cannot reference target table.',
    ],
    [`merge into t using t on t.id = t.id ${both}`, '0A000'],
    [`merge into t using s on t.id = 1 ${both}`, 'NestedLoop join is not supported in MERGE'],
    [`merge into t using s on t.id > s.id ${both}`, 'NestedLoop join is not supported in MERGE'],
    [`merge into t using s on t.id = s.id or t.v = s.v ${both}`, 'NestedLoop join is not supported in MERGE'],
    [
      `with s as (select 1 as id, 'x' as v) merge into t using s on t.id = s.id ${both}`,
      'WITH clause is not supported in MERGE',
    ],
    [`merge into t using s on t.id = s.id ${both} returning *`, 'RETURNING is not supported'],
    [
      'merge into t using s on t.id = s.id when matched then update set t.v = s.v when not matched then insert values (1, 1)',
      'on the left of SET',
    ],
    [
      'merge into t using s on t.id = s.id when not matched by source then delete when not matched then insert values (1, 1)',
      'BY SOURCE is not supported',
    ],
  ])('[merge.form] %s', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });
});

describe('INSERT', () => {
  test('[insert.forms] takes fewer values than columns, DEFAULT, WITH before SELECT, and says how many rows', async () => {
    await session.run('insert into t values (7)');
    await session.run("insert into t (v, id) values (default, 8), ('x', 9)");
    const inserted = await session.run('insert into t with q as (select id, v from s) select id + 100, v from q');
    expect(inserted.count).toBe(2);
    await session.run('insert into t (id) values ((select max(id) from s))');
    expect(await all()).toEqual(['1 one', '2 two', '3 ', '7 ', '8 ', '9 x', '102 TWO', '103 THREE']);
  });

  test.each([
    ['insert into t values (1) on conflict do nothing', 'ON CONFLICT is not supported'],
    ['insert into t values (1) returning id', 'RETURNING is not supported'],
    ['insert into t overriding system value values (1)', 'OVERRIDING is not supported'],
    ['with q as (select 1) insert into t select * from q', 'WITH cannot stand before INSERT'],
    ['insert into t (id) values ((select 1)), (2)', 'only in a single-row VALUES'],
    ['insert into t select * from (values (1, 2)) x', 'VALUES is supported only in INSERT'],
    ['insert into t (id) select generate_series(1, 3)', 'not supported on Redshift tables'],
    ['insert into t (v) values (now())', 'not supported on Redshift tables'],
  ])('[insert.foreign] %s', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });
});

describe('UPDATE and DELETE', () => {
  test('[update.forms] UPDATE … FROM and DELETE … USING reach matching rows', async () => {
    expect((await session.run('update t set v = s.v from s where s.id = t.id')).count).toBe(1);
    expect(
      (await session.run('with q as (select 1 as id) update t set id = t.id + 10 from q where q.id = t.id')).count,
    ).toBe(1);
    expect(await all()).toEqual(['2 TWO', '11 one']);
    expect((await session.run('delete from t using s where s.id = t.id')).count).toBe(1);
    expect((await session.run('delete t where id = 11')).count).toBe(1);
    expect(await all()).toEqual([]);
  });

  test.each([
    ['update t set t.v = 1', 'on the left of SET'],
    ['update t set (id, v) = (1, 2)', '0A000'],
    [
      'update t set v = s.v from s left join u on u.id = s.id where s.id = t.id',
      'Target table must be part of an equijoin predicate',
    ],
    ['update t set v = 1 returning id', 'RETURNING is not supported'],
    ['delete from t as x where x.id = 1', 'DELETE takes no alias'],
    ['delete t using s where s.id = t.id', '42601'],
    ['delete from t returning id', 'RETURNING is not supported'],
  ])('[update.foreign] %s', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });
});

test('[tables.dependents] DROP TABLE is refused while a view reads the table, with the hint of Redshift and without the name of the view', async () => {
  await session.run('create view reads_t as select id from t');
  const refused = await session.run('drop table t').catch((error: unknown) => error);
  expect(refused).toMatchObject({
    sqlState: '2BP01',
    message: 'cannot drop table t because other objects depend on it',
    detail: null,
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
  await session.run('drop table t cascade');
  await session.run('drop table if exists t');
});

describe('UPDATE … FROM without an equijoin', () => {
  test.each([
    'update t set v = s.v from s where t.id > s.id',
    'update t set v = s.v from s',
    'update t set v = s.v from s, u where s.id = u.id and t.id = 1',
  ])('[update.equijoin] %s', (sql) => {
    expect(refusal(sql)).toBe('0A000 Target table must be part of an equijoin predicate');
  });

  test.each([
    'update t set v = s.v from s where t.id = s.id + 1 and s.v <> t.v',
    'update t set v = v2 from (select id as id2, v as v2 from s) x where id = id2',
    'update t as x set v = s.v from s where (s.id = x.id)',
  ])('[update.equijoin] %s has one', (sql) => {
    expect(refusal(sql)).toContain('accepted');
  });
});

describe('transactions, locks and settings', () => {
  test.each([
    'begin',
    'begin work',
    'BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE READ WRITE',
    'start transaction',
    'begin read only;',
  ])('%s begins', (sql) => {
    expect(translate(sql)).toEqual({ kind: 'transaction', command: 'begin' });
  });

  test('[transactions.commands] COMMIT, END, ROLLBACK and ABORT end a transaction', () => {
    expect(['commit', 'end transaction', 'rollback work', 'abort'].map((sql) => translate(sql))).toEqual([
      { kind: 'transaction', command: 'commit' },
      { kind: 'transaction', command: 'commit' },
      { kind: 'transaction', command: 'rollback' },
      { kind: 'transaction', command: 'rollback' },
    ]);
  });

  test.each([
    ['savepoint a', 'SAVEPOINT is not supported'],
    ['rollback to savepoint a', 'SAVEPOINT is not supported'],
    ['begin isolation level whatever', '42601'],
    ['commit and chain', '42601'],
    ['lock t in exclusive mode', '42601 syntax error at or near "in"'],
    ['lock table t nowait', '42601 syntax error at or near "nowait"'],
    ['set no_such_setting to 1', '42704 unrecognized configuration parameter "no_such_setting"'],
    ['set enable_case_sensitive_identifier to true', 'can only be off'],
    ['set session authorization x', '0A000'],
    ['listen x', 'LISTEN is not supported'],
    ['do $$ begin end $$', 'DO is not supported'],
    ['select 1; select 2', '42601 cannot insert multiple commands'],
    ['', '42601'],
    ["select 'open", '42601 unterminated quoted string'],
    ['selec 1', '42601 syntax error at or near "selec"'],
  ])('"%s" is refused', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });

  test('[transactions.lock] LOCK takes the whole table, several at a time', async () => {
    await session.peek('begin');
    await session.run('lock table t, public.s');
    const locks = await session.peek(
      "select relation::regclass::text as r, mode from pg_locks where mode = 'AccessExclusiveLock' and relation::regclass::text in ('t', 's') order by 1",
    );
    expect(locks).toEqual([
      { r: 's', mode: 'AccessExclusiveLock' },
      { r: 't', mode: 'AccessExclusiveLock' },
    ]);
    await session.peek('rollback');
  });

  test('the search path decides where tables are made, and does not show what the stand-in adds', async () => {
    await session.run('create schema other');
    await session.run("set search_path to 'other', public");
    await session.run('create table made (a int)');
    expect((await session.run('show search_path')).rows).toEqual([{ search_path: 'other, public' }]);
    expect(await session.peek("select schemaname as s from pg_tables where tablename = 'made'")).toEqual([
      { s: 'other' },
    ]);
    expect((await session.run('select len(md5(v)) as n from t where id = 1')).rows).toEqual([{ n: '32' }]);
    await session.run('set search_path to public');
  });

  test('[settings.others] a setting of Redshift is kept and shown, and has its default before', async () => {
    expect((await session.run('show query_group')).rows).toEqual([{ query_group: 'unset' }]);
    await session.run("set query_group to 'nightly; load'");
    expect((await session.run('show query_group')).rows).toEqual([{ query_group: 'nightly; load' }]);
    await session.run('reset query_group');
    expect((await session.run('show query_group')).rows).toEqual([{ query_group: 'unset' }]);
    await session.run('set statement_timeout = 0');
  });

  test('[commands.recognised] TRUNCATE, ANALYZE, VACUUM, EXPLAIN and COPY are recognised', async () => {
    await session.run('truncate t');
    await session.run('analyze verbose t (id) predicate columns');
    await session.run('vacuum delete only t to 75 percent');
    expect((await session.run('explain select * from t')).rows.length).toBeGreaterThan(0);
    expect(translate("copy t from 's3://x' iam_role 'y'")).toEqual({ kind: 'copy' });
    expect(await all()).toEqual([]);
  });
});
