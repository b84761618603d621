import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createLogRowHash } from '../../src/core/log-row-hash.ts';

const COLUMNS =
  'artist auth firstname gender iteminsession lastname length level location method page registration sessionid song status ts useragent userid';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** As the SQL says it: MD5 over the MD5s of the columns in their order, `-` for null. */
function asInSql(values: Readonly<Record<string, string>>): string {
  return md5(
    COLUMNS.split(' ')
      .map((column) => (values[column] === undefined ? '-' : md5(values[column])))
      .join(''),
  );
}

it('a log row is hashed as the warehouse hashes what COPY made of it', () => {
  const hash = createLogRowHash();
  expect(hash('{"artist":"Ä","ts":1542672042796,"length":241.47546000,"song":null,"more":"not kept"}')).toBe(
    asInSql({ artist: 'Ä', ts: '1542672042796', length: '241.47546000' }),
  );
  expect(hash('{}')).toBe(asInSql({}));
  expect(hash('{"userId":"","itemInSession":0,"status":{"a": [1, true]}}')).toBe(
    asInSql({ userid: '', iteminsession: '0', status: '{"a":[1,true]}' }),
  );
});

it('each column has its own place: the same text in another one is another row', () => {
  const hash = createLogRowHash();
  const hashes = COLUMNS.split(' ').map((column) => hash(JSON.stringify({ [column]: 'x' })));
  expect(new Set(hashes).size).toBe(18);
});

it('of keys that differ in case only the last counts', () => {
  expect(createLogRowHash()('{"Page":"a","page":"b","PAGE":"c"}')).toBe(asInSql({ page: 'c' }));
});

it('hashes do not depend on what was hashed before, however much that was', () => {
  const hash = createLogRowHash();
  const rows = Array.from({ length: 6_000 }, (_, n) =>
    JSON.stringify({ song: `s${n}`, artist: 'x'.repeat(150 + (n % 100)) }),
  );
  for (const row of rows) hash(row);
  for (const n of [0, 49, 51, 4_999, 5_999]) {
    expect(hash(rows[n] ?? '')).toBe(asInSql({ song: `s${n}`, artist: 'x'.repeat(150 + (n % 100)) }));
  }
});

it('an object that is nested too deeply to be walked has no hash', () => {
  const depth = 200_000;
  expect(createLogRowHash()(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)).toBeNull();
});
