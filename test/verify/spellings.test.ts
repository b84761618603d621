import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOG_KEYS } from '../../src/datasets/logs/fields.ts';
import type { LogKeyNames } from '../../src/datasets/logs/judge-event.ts';
import { spelledNumbers } from '../datasets/spelled-numbers.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong } from '../support/log-events.ts';
import type { LogEvent } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const TS = Date.UTC(2018, 10, 15);

/** A JSON object of these values, in which some keys have a token as it is written here. */
function written(values: LogEvent, tokens: Readonly<Record<string, string>>): string {
  const members = Object.entries({ ...values, ...tokens }).map(([key, value]) => {
    return `${JSON.stringify(key)}: ${key in tokens ? String(value) : JSON.stringify(value)}`;
  });
  return `{${members.join(', ')}}`;
}

const around = (value: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: value - 9n, max: value + 9n });
const someNumbers = (units: fc.Arbitrary<bigint>, maxScale: number): string[] =>
  fc.sample(spelledNumbers(units, maxScale), { numRuns: 30, seed: 20181112 }).map(({ token }) => token);

const ODD_TOKENS = [
  'null', '""', '"   "', '0', '-0', '-0.0e7', '"007"', '5', '"5"', '5.0', '5e0', '0.5e1', '"50E-1"', '5.00000', '-5', '5.5', '1e3',
  '"1e3"', '1000.0', '1E+3', '1e18', '1e19', '1e37', '1e38', '1e400', '1e-400', '1e999999999999', '1e-999999999999', '0e999999999999',
  `1e${'0'.repeat(300)}1`, '9'.repeat(400), `${'0'.repeat(400)}5e-0`, `0.${'0'.repeat(400)}1e401`, `"${'0'.repeat(10_000)}7"`,
  '2147483647', '2147483648', '-2147483648', '9007199254740993', '"9007199254740993.0"', '9223372036854775807', '9223372036854775808',
  '-9223372036854775808', '-9223372036854775809', '9.223372036854775807e18', '999999999999999999999999999999999999999',
  '946684799999', '946684800000', '4102444799999', '4102444800000', '15422736e5', '1542273600000.5', '200.123455', '2.0012345e2',
  '99999.999994', '99999.999995', '100000', '0.0000049999999999999999999999999999999999999999', '0.000005', '-0.000001', '999.999999999999999999', '1000',
  '-999.5', '51.477928', '0.1000000000000000055511151231257827021181583404541015625', '4.9e-324', '1e-300', '9e-302', '9999', '10000',
  '"5 "', '" 5"', '"+5"', '"5."', '".5"', '"1e"', '"1e+"', '"e1"', '"-"', '"--5"', '"1 2"', '"1_000"', '"0x1F"', '"NaN"', '"Infinity"',
  '"5\\n"', '"5\\nx"', '"x\\n5"', '"5\\n6"', '"٣"', '"5\\u00005"', '"\\ud800"', 'true', 'false', '[5]', '{"a": 5}', '[]',
]; // prettier-ignore

const ODD_TEXTS = [
  'null', '""', '" "', '"a "', '" a"', '"x\\ny"', '5', '5.50', 'true', '["a"]', '"\\u0000"', '"a\\u0000"', '"\\udc00"', '"\\u0007\\u007f\\u2028"',
  '"🎵"', `"${'a'.repeat(16)}"`, `"${'ü'.repeat(8)}"`, `"${'ü'.repeat(8)}a"`, `"${'a'.repeat(64)}  "`, `"${'a'.repeat(65)}"`,
  `"${'a'.repeat(256)}"`, `"${'a'.repeat(257)}"`, `"${'a'.repeat(512)}"`, `"${'🎵'.repeat(128)}a"`, `"${'a'.repeat(1024)}"`,
  `"${'ü'.repeat(512)}a"`, `"${'a'.repeat(2048)}"`, `"${'a'.repeat(2049)}"`, `"${'\\u0001'.repeat(70_000)}"`, '"NextSong"', '"NextSong  "', '"nextsong"',
  `"NextSong${' '.repeat(20_000)}"`,
]; // prettier-ignore

/** Odd tokens for each key that is used, each in a separate object. */
function oddObjects(tokensOf: Readonly<Record<string, readonly string[]>>, base: (n: number) => LogEvent): string[] {
  const pairs = Object.entries(tokensOf).flatMap(([key, tokens]) => tokens.map((token) => ({ [key]: token })));
  return pairs.map((tokens, n) => written(base(n), tokens));
}

test('load and comparison judge every spelling of every value alike', async () => {
  const loading = await startLoading(stack);
  const wholes = someNumbers(fc.oneof(around(2n ** 63n), around(-(2n ** 63n)), around(2n ** 31n), around(0n)), 3);
  const times = someNumbers(fc.oneof(around(946_684_800_000n), around(4_102_444_800_000n)), 2);
  const lengths = someNumbers(fc.oneof(around(99_999n * 10n ** 8n), fc.bigInt({ min: -5n, max: 10n ** 13n })), 12);
  const degrees = someNumbers(fc.oneof(around(1000n), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })), 45);
  const ofEvents = {
    ts: [...ODD_TOKENS, ...times],
    userId: [...ODD_TOKENS, ...wholes],
    sessionId: [...ODD_TOKENS, ...wholes],
    itemInSession: [...ODD_TOKENS, ...wholes],
    length: [...ODD_TOKENS, ...lengths],
    ...Object.fromEntries(
      ['page', 'level', 'gender', 'firstName', 'lastName', 'location', 'userAgent', 'song', 'artist'].map((key) => [
        key,
        ODD_TEXTS,
      ]),
    ),
  };
  const ofSongs = {
    year: ODD_TOKENS,
    duration: [...ODD_TOKENS, ...lengths],
    artist_latitude: [...ODD_TOKENS, ...degrees],
    artist_longitude: [...ODD_TOKENS, ...degrees],
    ...Object.fromEntries(
      ['song_id', 'artist_id', 'title', 'artist_name', 'artist_location'].map((key) => [key, ODD_TEXTS]),
    ),
  };
  const anEvent = (page: string, from: number) => (n: number) =>
    aPlay({ page, userId: String(from + n), sessionId: from + n, itemInSession: n, ts: TS + n });
  const plays = oddObjects(ofEvents, anEvent('NextSong', 10_000));
  const others = oddObjects(ofEvents, anEvent('Home', 50_000));
  const songs = oddObjects(ofSongs, (n) => aSong({ song_id: `SO${n}`, artist_id: `AR${n}`, title: `Song ${n}` }));
  const [events, songFile] = [
    await loading.put('log_data/odd.json', [...plays, ...others].join('\n')),
    await loading.put('song_data/odd.json', songs.join('\n')),
  ];
  const loaded = [await loading.load('songs', [songFile]), await loading.load('logs', [events])];
  for (const { counts } of loaded) {
    expect(counts.rejected).toBeGreaterThan(200);
    expect(counts.staged - counts.rejected).toBeGreaterThan(200);
  }
  const report = await verified(loading);
  expect(report.tables.flatMap(({ differences }) => differences)).toEqual([]);
  expect(report).toMatchObject({ equal: true, unread: [], quarantined: [] });
});

/** What comparisons and loads left of the rows that they wrote below the work prefix. */
async function partsOf({ settings: { bucket, workPrefix: prefix }, store }: Loading): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of store.list({ bucket, prefix, signal: new AbortController().signal })) {
    keys.push(...page.map(({ key }) => key).filter((key) => key.endsWith('.gz')));
  }
  return keys;
}

test('load and comparison read every form of a file alike, and find values under the keys that the files have', async () => {
  const logKeyNames = {
    ...Object.fromEntries(LOG_KEYS.map((key) => [key, key])),
    userId: 'listener',
    ts: 'at',
  } as LogKeyNames;
  const loading = await startLoading(stack, undefined, { logKeyNames });
  let users = 0;
  const play = (more: Readonly<Record<string, string>> = {}): string => {
    users += 1;
    return written({ ...aPlay(), listener: users, at: TS + users }, more);
  };
  const song = (id: string) => JSON.stringify(aSong({ song_id: id, artist_id: `AR${id}` }));
  const packed = gzipSync(`${play()}\n`);
  const logs: Readonly<Record<string, string | Uint8Array>> = {
    'long.json': play({ auth: JSON.stringify('x'.repeat(70_000)), location: 'null' }),
    'nul-unused.json': [play({ auth: '"\\u0000"' }), play({ page: '"Home"', location: '"\\u0000"' })].join('\n'),
    'nul-used.json': [play({ location: '"\\u0000"' }), play({ page: '"Ho\\u0000me"' }), play()].join('\n'),
    'keys.json': play({ LISTENER: '77', Song: '"Other"', artist: '"First", "artist": "Last"', userId: '"no"' }),
    'case.json': written({ ...aPlay(), LISTENER: 900, At: TS + 900 }, {}),
    'members.json': Buffer.concat([gzipSync(play()), gzipSync(''), gzipSync(`\n${play()}`)]),
    'named.gz': play(),
    'truncated.json': packed.subarray(0, packed.length - 4),
    'mark.json': `\ufeff${play()}\r\n`,
    'pretty.json': play().replaceAll(', "', ',\n  "'),
    'line.json': `${play()}${play()} ${play()}`,
    'malformed.json': `${play()}\n{"page": "NextSong", oh\n${play()}\n`,
    'array.json': `[${play()}]`,
    'empty.json': '',
    'name\0.json': play(),
  };
  const songs: Readonly<Record<string, string | Uint8Array>> = {
    'several.json': `${song('SOA')}{"song_id": 5}${song('SOB')}\n{oh\n${song('SOC')}`,
    'none-fits.json': '{"song_id": "SOX"}',
    'empty.json': ' ',
    'archive.json': gzipSync(''),
    'broken.json': gzipSync(song('SOD')).subarray(0, 40),
  };
  const files = async (prefix: string, bodies: typeof logs) =>
    await Promise.all(Object.entries(bodies).map(async ([name, body]) => await loading.put(`${prefix}${name}`, body)));
  await loading.load('songs', await files('song_data/', songs));
  await loading.load('logs', await files('log_data/', logs));

  const report = await verified(loading);
  expect(report.tables.flatMap(({ differences }) => differences)).toEqual([]);
  expect(report.equal).toBe(true);
  const broken = ['log_data/array.json', 'log_data/truncated.json', 'song_data/broken.json'];
  expect(report.quarantined.map(({ key }) => key).toSorted()).toEqual(broken);
  const starRows = Object.fromEntries(report.tables.map((table) => [table.table, table.starRows]));
  // Two events have a NUL in a value that is used, two are in quarantined files, one is not a play.
  expect(starRows).toMatchObject({ songplays: users + 1 - 5, users: users + 1 - 4, songs: 3, song_sources: 3 });
  // The key as it is spelled wins over others in upper case, and of two the last one.
  expect(await loading.rows(`select song_title from songplays where artist_name = 'Last'`)).toEqual([
    { song_title: 'Read My Mind' },
  ]);
  expect(await partsOf(loading)).toEqual([]);
});
