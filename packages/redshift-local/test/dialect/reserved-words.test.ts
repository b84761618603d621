import { beforeAll, describe, expect, it } from 'vitest';

import { loadDialect, translate } from '../../src/dialect/translate.ts';
import { refusal } from './refusal.ts';

describe('[query.reserved-words] words that Redshift reserves and PostgreSQL does not', () => {
  beforeAll(async () => {
    await loadDialect();
  });

  it.each([
    'create temp table x (raw int)',
    'create table tag (a int)',
    'select a as snapshot from t',
    'select t.partition from t',
    'select a from t as explicit',
    'with system as (select 1 as a) select a from system',
    'insert into t (a, identity) values (1, 2)',
  ])('are refused as names without quotes: %s', (sql) => {
    expect(refusal(sql)).toMatch(/^42601 syntax error at or near "/);
  });

  it.each([
    'create temp table x ("raw" int, b varchar(5) encode raw)',
    'select row_number() over (partition by a order by b) as place from t',
    'select sysdate as now_then, a from t limit 5 offset 2',
    "select 'raw' as word from t",
  ])('are fine in quotes, in literals and where they are syntax: %s', (sql) => {
    expect(translate(sql).kind).toBe('postgres');
  });
});
