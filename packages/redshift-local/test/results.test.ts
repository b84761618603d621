import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  GetStatementResultCommand,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListTablesCommand,
} from '@aws-sdk/client-redshift-data';
import { beforeAll, describe, expect, it } from 'vitest';
import { ResultFiles } from '../src/data-api/result-files.ts';
import { useRedshift } from './use-redshift.ts';

const redshift = useRedshift();
const table = (name: string) => `${redshift.schema}.${name}`;

beforeAll(async () => {
  await redshift.run(
    `create table ${table('kinds')} (
       a smallint, b integer not null, c bigint, d real, e double precision, f decimal(10, 5), g boolean,
       h char(3), i varchar(20), j date, k timestamp, l timestamptz, m varchar(20)
     )`,
  );
  await redshift.run(
    `insert into ${table('kinds')} values (1, 2, 3, 1.5, 2.5, 3.14159, true, 'abc', 'text', '2018-11-01',
       '2018-11-01 12:34:56.789', '2018-11-01 12:34:56+00', null)`,
  );
});

describe('a row', () => {
  it('[api.values] has numbers for integers and floats, text for decimals, dates and times, and isNull for NULL', async () => {
    const { Id } = await redshift.run(`select * from ${table('kinds')}`);
    const { Records } = await redshift.data.send(new GetStatementResultCommand({ Id }));
    expect(Records?.[0]).toEqual([
      { longValue: 1 },
      { longValue: 2 },
      { longValue: 3 },
      { doubleValue: 1.5 },
      { doubleValue: 2.5 },
      { stringValue: '3.14159' },
      { booleanValue: true },
      { stringValue: 'abc' },
      { stringValue: 'text' },
      { stringValue: '2018-11-01' },
      { stringValue: '2018-11-01 12:34:56.789' },
      { stringValue: '2018-11-01 12:34:56+00' },
      { isNull: true },
    ]);
  });

  it('shows a timestamp without a fraction with one', async () => {
    expect((await redshift.run(`select timestamp '2022-02-22 00:00:00' as t`)).values).toEqual([
      ['2022-02-22 00:00:00.0'],
    ]);
  });
});

describe('ColumnMetadata', () => {
  it('[api.metadata] names type, precision, scale, table and schema', async () => {
    const { Id } = await redshift.run(`select a, b, f, i, k from ${table('kinds')}`);
    const { ColumnMetadata } = await redshift.data.send(new GetStatementResultCommand({ Id }));
    const common = { schemaName: redshift.schema, tableName: 'kinds' };
    expect(ColumnMetadata).toMatchObject([
      { ...common, name: 'a', label: 'a', typeName: 'int2', precision: 5, isSigned: true, nullable: 1, length: 0 },
      { ...common, name: 'b', typeName: 'int4', precision: 10, isSigned: true, nullable: 0 },
      { ...common, name: 'f', typeName: 'numeric', precision: 10, scale: 5 },
      { ...common, name: 'i', typeName: 'varchar', precision: 20, isCaseSensitive: true },
      { ...common, name: 'k', typeName: 'timestamp', precision: 29, scale: 6 },
    ]);
  });

  it('of an expression without a name says ?column? and no table', async () => {
    const { Id } = await redshift.run('select 1');
    const { ColumnMetadata } = await redshift.data.send(new GetStatementResultCommand({ Id }));
    expect(ColumnMetadata).toMatchObject([{ name: '?column?', label: '?column?', tableName: '', nullable: 1 }]);
  });
});

describe('[api.catalog] the catalog operations', () => {
  it('list the database, the schema and its tables by pattern', async () => {
    const { ClusterIdentifier, Database } = redshift.target;
    const databases = await redshift.data.send(new ListDatabasesCommand(redshift.target));
    const schemas = await redshift.data.send(
      new ListSchemasCommand({ ...redshift.target, SchemaPattern: 'conformance%' }),
    );
    const tables = await redshift.data.send(
      new ListTablesCommand({ ClusterIdentifier, Database, SchemaPattern: redshift.schema, TablePattern: 'k_nds' }),
    );
    expect(databases.Databases).toContain(Database);
    expect(schemas.Schemas).toContain(redshift.schema);
    expect(tables.Tables).toEqual([{ name: 'kinds', schema: redshift.schema, type: 'TABLE' }]);
  });

  it('describe a table column by column, page by page', async () => {
    const call = { ...redshift.target, Schema: redshift.schema, Table: 'kinds', MaxResults: 7 };
    const first = await redshift.data.send(new DescribeTableCommand(call));
    const second = await redshift.data.send(new DescribeTableCommand({ ...call, NextToken: first.NextToken }));
    const names = [...(first.ColumnList ?? []), ...(second.ColumnList ?? [])].map(({ name }) => name);
    expect(names.join('')).toBe('abcdefghijklm');
    expect(second.NextToken).toBeUndefined();
  });
});

it('keeps the newest large results only, whatever their number, and small ones without a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'redshift-results-'));
  const files = new ResultFiles(folder);
  const store = (name: string, value: string) => {
    const writer = files.writer(name, 'JSON');
    writer.add([value], [{ name: 'a', tableID: 0, columnID: 0, dataTypeID: 25, dataTypeModifier: -1 }]);
    return writer.finish([]);
  };
  const small = store('small', 'x');
  expect(readdirSync(folder)).toEqual([]);
  const stored = Array.from({ length: 1_205 }, (_, n) => store(`r${n}`, String(n).padEnd(5_000)));
  await files.removeOld(Date.now());
  expect(readdirSync(folder)).toHaveLength(1_000);
  expect(stored.filter((result) => files.readPage(result, 0) === null)).toHaveLength(205);
  expect(files.readPage(small, 0)).toBe('[[{"stringValue":"x"}]]');
  rmSync(folder, { recursive: true });
});
