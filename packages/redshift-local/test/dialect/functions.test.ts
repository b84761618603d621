import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, test } from 'vitest';

import { useDialect } from './postgres.ts';
import { refusal } from './refusal.ts';

const session = useDialect();

beforeAll(async () => {
  await session.run('create table t (id int, v varchar(200), n bigint, d decimal(10,2), f float, at timestamp)');
  await session.run(
    "insert into t values (1, 'b', 1, 1.5, 1, '2018-11-04 23:59:59.123456'), (2, 'a', 2, 2.5, 2, '2018-11-05'), (4, null, null, null, null, null)",
  );
});

/** The value of an expression, with its type as PostgreSQL names it. */
async function value(expression: string): Promise<string | null> {
  const { rows } = await session.run(`select ${expression} as x`);
  return rows[0]?.['x'] ?? null;
}

describe('[functions.dates] dates', () => {
  test.each([
    ["dateadd(day, 1, '2018-02-28')", '2018-03-01 00:00:00'],
    ["dateadd('month', 1, '2018-04-30'::date)", '2018-05-30 00:00:00'],
    [
      "dateadd(ms, 1541121934796 % 60000, dateadd(minute, 25685365, '1970-01-01 00:00:00'::timestamp))",
      '2018-11-02 01:25:34.796',
    ],
    ["dateadd(w, -1, '2018-11-05 01:00:00'::timestamp)", '2018-10-29 01:00:00'],
    ["dateadd(qtr, 1, '2018-11-05'::timestamp)", '2019-02-05 00:00:00'],
    ["datediff(day, '2018-12-31 23:59:59', '2019-01-01 00:00:01')", '1'],
    ["datediff(year, '2018-12-31'::date, '2019-01-01'::date)", '1'],
    ["datediff(qtr, '2018-12-31', '2019-04-01')", '2'],
    ["datediff(hour, '2018-12-31 23:59:59', '2018-12-31 23:00:00')", '0'],
    ["datediff(min, '2018-12-31 23:59:59', '2019-01-01 00:00:00')", '1'],
    ["extract(dow from timestamp '2018-11-04 10:00:00')", '0'],
    ["extract(week from timestamp '2018-12-31 10:00:00')", '1'],
    ["extract(hour from timestamp '2018-11-04 10:59:59')", '10'],
    ["extract(sec from timestamp '2018-11-04 10:59:59.7')", '59'],
    ["extract(ms from timestamp '2018-11-04 10:59:59.789')", '789'],
    ["extract(us from timestamp '2018-11-04 10:59:59.189717')", '189717'],
    ["extract(epoch from timestamp '2018-11-04 10:59:59.9')", '1541329199'],
    ["date_part(s, timestamp '2018-11-04 10:59:03.189717')", '3.189717'],
    ["date_part('weekday', '2018-11-10'::date)", '6'],
    ["date_part(yrs, '2018-11-10')", '2018'],
    ["date_trunc('week', '2018-11-04 10:00:00'::timestamp)", '2018-10-29 00:00:00'],
    ["date_trunc('mon', '2018-11-04'::date)", '2018-11-01 00:00:00'],
    ["timestamp 'epoch' + 1541121934 * interval '1 second'", '2018-11-02 01:25:34'],
    ["trunc('2018-11-04 10:00:00'::timestamp)", '2018-11-04'],
    ["to_char(timestamp '2018-11-04 10:00:00.5', 'YYYY-MM-DD HH24:MI:SS.MS')", '2018-11-04 10:00:00.500'],
    ["to_date('04112018', 'DDMMYYYY')", '2018-11-04'],
    ["to_timestamp('2018-11-04 10:00', 'YYYY-MM-DD HH24:MI')", '2018-11-04 10:00:00+00'],
    ["convert_timezone('US/Pacific', '2018-11-04 20:00:00'::timestamp)", '2018-11-04 12:00:00'],
    ["convert_timezone('EST', 'UTC', '2018-11-04 20:00:00'::timestamp)", '2018-11-05 01:00:00'],
    ["add_months('2008-04-30'::timestamp, 1)", '2008-05-31 00:00:00'],
    ["last_day('2008-02-10'::timestamp)", '2008-02-29'],
    ["getdate() <= sysdate + interval '1 minute'", 't'],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test.each([
    ['dateadd(day, 1, at)', 'timestamp without time zone'],
    ['datediff(day, at, at)', 'bigint'],
    ['date_part(day, at)', 'double precision'],
    ['extract(day from at)', 'integer'],
    ['extract(day from at::timestamptz)', 'double precision'],
    ["date_trunc('day', at)", 'timestamp without time zone'],
    ['getdate()', 'timestamp without time zone'],
    ['sysdate', 'timestamp without time zone'],
    ['avg(id)', 'bigint'],
    ['count(*)', 'bigint'],
    ['listagg(v)', 'character varying'],
  ])('%s has the type %s', async (expression, type) => {
    await session.run(`create temp table typed as select ${expression} as x from t`);
    const rows = await session.peek(
      "select format_type(atttypid, null) as type from pg_attribute where attrelid = 'typed'::regclass and attnum = 1",
    );
    await session.run('drop table typed');
    expect(rows[0]?.['type']).toBe(type);
  });

  test('[functions.now] GETDATE is the time of the statement, SYSDATE of the transaction', async () => {
    await session.peek('begin');
    const first = (await session.run('select sysdate as s')).rows;
    await session.peek('select pg_sleep(0.002)');
    expect((await session.run('select sysdate as s')).rows).toEqual(first);
    await session.peek('commit');
  });

  test('an unknown date part is refused', () => {
    expect(refusal('select dateadd(fortnight, 1, at) from t')).toContain('22023 date part "fortnight"');
    expect(refusal('select datediff(dayz, at, at) from t')).toContain('22023');
  });
});

describe('[functions.text] text', () => {
  test.each([
    ["nvl(null, 'a')", 'a'],
    ["nvl2(null, 'a', 'b')", 'b'],
    ["decode(null, 1, 'one', null, 'none', 'other')", 'none'],
    ["decode(2, 1, 'one', 2, 'two')", 'two'],
    ["decode(3, 1, 'one', 2, 'two')", null],
    ["len('été')", '3'],
    ["octet_length('été')", '5'],
    ["concat('a', null)", null],
    ["concat('a', 1)", 'a1'],
    ["'a' || 'b'", 'ab'],
    ["charindex('b', 'abc')", '2'],
    ["position('c' in 'abc')", '3'],
    ["strpos('abc', 'c')", '3'],
    ["substring('abcdef', 2, 3)", 'bcd'],
    ["substring('abcdef' from 2 for 3)", 'bcd'],
    ["left('été', 2) || right('abc', 1)", 'étc'],
    ["trim('  a ') || btrim('xax', 'x') || trim(both 'y' from 'yby')", 'aab'],
    ["lpad('7', 3, '0') || rpad('a', 3, '-')", '007a--'],
    [
      "replace('abc', 'b', 'x') || translate('abc', 'ac', 'xy') || reverse('abc') || upper('é') || initcap('ab cd')",
      'axcxbycbaéAb Cd',
    ],
    ["split_part('a|b|c', '|', 2)", 'b'],
    ["regexp_substr('abc123', '[0-9]+')", '123'],
    ["regexp_substr('abc', '[0-9]+')", ''],
    ["regexp_instr('abc123', '[0-9]+')", '4'],
    ["regexp_count('a1b22', '[0-9]')", '3'],
    ["regexp_replace('a1b22', '[0-9]', '#')", 'a#b##'],
    ["regexp_replace('a1b22', '[0-9]')", 'ab'],
    ["chr(65) || ascii('A')", 'A65'],
    [
      "'abc' ~ '^a' and 'abc' !~ 'x' and 'ABC' ~* 'b' and 'abc' like 'a%' and 'abc' ilike 'A_C' and 'abc' similar to 'a(b|c)+'",
      't',
    ],
    ["strtol('ff', 16)", '255'],
    ["strtol('0xFF', 16) + strtol('-f', 16) + strtol('fffffffffffffff', 16) - strtol('fffffffffffffff', 16)", '240'],
    ["strtol('7fffffffffffffff', 16)", '9223372036854775807'],
    ["strtol('', 10)", '0'],
    ['greatest(1, null, 3) + least(2, null)', '5'],
    ["round(2.345, 2) || ' ' || round(2.345::float, 1)", '2.35 2.3'],
    ['trunc(2.9) + ceil(1.1) + floor(1.9) + abs(-1) + mod(7, 4) + power(2, 3) + sign(-4)', '16'],
    ['7 / 2', '3'],
    ["cast('abcdef' as varchar(3))", 'abc'],
    ["'ééé'::varchar(5)", 'éé'],
    ['convert(varchar(2), 12345)', '12'],
    ["convert(decimal(10, 2), '1.239')", '1.24'],
    ["interval '2 days' + timestamp '2018-11-01'", '2018-11-03 00:00:00'],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test('a text that is not a number of the base is refused by STRTOL', async () => {
    await expect(value("strtol('12g', 16)")).rejects.toThrow('not valid to be converted to base 16');
    await expect(value("strtol('12', 2)")).rejects.toThrow('not valid to be converted to base 2');
  });

  test('[functions.names] columns have the names that Redshift gives them', async () => {
    const { rows } = await session.run(
      "select count(*), max(id), len('a'), dateadd(day, 1, '2018-01-01'), v::varchar(1), 1 + 1, getdate(), coalesce(v, 'x'), decode(1, 1, 2), nvl(v, 'q') from t where id = 1 group by v",
    );
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'count',
      'max',
      'len',
      'date_add',
      'v',
      '?column?',
      'getdate',
      'coalesce',
      'case',
    ]);
  });
});

describe('patterns', () => {
  test.each([
    ["'12' || chr(10) || 'abc' ~ '^[0-9]{1,18}$'", 't'],
    ["'12' || chr(10) || 'abc' ~ ('^[0-9]' || '{1,18}$')", 't'],
    ["'ab' || chr(10) !~ '[^a-z]'", 'f'],
    ["'a' || chr(10) || 'b' ~* 'A.B'", 't'],
    ["regexp_replace('a1' || chr(10) || 'b2', '[0-9]$', '-')", 'a-\nb-'],
    ["regexp_count('a' || chr(10) || 'b', '^')", '2'],
    ["regexp_substr('x' || chr(10) || 'ab', '^a.')", 'ab'],
  ])('[pattern.lines] %s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test.each(['a(?=b)', '(?i)ABC', 'a.*?b', 'a{1,2}?', '***=a'])('[pattern.posix] %s is refused', (pattern) => {
    expect(refusal(`select 'abc' ~ '${pattern}'`)).toContain('2201B Invalid preceding regular expression');
    expect(refusal(`select regexp_substr('abc', '${pattern}')`)).toContain('2201B');
  });

  test.each(['a?b*', '[+?]?', '[*?]+', '(a|b)?', '\\??', '[[:alpha:]?]?x'])('[pattern.posix] %s is not', (pattern) => {
    expect(refusal(`select 'abc' ~ '${pattern}'`)).toContain('accepted');
  });

  test('[pattern.posix] the PCRE dialect is refused', () => {
    expect(refusal("select regexp_count('abc', 'b', 1, 'p')")).toContain('PCRE');
  });
});

describe('casts to text', () => {
  test.each([
    ["length(repeat('x', 300)::varchar)", '256'],
    ["length(cast(repeat('x', 300) as text))", '256'],
    ["length(repeat('x', 300)::varchar(300))", '300'],
    ["octet_length(repeat('é', 200)::varchar)", '256'],
  ])('[cast.varchar-256] %s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test('[cast.char-multibyte] a CHAR holds single-byte characters only', async () => {
    const refused = {
      message: 'Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: é',
    };
    await expect(value("'é'::char(3)")).rejects.toMatchObject(refused);
    await expect(value("('a' || 'é')::char(9)")).rejects.toMatchObject(refused);
    expect(await value("'ab'::char(3)")).toBe('ab ');
  });

  test.each(['true::varchar', '(1 = 1)::varchar(5)', "('a' like 'b')::char(5)"])(
    '[cast.boolean] %s is refused',
    async (expression) => {
      await expect(value(expression)).rejects.toMatchObject({
        sqlState: '42846',
        message: 'cannot cast type boolean to character varying',
      });
    },
  );

  test.each([
    ["'x1'::int", "Invalid digit, Value 'x', Pos 0, Type: Integer"],
    ["'12y'::bigint", "Invalid digit, Value 'y', Pos 2, Type: Long"],
    ['1 / (select 0)', 'Divide by zero'],
    ['12345::numeric(3, 1)', 'Numeric data overflow'],
  ])('[engine.texts] %s fails with %s', async (expression, message) => {
    await expect(value(expression)).rejects.toMatchObject({ message });
  });
});

describe('[functions.try-cast] TRY_CAST', () => {
  test.each([
    ["try_cast('12' as integer)", '12'],
    ["try_cast(' 12 ' as bigint)", '12'],
    ["try_cast('12.5' as integer)", null],
    ["try_cast('0x1f' as integer)", null],
    ["try_cast('1_000' as integer)", null],
    ["try_cast('99999999999' as integer)", null],
    ["try_cast('40000' as smallint)", null],
    ['try_cast(null as integer)', null],
    ["try_cast('12.34567' as decimal(10, 5))", '12.34567'],
    ["try_cast('NaN' as decimal(10, 5))", null],
    ["try_cast('123456789' as decimal(10, 5))", null],
    ["try_cast('1e400' as double precision)", null],
    ["try_cast('1.5e3' as float)", '1500'],
    ["try_cast('2018-11-02 01:02:03.5' as timestamp)", '2018-11-02 01:02:03.5'],
    ["try_cast('2018-13-02' as timestamp)", null],
    ["try_cast('tomorrow' as date)", null],
    ['try_cast(v as integer)', null],
  ])('%s is %s', async (expression, expected) => {
    expect((await session.run(`select ${expression} as x from t where id = 1`)).rows[0]?.['x'] ?? null).toBe(expected);
  });

  test('an empty or blank text is an error, and BOOLEAN is not a target', async () => {
    await expect(session.run("select try_cast('' as integer)")).rejects.toMatchObject({ sqlState: '22P02' });
    await expect(session.run("select try_cast('  ' as timestamp)")).rejects.toMatchObject({ sqlState: '22P02' });
    expect(refusal("select try_cast('t' as boolean)")).toContain('42846');
  });
});

describe('[functions.hashes] hashes', () => {
  test.each(['', 'a', 'The quick brown fox', 'é'.repeat(100), 'x'.repeat(55), 'x'.repeat(56), 'x'.repeat(64)])(
    'md5, sha1 and sha2 of "%s" are those of everybody else',
    async (text) => {
      const hash = (algorithm: string): string => createHash(algorithm).update(text).digest('hex');
      const { rows } = await session.run(
        `select md5('${text}') a, sha1('${text}') b, func_sha1('${text}') c, sha2('${text}', 256) d, sha2('${text}', 0) e, sha2('${text}', 512) f`,
      );
      expect(rows[0]).toEqual({
        a: hash('md5'),
        b: hash('sha1'),
        c: hash('sha1'),
        d: hash('sha256'),
        e: hash('sha256'),
        f: hash('sha512'),
      });
    },
  );

  test('fnv_hash is FNV-1a over the bytes, ignores trailing blanks, and differs between integer widths', async () => {
    expect(await value("fnv_hash('Amazon Redshift')")).toBe('7783490368944507294');
    expect(await value("fnv_hash('a') = fnv_hash('a  ')")).toBe('t');
    expect(await value('fnv_hash(1::int) = fnv_hash(1::bigint)')).toBe('f');
  });
});

describe('[functions.json] JSON text', () => {
  test.each([
    [`json_extract_path_text('{"a":{"b":"x"}}', 'a', 'b')`, 'x'],
    [`json_extract_path_text('{"a":null}', 'a')`, null],
    [`json_extract_path_text('{"a":1}', 'z')`, null],
    [`json_extract_path_text('not json', 'z', true)`, null],
    [`is_valid_json('{"a":1}')`, 't'],
    [`is_valid_json('{a:1}')`, 'f'],
    [`json_array_length('[1,2,3]')`, '3'],
    [`json_extract_array_element_text('[1,"b"]', 1)`, 'b'],
  ])('%s is %s', async (expression, expected) => {
    expect(await value(expression)).toBe(expected);
  });

  test('invalid JSON is an error unless the call says null_if_invalid', async () => {
    await expect(session.run("select json_extract_path_text('not json', 'z')")).rejects.toThrow('JSON parsing error');
  });
});

describe('[functions.aggregates] aggregates', () => {
  test.each([
    ["listagg(v, ',') within group (order by v)", 'a,b'],
    ["listagg(distinct v, '') within group (order by v desc)", 'ba'],
    ['median(id)', '2'],
    ['percentile_cont(0.5) within group (order by n)', '1.5'],
    ['avg(id)', '2'],
    ['avg(n)', '1'],
    ['avg(d)', '2.0000000000000000'],
    ['avg(f)', '1.5'],
    ['approximate count(distinct v)', '2'],
    ['bool_and(id > 0)', 't'],
    ['any_value(1)', '1'],
    ['sum(n) || max(v) || min(v)', '3ba'],
  ])('%s is %s', async (expression, expected) => {
    expect((await session.run(`select ${expression} as x from t`)).rows[0]?.['x']).toBe(expected);
  });

  test('ratio_to_report shares out a total', async () => {
    const { rows } = await session.run(
      'select id, ratio_to_report(n) over () as r from t where n is not null order by id',
    );
    expect(rows.map((row) => Number(row['r']).toFixed(3))).toEqual(['0.333', '0.667']);
  });

  test('[functions.compute-node] compute-node functions need a user table', () => {
    expect(refusal("select listagg('a', ',')")).toContain('must be applied on at least one user created tables');
    expect(refusal('select median(1)')).toContain('must be applied on at least one user created tables');
  });
});

describe('[functions.foreign] functions that Redshift lacks', () => {
  test.each([
    "string_agg(v, ',')",
    'array_agg(v)',
    'format(v)',
    'gen_random_uuid()',
    'pg_sleep(1)',
    'clock_timestamp()',
    'to_jsonb(v)',
    'regexp_matches(v, v)',
  ])('%s is refused', (expression) => {
    expect(refusal(`select ${expression} from t`)).toBe(
      '0A000 Specified types or functions (one per INFO message) not supported on Redshift tables.',
    );
  });
  test.each([
    'no_such(1)',
    'pg_read_file(v)',
    'lo_import(v)',
    'set_config(v, v, true)',
    'pg_terminate_backend(1)',
    'pg_catalog.pg_ls_dir(v)',
    'uuidv7()',
    'jsonb_build_object(v, v)',
    'dateadd(day, 1)',
  ])('%s does not exist', (expression) => {
    expect(refusal(`select ${expression} from t`)).toContain('42883');
  });
  test.each(['now()', 'current_timestamp', 'localtime', 'age(at)', 'current_schema()', 'has_schema_privilege(v, v)'])(
    '%s fails beside a user table and works alone',
    (expression) => {
      expect(refusal(`select ${expression} from t`)).toContain('not supported on Redshift tables');
      expect(
        refusal(
          `select ${expression.replace('(at)', "('2018-01-01'::timestamp)").replace('(v, v)', "('public', 'usage')")}`,
        ),
      ).toContain('accepted');
    },
  );
});
