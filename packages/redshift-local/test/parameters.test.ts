import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bindParameters } from '../src/data-api/bind-parameters.ts';
import { useRedshift } from './use-redshift.ts';

const redshift = useRedshift();
const table = (name: string) => `${redshift.schema}.${name}`;
const withValues = (values: Record<string, string>) => ({
  Parameters: Object.entries(values).map(([name, value]) => ({ name, value })),
});

describe('[api.parameters] statements with parameters', () => {
  beforeAll(async () => {
    await redshift.run(`create table ${table('people')} (id smallint, name varchar(100))`);
    await redshift.run(`insert into ${table('people')} values (1, 'Ann'), (2, 'Bob')`);
  });

  it('cast the text of a value as its place asks, or as written', async () => {
    const sql = `select name from ${table('people')} where id = :id and id < :most::smallint`;
    expect((await redshift.run(sql, withValues({ id: '1', most: '2' }))).values).toEqual([['Ann']]);
  });

  it('may use a parameter more than once, and echo the text unsubstituted', async () => {
    const sql = `select count(*) from ${table('people')} where id = :id or id = :id`;
    const outcome = await redshift.run(sql, withValues({ id: '2' }));
    expect(outcome.values).toEqual([[1]]);
    expect(outcome).toMatchObject({ QueryString: sql, QueryParameters: [{ name: 'id', value: '2' }] });
  });

  it('take "null" as text', async () => {
    expect((await redshift.run(`select :a as a`, withValues({ a: 'null' }))).values).toEqual([['null']]);
  });

  it('refuse a parameter in the place of a name', async () => {
    const outcome = await redshift.run('select * from :people', withValues({ people: 'people' }));
    expect(outcome.Error).toMatch(/^ERROR: syntax error at or near/);
  });

  it('fail for a value that does not convert', async () => {
    const outcome = await redshift.run(`select * from ${table('people')} where id = :id`, withValues({ id: 'one' }));
    expect(outcome.Status).toBe('FAILED');
  });

  it.each([
    ['not used', 'select 1', [{ name: 'a', value: '1' }]],
    ['used only in a comment', 'select 1 /* :a */', [{ name: 'a', value: '1' }]],
    ['empty', 'select :a', [{ name: 'a', value: '' }]],
    ['with a name of other characters', 'select :a', [{ name: 'a-b', value: '1' }]],
  ])('are refused when a parameter is %s', async (_, sql, Parameters) => {
    await expect(redshift.run(sql, { Parameters })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('are refused when the list is empty', async () => {
    await expect(redshift.run('select 1', { Parameters: [] })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('share parameters in a batch, where each must be used by at least one', async () => {
    const sqls = [
      `insert into ${table('people')} values (:id, :name)`,
      `delete from ${table('people')} where id = :id`,
    ];
    const outcome = await redshift.batch(sqls, withValues({ id: '3', name: 'Cy' }));
    expect(outcome.SubStatements?.map(({ ResultRows }) => ResultRows)).toEqual([1, 1]);
    await expect(redshift.batch(sqls, withValues({ id: '3', name: 'Cy', other: 'x' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('give back every text as it was sent', async () => {
    // Control characters are left out: the parser that the stand-in uses cannot scan them.
    const texts = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 60 })
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect((await redshift.run('select :a as a', withValues({ a: text }))).values).toEqual([[text]]);
      }),
      { numRuns: 25, examples: [[`it's`], ['\\'], [`\\'; drop table x; --`], [':a'], ['$1'], ['é ☃ 𝄞']] },
    );
  });
});

describe('bindParameters', () => {
  const bind = (sql: string) => bindParameters(sql, [{ name: 'a', value: 'V' }]);

  it.each([
    `select ':a', ":a", x::a from t -- :a`,
    `select /* :a */ $$ :a $$, $t$ :a $t$`,
    `select 'it''s :a', E'\\' :a'`,
  ])('leaves %s alone', (sql) => {
    expect(bind(sql)).toEqual({ sql, used: new Set() });
  });

  it('binds next to anything that is not quoted', () => {
    expect(bind(`select ':a'||:a||':a', f(:a,:a)`).sql).toBe(`select ':a'||'V'||':a', f('V','V')`);
  });

  it('leaves COPY as it is, so that the parser refuses the placeholder', () => {
    expect(bind(`copy t from :a iam_role default`).sql).toBe(`copy t from :a iam_role default`);
  });
});
