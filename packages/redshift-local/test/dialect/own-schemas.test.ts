import { beforeAll, expect, it } from 'vitest';
import { loadDialect, translate } from '../../src/dialect/translate.ts';
import { refusal } from './refusal.ts';

beforeAll(async () => {
  await loadDialect();
});

it.each([
  'drop schema redshift_compat cascade',
  'drop schema if exists "REDSHIFT_LOCAL"',
  'drop table a, redshift_local.statements',
  'create table redshift_local.x (a int)',
  'select * from redshift_local.statements',
  'alter table a append from redshift_local.statements',
  'truncate redshift_local.statements',
  'set search_path to redshift_compat, public',
  "set search_path to 'redshift_compat'",
  "copy redshift_local.statements from 's3://a/b' iam_role 'x' json 'auto'",
])('a schema of the stand-in does not exist for a statement: %s', (sql) => {
  expect(refusal(sql)).toMatch(/^3F000 schema "redshift_(compat|local)" does not exist$/);
});

it('a text may name one', () => {
  expect(translate("select 'redshift_compat' as a").kind).toBe('postgres');
});
