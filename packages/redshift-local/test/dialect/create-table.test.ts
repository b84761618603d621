import { beforeEach, describe, expect, test } from 'vitest';

import { translate } from '../../src/dialect/translate.ts';
import { refusal } from './refusal.ts';
import { useDialect } from './postgres.ts';

const session = useDialect();

beforeEach(async () => {
  await session.peek('drop schema public cascade; create schema public; discard temp');
});

async function typesOf(table: string): Promise<string[]> {
  const rows = await session.peek(
    `select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end as c
     from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  return rows.map((row) => row['c'] ?? '');
}

async function indexesOf(table: string): Promise<string[]> {
  const rows = await session.peek(`select indexdef from pg_indexes where tablename = '${table}' order by indexdef`);
  return rows.map(
    (row) => (row['indexdef'] ?? '').replace(/^.* USING /, '') + (row['indexdef']?.includes('UNIQUE') ? ' unique' : ''),
  );
}

describe('types', () => {
  test('[types.list] every type of Redshift becomes its PostgreSQL type, with Redshift defaults for lengths', async () => {
    await session.run(`create table t (
      a smallint, b int2, c integer, d int, e int4, f bigint, g int8, h decimal, i numeric(10,5), j real, k float4,
      l double precision, m float8, n float, o boolean, p bool, q char, r char(3), s nchar(4), t bpchar, u varchar,
      v varchar(20), w character varying(30), x nvarchar(5), y text, z varchar(max), aa date, bb time, cc timetz,
      dd timestamp, ee timestamp without time zone, ff timestamptz, gg timestamp with time zone)`);
    expect(await typesOf('t')).toEqual([
      'a smallint', 'b smallint', 'c integer', 'd integer', 'e integer', 'f bigint', 'g bigint', 'h numeric(18,0)',
      'i numeric(10,5)', 'j real', 'k real', 'l double precision', 'm double precision', 'n double precision',
      'o boolean', 'p boolean', 'q character(1)', 'r character(3)', 's character(4)', 't character(256)',
      'u character varying(256)', 'v character varying(20)', 'w character varying(30)', 'x character varying(5)',
      'y character varying(256)', 'z character varying(65535)', 'aa date', 'bb time without time zone',
      'cc time with time zone', 'dd timestamp without time zone', 'ee timestamp without time zone',
      'ff timestamp with time zone', 'gg timestamp with time zone',
    ]); // prettier-ignore
  });

  test.each(['uuid', 'json', 'jsonb', 'bytea', 'serial', 'bigserial', 'money', 'inet', 'xml', 'regclass', 'oid'])(
    '[types.foreign] a %s column is refused: the type does not exist',
    (type) => {
      expect(refusal(`create table t (a ${type})`)).toBe(`42704 type "${type}" does not exist`);
    },
  );

  test.each([
    ['a integer[]', '0A000'],
    ['a varchar(65536)', '22023'],
    ['a char(4097)', '22023'],
    ['a decimal(39, 2)', '22023'],
    ['a decimal(5, 6)', '22023'],
    ['a super', '0A000'],
  ])('the column "%s" is refused with %s', (column, sqlState) => {
    expect(refusal(`create table t (${column})`)).toContain(sqlState);
  });
});

describe('[types.bytes] lengths count bytes', () => {
  test('four characters of two bytes do not fit VARCHAR(7), and fit VARCHAR(8)', async () => {
    await session.run('create table t (a varchar(7), b varchar(8))');
    await session.run(`insert into t (b) values ('éééé')`);
    await expect(session.run(`insert into t (a) values ('éééé')`)).rejects.toMatchObject({
      sqlState: '22001',
      message: expect.stringContaining('value too long for type character varying') as string,
    });
  });

  test('CREATE TABLE AS and LIKE keep the lengths in bytes', async () => {
    await session.run("create table t (a varchar(7) default 'x', b char(3))");
    await session.run('create temp table u as select a, b from t');
    await session.run('create temp table v (like t)');
    for (const table of ['u', 'v']) {
      await expect(session.run(`insert into ${table} (a) values ('éééé')`)).rejects.toMatchObject({
        sqlState: '22001',
      });
      await expect(session.run(`insert into ${table} (b) values ('é')`)).rejects.toMatchObject({ sqlState: '22001' });
    }
  });
});

describe('keys', () => {
  test('[keys.not-enforced] primary and unique keys are never enforced, a primary key makes its columns NOT NULL', async () => {
    await session.run(
      'create table t (a int primary key, b int unique, c int references t (a), primary key (a), unique (b), foreign key (c) references t (a))',
    );
    await session.run('insert into t values (1, 1, 99), (1, 1, 99)');
    expect((await session.run('select count(*) from t')).rows).toEqual([{ count: '2' }]);
    expect(await typesOf('t')).toEqual(['a integer not null', 'b integer', 'c integer']);
    await expect(session.run('insert into t (b) values (2)')).rejects.toMatchObject({
      sqlState: '23502',
      message: 'Cannot insert a NULL value into column a',
    });
  });

  test('sort, distribution and primary keys become one plain index per list of columns', async () => {
    await session.run(`create table if not exists t (a bigint encode az64 not null, b timestamp encode raw, c varchar(8) encode zstd, primary key (a))
      backup no diststyle key distkey (a) compound sortkey (b, c)`);
    expect(await indexesOf('t')).toEqual(['btree (a)', 'btree (b, c)']);
    await session.run(
      'create table if not exists t (a bigint, b timestamp, c varchar(8), primary key (a)) sortkey (b, c)',
    );
    expect(await indexesOf('t')).toEqual(['btree (a)', 'btree (b, c)']);
  });

  test('a column attribute says the same as a table attribute', async () => {
    await session.run('create table t (a bigint distkey, b timestamp sortkey, "encode" int) diststyle key encode auto');
    expect(await indexesOf('t')).toEqual(['btree (a)', 'btree (b)']);
    expect(await typesOf('t')).toEqual(['a bigint', 'b timestamp without time zone', 'encode integer']);
  });

  test('a key on a column too wide for a B-tree still takes every value', async () => {
    await session.run('create table t (a varchar(65535)) sortkey (a)');
    await session.run(`insert into t values ('${'x'.repeat(20_000)}')`);
    expect(await indexesOf('t')).toEqual(['hash (a)']);
  });

  test('a key on a column that is not there is refused', () => {
    expect(refusal('create table t (a int) sortkey (b)')).toBe('42703 column "b" named in key does not exist');
  });

  test('[keys.storage] pg_table_def and svv_table_info show storage and keys', async () => {
    await session.run(
      'create table t (a bigint not null encode az64, b varchar(10)) diststyle key distkey(a) sortkey(b, a)',
    );
    expect((await session.run("select * from pg_table_def where tablename = 't'")).rows).toEqual([
      {
        schemaname: 'public',
        tablename: 't',
        column: 'a',
        type: 'bigint',
        encoding: 'az64',
        distkey: 't',
        sortkey: '2',
        notnull: 't',
      },
      {
        schemaname: 'public',
        tablename: 't',
        column: 'b',
        type: 'character varying(10)',
        encoding: 'none',
        distkey: 'f',
        sortkey: '1',
        notnull: 'f',
      },
    ]);
    expect((await session.run('select diststyle, sortkey1 from svv_table_info where "table" = \'t\'')).rows).toEqual([
      { diststyle: 'KEY(a)', sortkey1: 'b' },
    ]);
  });
});

describe('identity', () => {
  test('[keys.identity] IDENTITY(seed, step) counts and cannot be written; GENERATED BY DEFAULT can', async () => {
    await session.run('create table t (a bigint identity(10, 5), b int generated by default as identity(1, 1), c int)');
    await session.run('insert into t (c) values (1), (2)');
    await session.run('insert into t (b, c) values (77, 3)');
    expect((await session.run('select a, b from t order by c')).rows).toEqual([
      { a: '10', b: '1' },
      { a: '15', b: '2' },
      { a: '20', b: '77' },
    ]);
    await expect(session.run('insert into t (a, c) values (1, 1)')).rejects.toThrow(
      'cannot set an identity column to a value',
    );
    expect(refusal('create table t (a varchar(3) identity(1, 1))')).toContain('must be of type INT or BIGINT');
  });
});

describe('temporary tables', () => {
  test('[tables.temporary] a temporary table shadows a permanent one and takes no schema; #name is temporary', async () => {
    await session.run('create table t (a int)');
    await session.run('create local temporary table t (b int)');
    await session.run('create table #stage (a int)');
    await session.run('insert into #stage select 1');
    await session.run('insert into t (b) values (2)');
    expect((await session.run('select #stage.a, t.b from #stage, t')).rows).toEqual([{ a: '1', b: '2' }]);
    expect((await session.peek("select relpersistence as p from pg_class where relname = '#stage'"))[0]).toEqual({
      p: 't',
    });
    expect(refusal('create temp table public.t (a int)')).toBe(
      '42P16 cannot create temporary relation in non-temporary schema',
    );
    expect(refusal('create temp table t (a int) on commit drop')).toContain('42601');
  });

  test('[tables.like] LIKE copies types, NOT NULL and keys, defaults only on request, and takes no storage attributes', async () => {
    await session.run("create table t (a int not null default 7, b varchar(3) default 'x') sortkey (a)");
    await session.run('create temp table plain (like t)');
    await session.run('create temp table full_copy (like t including defaults)');
    await session.run('insert into full_copy default values');
    expect((await session.run('select * from full_copy')).rows).toEqual([{ a: '7', b: 'x' }]);
    await expect(session.run('insert into plain default values')).rejects.toMatchObject({ sqlState: '23502' });
    expect(await indexesOf('plain')).toEqual(['btree (a)']);
    expect(refusal('create table u (like t) diststyle all')).toContain('they are inherited');
    expect(refusal('create table u (like t including all)')).toContain('0A000');
  });

  test('[tables.as] CREATE TABLE AS takes attributes before AS and counts its rows', async () => {
    const made = await session.run(
      'create table t (x, y) diststyle all sortkey (x) as with one as (select 1 as a) select a, 2 from one union all select 3, 4',
    );
    expect(made.count).toBe(2);
    expect((await session.run('select x, y from t order by x')).rows).toEqual([
      { x: '1', y: '2' },
      { x: '3', y: '4' },
    ]);
    expect(await indexesOf('t')).toEqual(['btree (x)']);
  });
});

describe('[tables.foreign] what Redshift lacks is refused', () => {
  test.each([
    ['create table t (a int check (a > 0))', 'CHECK constraints are not supported'],
    ['create table t (a int, exclude using gist (a with =))', 'EXCLUDE constraints are not supported'],
    ['create table t (a int) partition by range (a)', '42601'],
    ['create table t (a int) inherits (b)', '42601'],
    ['create table t (a int) with (fillfactor = 50)', '42601'],
    ['create table t (a int) tablespace x', '42601'],
    ['create unlogged table t (a int)', 'UNLOGGED'],
    ['create table t (a int generated always as (1) stored)', 'generated columns are not supported'],
    ['create table t (a int encode nonsense)', '42601 syntax error at or near "nonsense"'],
    ['create table t (a int) diststyle some', '42601 syntax error at or near "some"'],
    ['create table t (a int) diststyle even distkey (a)', 'DISTKEY cannot be specified with DISTSTYLE EVEN'],
    ['create table t (a int) diststyle key', 'DISTSTYLE KEY requires a DISTKEY'],
    ['create table t (a int primary key deferrable)', 'DEFERRABLE'],
    ['create index i on t (a)', 'CREATE INDEX is not supported'],
    ['create sequence s', 'CREATE SEQUENCE is not supported'],
    ["create type x as enum ('a')", 'CREATE TYPE is not supported'],
    ['create materialized view v as select 1', 'CREATE MATERIALIZED'],
    ['create extension pgcrypto', 'CREATE EXTENSION is not supported'],
    ['create function f() returns int as $$ select 1 $$ language sql', 'CREATE FUNCTION'],
    ['create table t as values (1)', 'VALUES is supported only in INSERT'],
  ])('%s', (sql, message) => {
    expect(refusal(sql)).toContain(message);
  });
});

describe('encodings and fields', () => {
  test.each([
    ['boolean', 'az64'],
    ['varchar(5)', 'az64'],
    ['float', 'az64'],
    ['varchar(10)', 'delta'],
    ['smallint', 'mostly16'],
    ['integer', 'text255'],
    ['boolean', 'lzo'],
  ])('[types.encodings] a column of type %s does not take ENCODE %s', (type, encoding) => {
    const refused = '0A000 invalid encoding type specified for column "a"';
    expect(refusal(`create temp table t (a ${type} encode ${encoding})`)).toBe(refused);
    expect(refusal(`alter table t add column a ${type} encode ${encoding}`)).toBe(refused);
  });

  test('[types.encodings] a column takes an encoding of its type, and RAW and ZSTD always', () => {
    const columns =
      'a timestamp encode az64, b decimal(9,2) encode mostly32, c varchar(9) encode lzo, d boolean encode raw';
    expect(refusal(`create table t (${columns}, e float encode zstd, f char(4) encode bytedict)`)).toContain(
      'accepted',
    );
  });

  test('[types.interval-fields] an INTERVAL column needs its fields', () => {
    expect(refusal('create temp table t (a interval)')).toContain('42601 INTERVAL needs its fields');
    expect(refusal('create temp table t (a interval hour)')).toContain('42601 INTERVAL needs its fields');
    expect(refusal('create table t (a interval year to month, b interval day to second)')).toContain('accepted');
  });
});

describe('other definitions', () => {
  test('[tables.other] schemas, views, renaming, dropping and comments work as in Redshift', async () => {
    await session.run('create user somebody password disable');
    await session.run('create group analysts');
    await session.run('create schema if not exists s authorization somebody');
    await session.run('create table s.t (a int)');
    await session.run('insert into s.t values (1)');
    await session.run('create or replace view s.v as select a, getdate() as now_at from s.t');
    expect((await session.run('select a from s.v')).rows).toEqual([{ a: '1' }]);
    await session.run("comment on table s.t is 'what; it is'");
    await session.run("comment on column s.t.a is 'what it means'");
    const described = await session.run(
      `select d.objsubid, d.description from pg_description d join pg_class c on c."oid" = d.objoid
       where c.relname = 't' order by d.objsubid`,
    );
    expect(described.rows).toEqual([
      { objsubid: '0', description: 'what; it is' },
      { objsubid: '1', description: 'what it means' },
    ]);
    expect(refusal("comment on index i is 'x'")).toContain('COMMENT ON INDEX is not supported');
    await session.run('alter table s.t rename column a to b');
    await session.run('alter table s.t rename to u');
    await session.run("alter table s.u add column c varchar(2) encode zstd not null default 'é'");
    await session.run('alter table s.u owner to somebody');
    await session.run('grant select on s.u to group analysts');
    expect((await session.run('select * from s.u')).rows).toEqual([{ b: '1', c: 'é' }]);
    await session.run('alter table s.u drop column c cascade');
    await session.run('drop table if exists s.u, s.missing cascade');
    await session.run('drop schema if exists s cascade');
    expect(refusal('alter table t add column a int, add column b int')).toContain('one change per statement');
    expect(refusal('alter table t add column if not exists a int')).toContain('IF NOT EXISTS');
    expect(refusal('alter table t alter column a set not null')).toContain('0A000');
    expect(refusal('alter table t alter column a type int')).toContain('target data type is not supported');
    expect(refusal('alter table t add column a int not null')).toContain('must have a non-null default');
  });

  test('the declaration of a primary key can be dropped by its name; the index that stands for it stays', async () => {
    await session.run('create table t (a int, b int, primary key (a))');
    await session.run('alter table t drop constraint t_pkey');
    expect(await indexesOf('t')).toEqual(['btree (a)']);
    expect(refusal('alter table t drop constraint redshift_bytes_a')).toContain(
      '42704 constraint "redshift_bytes_a" of relation "t" does not exist',
    );
    expect(refusal('alter table t drop constraint if exists t_pkey')).toContain('IF EXISTS is not supported');
    await expect(session.run('alter table missing drop constraint missing_pkey')).rejects.toMatchObject({
      sqlState: '42P01',
    });
  });

  test('[tables.alter] a VARCHAR grows, outside a transaction block only', async () => {
    await session.run('create table t (a varchar(2))');
    await session.run('alter table t alter column a type varchar(6)');
    await session.run("insert into t values ('ééé')");
    await expect(session.run("insert into t values ('éééé')")).rejects.toMatchObject({ sqlState: '22001' });
    expect(translate('alter table t alter column a type varchar(6)')).toMatchObject({
      refusesTransactionBlock: 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block',
    });
    expect(translate('alter table t append from u')).toMatchObject({
      refusesTransactionBlock: 'ALTER TABLE APPEND cannot run inside a transaction block',
    });
    expect(translate('vacuum full t to 99 percent')).toMatchObject({
      refusesTransactionBlock: 'VACUUM cannot run inside a transaction block',
    });
    expect(translate('truncate table t')).toMatchObject({ commitsTransaction: true });
    expect(refusal('truncate t, u')).toContain('TRUNCATE takes one table');
  });
});
