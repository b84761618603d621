import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { useRedshift } from './use-redshift.ts';

const redshift = useRedshift({ isOwn: true });
const table = () => `${redshift.schema}.words`;

beforeAll(async () => {
  await redshift.run(`create table ${table()} (word varchar(20) sortkey, n int)`);
  await redshift.run(`insert into ${table()} values ('a', 1), ('a ', 2), ('b', 3), ('a  ', 4)`);
});

async function rows(sql: string): Promise<unknown> {
  const { Error: error, values } = await redshift.run(sql.replaceAll('words', table()));
  return error ?? values;
}

describe('trailing blanks', () => {
  it.each([
    ["select 'a' = 'a ', 'a' <> 'a ', 'a' < 'a ', 'a' in ('b', 'a  ')", [[true, false, false, true]]],
    ["select n from words where word = 'a' order by n", [[1], [2], [4]]],
    [
      'select x.n, y.n from words x join words y on x.word = y.word where x.n < y.n order by 1, 2',
      [
        [1, 2],
        [1, 4],
        [2, 4],
      ],
    ],
    ['select count(*) from words group by word order by 1', [[1], [3]]],
    ['select count(distinct word), count(*) from words', [[2, 4]]],
    [
      'select n, row_number() over (partition by word order by n) from words order by 1',
      [
        [1, 1],
        [2, 2],
        [3, 1],
        [4, 3],
      ],
    ],
    ["select count(*) from (select word from words where word < 'b' union select 'a ') u", [[1]]],
    ["select word from words except select 'a'", [['b']]],
    ["select case word when 'a ' then 1 end, nullif(word, 'a') from words where n = 4", [[1, null]]],
    ["select n from words where word in (select 'a ') and n > 1 order by 1", [[2], [4]]],
  ])('[blanks.compare] do not count: %s', async (sql, expected) => {
    expect(await rows(sql)).toEqual(expected);
  });

  it.each([
    ["select n from words where word like 'a'", [[1]]],
    ["select n from words where word like 'a %' order by n", [[2], [4]]],
    ['select length(word), octet_length(word) from words where n = 4', [[3, 3]]],
    ["select md5('a ') = md5('a'), 'a ' || 'b', 'a ' ~ ' $'", [[false, 'a b', true]]],
    ['select word from words where n = 4', [['a  ']]],
  ])('[blanks.text] count: %s', async (sql, expected) => {
    expect(await rows(sql)).toEqual(expected);
  });

  it('[blanks.compare] do not count in data of a version for which they counted', async () => {
    const client = new pg.Client({ connectionString: redshift.local.psqlUrl });
    await client.connect();
    await client.query(AS_POSTGRESQL);
    await client.query("delete from redshift_local.prepared where what = 'text comparison'");
    await client.end();
    const old = new pg.Client({ connectionString: redshift.local.psqlUrl });
    await old.connect();
    // Between the two that are equal now, PostgreSQL sorts others.
    await old.query(
      `create table ${redshift.schema}.aged (word varchar(20)); create index on ${redshift.schema}.aged (word)`,
    );
    await old.query(`insert into ${redshift.schema}.aged select 'a' || chr(i) from generate_series(1, 31) i`);
    await old.query(`insert into ${redshift.schema}.aged values ('a'), ('a ')`);
    await old.end();

    await redshift.restart();

    expect(await rows(`select count(*) from ${redshift.schema}.aged where word = 'a'`)).toEqual([[2]]);
    const check = new pg.Client({ connectionString: redshift.local.psqlUrl });
    await check.connect();
    await check.query('set enable_seqscan to off');
    const { rows: found } = await check.query(`select word from ${redshift.schema}.aged where word = 'a' order by 1`);
    await check.end();
    expect(found).toHaveLength(2);
  });
});

/** How PostgreSQL compares text. */
const AS_POSTGRESQL = `
  update pg_operator set oprcode = case oprname when '=' then 'texteq' when '<>' then 'textne' when '<' then 'text_lt'
    when '<=' then 'text_le' when '>' then 'text_gt' when '>=' then 'text_ge' end::regproc
  where oprleft = 'text'::regtype and oprright = 'text'::regtype and oprname in ('=', '<>', '<', '<=', '>', '>=');
  update pg_amproc set amproc = case amproc::text when 'bpcharcmp' then 'bttextcmp' when 'bpchar_sortsupport' then 'bttextsortsupport'
    when 'hashbpchar' then 'hashtext' when 'hashbpcharextended' then 'hashtextextended' else amproc::text end::regproc
  where amproclefttype = 'text'::regtype and amprocrighttype = 'text'::regtype;
`;
