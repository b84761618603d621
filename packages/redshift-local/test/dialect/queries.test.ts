import { beforeAll, describe, expect, test } from 'vitest';

import { useDialect } from './postgres.ts';
import { refusal } from './refusal.ts';

const session = useDialect();

beforeAll(async () => {
  await session.run('create table t (id int, k varchar(20), n int)');
  await session.run("insert into t values (1, 'a', 10), (2, 'a', 20), (3, 'b', 30), (4, null, 40)");
});

const rowsOf = async (sql: string): Promise<(string | null)[][]> =>
  (await session.run(sql)).rows.map((row) => Object.values(row));

describe('[query.qualify] QUALIFY', () => {
  test('keeps the rows whose window satisfies the condition, with the columns of *', async () => {
    const { rows } = await session.run(
      'select * from t as x qualify row_number() over (partition by k order by n desc) = 1 order by id',
    );
    expect(rows).toEqual([
      { id: '2', k: 'a', n: '20' },
      { id: '3', k: 'b', n: '30' },
      { id: '4', k: null, n: '40' },
    ]);
  });

  test('names a column of the select list, stands behind WHERE, GROUP BY and HAVING, and before ORDER BY and LIMIT', async () => {
    expect(
      await rowsOf(
        'select id, rank() over (order by n desc) as r from t where k is not null qualify r = 2 or r = 3 order by n desc, id limit 5',
      ),
    ).toEqual([
      ['2', '2'],
      ['1', '3'],
    ]);
    expect(
      await rowsOf(
        "select k, sum(n) as total from t group by k having sum(n) > 5 or k = 'z' qualify row_number() over (order by sum(n) desc) <= 2 order by total desc, 1",
      ),
    ).toEqual([
      [null, '40'],
      ['a', '30'],
    ]);
  });

  test('works in a subquery, a WITH query and UNION', async () => {
    expect(
      await rowsOf(
        'with q as (select id from t x qualify row_number() over (order by id) = 1) select id from q union all select id from (select id from t y qualify row_number() over (order by id) = 2) z order by 1',
      ),
    ).toEqual([['1'], ['2']]);
  });

  test('two relations: every * keeps the columns of both', async () => {
    const { rows } = await session.run(
      'select a.*, b.k from t a join t b on a.id = b.id qualify row_number() over (order by a.id) = 1',
    );
    expect(rows).toEqual([{ id: '1', k: 'a', n: '10' }]);
  });

  test('directly behind FROM it needs an alias', () => {
    expect(refusal('select * from t qualify row_number() over (order by id) = 1')).toContain('needs an alias');
  });
});

describe('what Redshift adds', () => {
  test('[query.redshift] TOP, MINUS, sysdate, GROUPING SETS and quoted capitals', async () => {
    expect(await rowsOf('select top 2 id from t order by id')).toEqual([['1'], ['2']]);
    expect(await rowsOf('select id from t minus select id from t where id > 1')).toEqual([['1']]);
    expect(
      await rowsOf('select k, count(*) from t where k is not null group by grouping sets ((k), ()) order by 2, 1'),
    ).toEqual([
      ['b', '1'],
      ['a', '2'],
      [null, '3'],
    ]);
    expect((await session.run('select "T"."ID" as "Mixed Case", k as "K" from "T" where "ID" = 1')).rows).toEqual([
      { 'mixed case': '1', k: 'a' },
    ]);
    expect(await rowsOf('select (id, k) in (select id, k from t) from t where id = 1')).toEqual([['t']]);
  });

  test('[query.nulls-order] NULLs come last ascending and first descending', async () => {
    expect(await rowsOf('select k from t order by k limit 1')).toEqual([['a']]);
    expect(await rowsOf('select k from t order by k desc limit 1')).toEqual([[null]]);
  });

  test('[query.leader-node] catalogs and system views can be read alone, not beside user tables', async () => {
    expect((await session.run("select table_name from svv_tables where table_schema = 'public'")).rows).toEqual([
      { table_name: 't' },
    ]);
    expect(
      (
        await session.run(
          "select column_name, data_type, character_maximum_length from svv_columns where table_name = 't' order by ordinal_position",
        )
      ).rows[1],
    ).toEqual({
      column_name: 'k',
      data_type: 'character varying',
      character_maximum_length: '20',
    });
    expect((await session.run("select nspname from pg_namespace where nspname = 'public'")).rows).toHaveLength(1);
    expect((await session.run("select count(*) from information_schema.columns where table_name = 't'")).rows).toEqual([
      { count: '3' },
    ]);
    expect(refusal('select * from pg_class c, t')).toContain('not supported on Redshift tables');
    expect(refusal('select * from pg_stat_activity')).toBe('42P01 relation "pg_stat_activity" does not exist');
    expect(refusal('select * from pg_catalog.pg_proc')).toBe('42P01 relation "pg_proc" does not exist');
    expect(refusal('select * from redshift_compat.table_storage')).toContain('3F000');
    expect(refusal('select * from information_schema.triggers')).toContain('42P01');
  });

  test('[query.transactions] svv_transactions has the documented columns, and rows for a lock and its transaction', async () => {
    const columns = await session.peek(
      "select attname || ' ' || format_type(atttypid, null) as name from pg_attribute where attrelid = 'redshift_compat.svv_transactions'::regclass and attnum > 0 order by attnum",
    );
    expect(columns.map(({ name }) => name)).toEqual([
      'txn_owner character varying',
      'txn_db character varying',
      'xid bigint',
      'pid integer',
      'txn_start timestamp without time zone',
      'lock_mode character varying',
      'lockable_object_type character varying',
      'relation integer',
      'granted boolean',
    ]);
    await session.peek('begin');
    await session.run('lock t');
    const locked =
      "select lockable_object_type, granted from svv_transactions where lock_mode like '%ExclusiveLock' order by 1";
    expect(await rowsOf(locked)).toEqual([
      ['relation', 't'],
      ['transactionid', 't'],
    ]);
    await session.peek('rollback');
  });

  test('[query.missing] missing tables and columns have the text and SQLSTATE of Redshift', async () => {
    await expect(session.run('select * from missing')).rejects.toMatchObject({
      sqlState: '42P01',
      message: 'relation "missing" does not exist',
    });
    await expect(session.run('select missing from t')).rejects.toMatchObject({
      sqlState: '42703',
      message: 'column "missing" does not exist',
    });
    await expect(session.run("select 'x'::int")).rejects.toMatchObject({ sqlState: '22P02' });
  });
});

describe('windows', () => {
  test('[query.frames] an aggregate with ORDER BY needs a ROWS frame', async () => {
    expect(await rowsOf('select sum(n) over (order by id rows unbounded preceding) from t order by id')).toEqual([
      ['10'],
      ['30'],
      ['60'],
      ['100'],
    ]);
    expect(await rowsOf('select max(n) over (partition by k) from t order by id')).toEqual([
      ['20'],
      ['20'],
      ['30'],
      ['40'],
    ]);
    expect(
      await rowsOf(
        'select lag(n, 1) over (order by id), first_value(n) over (order by id rows between unbounded preceding and unbounded following) from t order by id limit 1',
      ),
    ).toEqual([[null, '10']]);
    for (const aggregate of ['sum(n)', 'count(*)', 'avg(n)', 'first_value(n)', 'last_value(n)']) {
      expect(refusal(`select ${aggregate} over (order by id) from t`)).toBe(
        '42601 Aggregate window functions with an ORDER BY clause require a frame clause',
      );
    }
    expect(refusal('select sum(n) over (order by id range unbounded preceding) from t')).toContain(
      'RANGE clause of window functions not yet implemented',
    );
    expect(refusal('select sum(n) over w from t window w as (order by id)')).toContain(
      'WINDOW clause is not supported',
    );
    expect(refusal('select count(distinct n) over (partition by k) from t')).toContain(
      'DISTINCT is not supported in window',
    );
    expect(refusal("select row_number() over (order by 'x') from t")).toContain('string literal');
  });
});

describe('[query.foreign] what PostgreSQL has and Redshift lacks is refused', () => {
  test.each([
    ['select distinct on (k) * from t', 'SELECT DISTINCT ON is not supported'],
    ['select count(*) filter (where id > 1) from t', 'FILTER (WHERE'],
    ['select * from t, lateral (select 1) x', 'LATERAL is not supported'],
    ['select * from t, generate_series(1, 3)', 'not supported on Redshift tables'],
    ['select id is distinct from n from t', 'IS DISTINCT FROM is not supported'],
    ['select array[1, 2]', 'array constructors'],
    ["select k -> 'x' from t", 'operator -> is not supported'],
    ["select k ->> 'x' from t", 'operator ->> is not supported'],
    ['select k @> k from t', 'operator @> is not supported'],
    ['select row(1, 2)', 'row constructors'],
    ['select * from t for update', 'FOR UPDATE is not supported'],
    ['select * from t tablesample system (1)', 'TABLESAMPLE'],
    ['select * from (values (1)) x', 'VALUES is supported only in INSERT'],
    ['values (1)', 'VALUES is supported only in INSERT'],
    ['select id from t intersect all select 1', 'INTERSECT ALL is not supported'],
    ['select * into u from t', 'SELECT INTO'],
    ['select k collate "C" from t', 'COLLATE'],
    ['select id = any(array[1]) from t', '0A000'],
    ['with a as materialized (select 1) select * from a', '42601'],
    ['with a as (with b as (select 1) select * from b) select * from a', 'WITH inside a WITH query'],
    ['with a as (delete from t returning *) select * from a', '0A000'],
    ['select * from t fetch first 1 row with ties', '42601'],
    ['select current_timestamp(3)', 'CURRENT_TIMESTAMP(n) is not supported'],
    ['select max(id order by id) from t', 'ORDER BY inside max'],
    ['select k::json from t', '42704 type "json" does not exist'],
    ["select '1'::regclass", '42704'],
    ['select * from unnest(array[1])', '0A000'],
    ['select id::int[] from t', 'array types'],
    ['select x from dev.public.t', 'cross-database reference'],
    ['select overlay(k placing k from 1) from t', '0A000'],
    ["unload ('select 1') to 's3://x' iam_role 'y'", 'UNLOAD is Redshift SQL'],
    ['create table redshift_marker_top (a int)', 'redshift_marker_'],
    [`select ${'n'.repeat(64)} from t`, 'names of more than 63 bytes'],
    ['select * from t limit 1 offset (select 1 for update)', 'FOR UPDATE'],
    ['select lag(n) ignore nulls over (order by id) from t', 'IGNORE NULLS'],
  ])('%s', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });
});

describe('correlated subqueries', () => {
  test.each([
    'select 1 from t a where exists (select 1 from t b where exists (select 1 from t c where c.id = a.id and c.n = b.n))',
    'select 1 from t a left join t p on p.id = a.id and p.n = (select max(q.n) from t q where q.k = a.k)',
    'select a.id from t a where a.n not in (select sum(b.n) over () from t b where b.id = a.id)',
    'select a.id from t a where a.n in (select sum(b.n) from t b where b.id = a.id group by b.k)',
    'delete from t where exists (select 1 from (select b.id from t b where b.id = t.id) x)',
  ])('[correlated.patterns] %s', (sql) => {
    expect(refusal(sql)).toBe('0A000 This type of correlated subquery pattern is not supported yet');
  });

  test.each([
    'select 1 from t a where a.id in (select b.id from t b where b.k = a.k or b.n = a.n)',
    'select (select b.n from t b where b.id = a.id order by 1 limit 1) from t a',
  ])('[correlated.or-limit] %s', (sql) => {
    expect(refusal(sql)).toBe('0A000 This type of correlated subquery pattern is not supported yet');
  });

  test.each([
    'select 1 from t a where exists (select 1 from t b where b.id = a.id and b.n <> a.n)',
    'select (select max(b.n) from t b where b.id = a.id) from t a',
    'select 1 from t a where a.id in (select b.id from t b where b.n > 1 or b.k is null limit 10)',
    'with c as (select k from t) select 1 from t a where not exists (select 1 from c where c.k = a.k)',
    'insert into t select s.id from t s where not exists (select 1 from t x where x.id = s.id)',
  ])('[correlated.patterns] not: %s', (sql) => {
    expect(refusal(sql)).toContain('accepted');
  });
});
