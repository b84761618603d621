import pg from 'pg';
import { expect, test } from 'vitest';
import { useRedshift } from '../use-redshift.ts';

const redshift = useRedshift();

test('a table that grows in small steps has statistics, as Redshift gathers them automatically', async () => {
  const client = new pg.Client(redshift.local.psqlUrl);
  await client.connect();
  const table = `${redshift.schema}.grown`;
  const known = async () => {
    const { rows } = await client.query<{ known: number }>(
      'select reltuples as known from pg_class where oid = to_regclass($1)',
      [table],
    );
    return rows[0]?.known;
  };
  await redshift.run(`create table ${table} (n int)`);
  const insert = async (from: number) => {
    const values = Array.from({ length: 200 }, (_, n) => `(${from + n})`);
    expect(await redshift.run(`insert into ${table} values ${values.join(', ')}`)).toMatchObject({
      Status: 'FINISHED',
    });
  };
  await insert(0);
  await insert(200);
  expect(await known()).toBe(-1);
  await insert(400);
  expect(await known()).toBe(600);
  await client.end();
});
