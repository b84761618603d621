import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRow } from '../../src/copy/convert/compile-row.ts';
import { escapeForCopy } from '../../src/copy/convert/convert-text.ts';
import { FieldError } from '../../src/copy/convert/field-error.ts';
import { autoFieldTree } from '../../src/copy/convert/field-tree.ts';
import { parseCopy } from '../../src/copy/parse/parse-copy.ts';
import type { TargetColumn } from '../../src/copy/convert/target-column.ts';

const numeric = { type: 'numeric', length: 6, scale: 2 } as const;
const varchar = (length: number) => ({ type: 'varchar', length }) as const;
const char = (length: number) => ({ type: 'char', length }) as const;

describe('[copy.conversion] a JSON value becomes a column value', () => {
  it.each<[string, Partial<TargetColumn>, string | Buffer, string, string | null]>([
    ['a number into VARCHAR keeps its text', varchar(50), '1540664184796.0', '', '1540664184796.0'],
    ['a large number too', varchar(50), '-12345678901234567890.10e+05', '', '-12345678901234567890.10e+05'],
    ['a boolean into VARCHAR is its word', varchar(50), 'true', '', 'true'],
    ['null is NULL', varchar(50), 'null', '', null],
    ['the text null is no NULL', varchar(50), '"null"', '', 'null'],
    ['escapes are decoded', varchar(50), '"a\\u00e9\\ud834\\udd1e\\/\\"\\b"', '', 'aé𝄞/"\b'],
    ['an object into VARCHAR is its text', varchar(50), '{ "a" : [1.0, "x  y\\""] }', '', '{"a":[1.0,"x  y\\""]}'],
    ['an empty text stays', varchar(5), '""', '', ''],
    ['an empty text is NULL with EMPTYASNULL', varchar(5), '""', 'emptyasnull', null],
    ['a blank text stays with EMPTYASNULL', varchar(5), '"  "', 'emptyasnull', '  '],
    ['a blank text is NULL with BLANKSASNULL', varchar(5), '"  "', 'blanksasnull', null],
    ['trailing blanks go with TRIMBLANKS', varchar(5), '"a   b    "', 'trimblanks', 'a   b'],
    ['four bytes fit into VARCHAR(4)', varchar(4), '"éé"', '', 'éé'],
    ['TRUNCATECOLUMNS cuts before a character that does not fit', varchar(4), '"aé𝄞"', 'truncatecolumns', 'aé'],
    ['CHAR forgets trailing blanks', char(3), '"abc   "', '', 'abc'],
    ['a text into INTEGER is read', { type: 'int4' }, '"-12"', '', '-12'],
    ['an empty text into INTEGER is NULL', { type: 'int4' }, '""', '', null],
    ['a blank text into INTEGER is NULL', { type: 'int4' }, '" "', '', null],
    ['the last BIGINT fits', { type: 'int8' }, '9223372036854775807', '', '9223372036854775807'],
    ['DECIMAL digits beyond the scale are cut', numeric, '20.259', '', '20.25'],
    ['ROUNDEC rounds them', numeric, '20.255', 'roundec', '20.26'],
    ['DECIMAL takes exponents', numeric, '1.2345e2', '', '123.45'],
    ['DECIMAL takes small ones', numeric, '-5e-1', '', '-0.50'],
    ['FLOAT', { type: 'float8' }, '246.80444', '', '246.80444'],
    ['BOOLEAN', { type: 'bool' }, '"Yes"', '', 't'],
    ['a number into BOOLEAN', { type: 'bool' }, '0', '', 'f'],
    ['DATE', { type: 'date' }, '"2018-11-20"', '', '2018-11-20'],
    ['DATEFORMAT', { type: 'date' }, '"20.11.2018"', "dateformat 'DD.MM.YYYY'", '2018-11-20'],
    ['DATEFORMAT auto', { type: 'date' }, '"Nov 20, 2018"', "dateformat 'auto'", '2018-11-20'],
    ['ACCEPTANYDATE', { type: 'date' }, '"2018-02-30"', 'acceptanydate', null],
    ['TIMESTAMP', { type: 'timestamp' }, '"2018-11-20 01:02:03.5"', '', '2018-11-20 01:02:03.500000'],
    [
      'ISO with auto',
      { type: 'timestamp' },
      '"2018-11-20T01:02:03Z"',
      "timeformat 'auto'",
      '2018-11-20 01:02:03.000000',
    ],
    [
      'TIMESTAMPTZ with its offset',
      { type: 'timestamptz' },
      '"2018-11-20 01:02:03+0130"',
      '',
      '2018-11-20 01:02:03.000000+01:30',
    ],
    [
      'epochmillisecs',
      { type: 'timestamp' },
      '1542672042796',
      "timeformat 'epochmillisecs'",
      '2018-11-20 00:00:42.796000',
    ],
    ['epochsecs', { type: 'timestamp' }, '1542672042', "timeformat 'epochsecs'", '2018-11-20 00:00:42.000000'],
    [
      'a TIMEFORMAT of its own',
      { type: 'timestamp' },
      '"11/20/18 1:02 PM"',
      "timeformat 'MM/DD/YY HH12:MI AM'",
      '2018-11-20 13:02:00.000000',
    ],
    [
      'invalid bytes are replaced with ACCEPTINVCHARS',
      varchar(9),
      Buffer.from([0x22, 0x61, 0xc3, 0x28, 0xa4, 0x22]),
      "acceptinvchars '^'",
      'a^(^',
    ],
  ])('%s', (_, column, json, options, expected) => {
    expect(convert(column, json, options)).toBe(expected);
  });

  it.each<[string, Partial<TargetColumn>, string | Buffer, string, number, string]>([
    ['a text that is too long', varchar(4), '"ééé"', '', 1204, 'String length exceeds DDL length'],
    ['an object that is too long', varchar(4), '{"a":1}', '', 1204, 'String length exceeds DDL length'],
    ['a CHAR that is too long', char(2), '"abc"', '', 1204, 'Char length exceeds DDL length'],
    [
      'two bytes in CHAR',
      char(9),
      '"aé"',
      '',
      1220,
      'Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9',
    ],
    ['a letter in INTEGER', { type: 'int4' }, '"1a"', '', 1207, "Invalid digit, Value 'a', Pos 1, Type: Integer"],
    [
      'a point in BIGINT',
      { type: 'int8' },
      '1540664184796.0',
      '',
      1207,
      "Invalid digit, Value '.', Pos 13, Type: Long",
    ],
    ['a boolean in INTEGER', { type: 'int4' }, 'true', '', 1207, "Invalid digit, Value 't', Pos 0, Type: Integer"],
    ['a number beyond SMALLINT', { type: 'int2' }, '32768', '', 1222, "Overflow, Value '32768', Type: Short"],
    [
      'a number beyond BIGINT',
      { type: 'int8' },
      '9223372036854775808',
      '',
      1222,
      "Overflow, Value '9223372036854775808', Type: Long",
    ],
    ['a number beyond NUMERIC(6,2)', numeric, '10000', '', 1209, "Overflow for NUMERIC(6,2), Value '10000'"],
    ['a text in DECIMAL', numeric, '"x"', '', 1207, "Invalid digit, Value 'x', Pos 0, Type: Decimal"],
    ['a text in FLOAT', { type: 'float8' }, '"x"', '', 1208, "Invalid value for FLOAT: 'x'"],
    ['a number beyond FLOAT', { type: 'float4' }, '1e39', '', 1208, "Overflow for FLOAT, Value '1e39'"],
    ['a text in BOOLEAN', { type: 'bool' }, '"maybe"', '', 1210, 'Unknown boolean format'],
    ['a day that is none', { type: 'date' }, '"2018-02-30"', '', 1205, 'Invalid Date Format [YYYY-MM-DD]'],
    [
      'ISO without auto',
      { type: 'timestamp' },
      '"2018-11-20T01:02:03Z"',
      '',
      1206,
      'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]',
    ],
    [
      'an epoch with auto',
      { type: 'timestamp' },
      '1542672042',
      "timeformat 'auto'",
      1206,
      'Invalid timestamp format or value [auto]',
    ],
    ['NULL for NOT NULL', { type: 'int4', notNull: true }, 'null', '', 1213, 'Missing data for not-null field'],
    ['blank for NOT NULL', { type: 'int4', notNull: true }, '""', '', 1213, 'Missing data for not-null field'],
    [
      'a continuation byte alone',
      varchar(9),
      Buffer.from([0x22, 0x61, 0xa4, 0x22]),
      '',
      1220,
      'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: a4 (error 3)',
    ],
    [
      'a character cut short',
      varchar(9),
      Buffer.from([0x22, 0xe2, 0x82, 0x22]),
      '',
      1220,
      'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: e2 82 (error 2)',
    ],
    [
      'half a surrogate pair',
      varchar(9),
      '"\\ud834"',
      '',
      1220,
      'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: ed a0 b4 (error 5)',
    ],
    [
      'NUL',
      varchar(9),
      '"a\\u0000"',
      '',
      1220,
      'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex sequence: 00 (error 3)',
    ],
  ])('refuses %s', (_, column, json, options, code, reason) => {
    const failure = failureOf(() => convert(column, json, options));
    expect([failure.code, failure.message, failure.column]).toEqual([code, reason, 0]);
  });

  it('refuses documents that are not JSON or not an object, without a column', () => {
    for (const document of ['{"v":1,}', "{'v':1}", '{"v":01}', '{"v":NaN}', '{"v":"a\tb"}', '[1]']) {
      const failure = failureOf(() => row([aColumn({})], '')(Buffer.from(document)));
      expect([document, failure.code, failure.column]).toEqual([document, 1216, null]);
    }
  });

  it('[copy.keys] matches keys with case, or without it under ignorecase, takes the last of equal keys and ignores invalid bytes elsewhere', () => {
    const columns = [aColumn({ name: 'userid' }), aColumn({ name: 'a' })];
    const document = Buffer.concat([
      Buffer.from('{ "userId" : 1, "x":{"a":2},"a":3 ,"A":"'),
      Buffer.from('4","b":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    expect(row(columns, '')(document)).toBe('\\N\t3\n');
    expect(row(columns, '', true)(document)).toBe('1\t4\n');
  });

  it('reads out of any object what JSON.parse reads, whatever the white space, and nested values as compact JSON', () => {
    const document = fc.record({ v: fc.jsonValue(), before: fc.jsonValue(), after: fc.jsonValue() });
    const read = row([aColumn({ length: 65_535 })], 'acceptinvchars');
    fc.assert(
      fc.property(document, fc.constantFrom('', ' ', '\n\t'), ({ v, before, after }, indent) => {
        const text = JSON.stringify({ before, v, after }, null, indent);
        const expected = v === null ? '\\N' : typeof v === 'string' ? v : JSON.stringify(v);
        // Another test covers half a surrogate pair and NUL.
        fc.pre(typeof v !== 'string' || (v.isWellFormed() && !v.includes('\0')));
        expect(read(Buffer.from(text))).toBe(`${v === null ? expected : escapeForCopy(expected)}\n`);
      }),
      { numRuns: 500 },
    );
  });

  it('takes or refuses any bytes, and never fails in another way', () => {
    const read = row([aColumn({ length: 20 })], '');
    const bytes = fc
      .uint8Array({ maxLength: 30 })
      .map((inner) => Buffer.concat([Buffer.from('{"v":"'), inner, Buffer.from('"}')]));
    fc.assert(
      fc.property(bytes, (document) => {
        try {
          const line = read(document);
          expect(line.endsWith('\n')).toBe(true);
          expect(isUtf8(document)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FieldError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function aColumn(given: Partial<TargetColumn>): TargetColumn {
  return { name: 'v', type: 'varchar', length: 256, scale: 0, notNull: false, ...given };
}

function row(columns: readonly TargetColumn[], options: string, ignoreCase = false) {
  const sql = `copy t from 's3://b/k' iam_role 'arn:aws:iam::000000000000:role/r' json ${options}`;
  const names = columns.map((column) => column.name);
  return compileRow(columns, autoFieldTree(names, ignoreCase), parseCopy(sql).conversion);
}

function convert(column: Partial<TargetColumn>, json: string | Buffer, options: string): string | null {
  const document = Buffer.concat([Buffer.from('{"other":{"v":0},"v":'), Buffer.from(json), Buffer.from('}')]);
  const field = row([aColumn(column)], options)(document).slice(0, -1);
  return field === '\\N' ? null : field.replaceAll('\\\\', '\\');
}

function failureOf(act: () => unknown): FieldError {
  try {
    act();
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
  throw new Error('the value was accepted');
}
