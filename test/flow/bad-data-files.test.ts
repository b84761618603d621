import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();

/** A file without any object, and what the ledger says of it. */
type BadFile = {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly code: string;
  readonly reason: RegExp;
};

const noObjects = (name: string, body: string | Uint8Array, reason: RegExp): BadFile => ({
  name,
  body,
  code: 'not_json_objects',
  reason,
});

/** @param row a row that would be loaded. */
function badFiles(row: string): readonly BadFile[] {
  const archive = gzipSync(`${row}\n`.repeat(50));
  const corrupt = /is a corrupt or truncated gzip file/;
  return [
    noObjects('an array', `[${row},\n${row}]`, /is a JSON array: write one JSON object a line .*jq -c '\.\[\]'/),
    noObjects('an empty array', '[]', /is a JSON array/),
    noObjects('UTF-16 with a mark', Buffer.from(`\uFEFF${row}\n`, 'utf16le'), /UTF-16: convert it to UTF-8/),
    noObjects('UTF-16 without a mark', Buffer.from(`${row}\n`, 'utf16le'), /UTF-16/),
    noObjects('Parquet', `PAR1\u0015\u0004${row}`, /Parquet/),
    noObjects('bzip2', 'BZh91AY&SY\u0001', /bzip2 file: unpack it, or pack it with gzip/),
    noObjects('Zstandard', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04]), /Zstandard/),
    noObjects('HTML', '<!DOCTYPE html><html><body>404</body></html>', /HTML/),
    noObjects('a table', 'artist,song,ts\nThe Killers,Read My Mind,1542672042796\n', /does not contain a JSON object/),
    noObjects('an object that is cut off', row.slice(0, 80), /does not contain a JSON object/),
    { name: 'an archive that is cut off', body: archive.subarray(0, 60), code: 'gzip_invalid', reason: corrupt },
    {
      name: 'an archive that is none',
      body: Buffer.from([0x1f, 0x8b, 0, 1, 2]),
      code: 'gzip_invalid',
      reason: corrupt,
    },
    {
      name: 'an archive that unpacks to 1,000 times its size',
      body: gzipSync(Buffer.alloc(96 * 1024 * 1024, ' ')),
      code: 'inflated_too_large',
      reason: /unpacks to more than \d+ bytes/,
    },
  ];
}

/** Files that look odd and are loaded. `rows` of them fit; `rejected`: line and reason of those that do not. */
type GoodFile = {
  readonly body: string | Uint8Array;
  readonly rows: number;
  readonly rejected?: readonly (readonly [line: number, reason: RegExp])[];
};

/** @param row makes a row that fits, each another one. */
function goodFiles(row: () => string): Readonly<Record<string, GoodFile>> {
  const malformed = (line: number, what = ''): readonly [number, RegExp] => [
    line,
    new RegExp(`is malformed: .*${what}`),
  ];
  return {
    'empty.json': { body: '', rows: 0 },
    'blank lines.json': { body: '\n \r\n\t\n', rows: 0 },
    'byte-order mark.json': { body: `\uFEFF${row()}\n`, rows: 1 },
    'objects on one line.json': { body: `${row()}${row()} ${row()}`, rows: 3 },
    'over several lines.json': { body: JSON.stringify(JSON.parse(row()), null, 2), rows: 1 },
    'archive.json.gz': { body: gzipSync(`${row()}\n${row()}\n`), rows: 2 },
    'archive with another name.json': { body: gzipSync(`${row()}\n`), rows: 1 },
    'no archive.json.gz': { body: `${row()}\n`, rows: 1 },
    'archive of several members.gz': { body: Buffer.concat([gzipSync(`${row()}\n`), gzipSync(`${row()}\n`)]), rows: 2 },
    'empty archive.gz': { body: gzipSync(''), rows: 0 },
    'malformed in the middle.json': {
      body: `${row()}\n{"page": "NextSong", oops}\n${row()}\n`,
      rows: 2,
      rejected: [malformed(2, 'found "o"')],
    },
    'cut off.json': {
      body: `${row()}\n${row().slice(0, 50)}`,
      rows: 1,
      rejected: [malformed(2, 'unterminated JSON object')],
    },
    'commas between the objects.json': { body: `${row()},\n${row()}\n`, rows: 2, rejected: [malformed(1)] },
    'a NUL byte.json': {
      body: `${row()}\n${row().replace('Read My Mind', 'Read\0Mind')}\n${row()}`,
      rows: 2,
      rejected: [malformed(2, 'control character')],
    },
    'NaN.json': { body: `${row()}\n${row().replace('246.80444', 'NaN')}\n`, rows: 1, rejected: [malformed(2)] },
    'bytes that are not UTF-8.json': {
      body: Buffer.from(`${row()}\n${row().replace('Killers', 'K\u00efllers')}\n`, 'latin1'),
      rows: 1,
      rejected: [[2, /contains a NUL character, an unpaired surrogate or invalid UTF-8/]],
    },
    'an escaped NUL.json': {
      body: `${row().replace('Read My', 'Read\\u0000My')}\n${row()}`,
      rows: 1,
      rejected: [[1, /contains a NUL/]],
    },
    'half of a surrogate pair.json': {
      body: `\n\n${row().replace('Killers', '\\ud83d')}\n${row()}`,
      rows: 1,
      rejected: [[3, /an unpaired surrogate/]],
    },
    'a line of more than 4 MB.json': {
      body: `${row()}\n${row().slice(0, -1)}, "pad": "${'x'.repeat(4 * 1024 * 1024)}"}\n${row()}\n`,
      rows: 2,
      rejected: [malformed(2, 'longer than 4194304 bytes')],
    },
    'nested 100,000 deep.json': {
      body: `${row()}\n${row().slice(0, -1)}, "deep": ${'['.repeat(100_000)}${']'.repeat(100_000)}}\n${row()}\n`,
      rows: 2,
      rejected: [malformed(2)],
    },
    'keys that nobody reads.json': {
      body: `${row().slice(0, -1)}, "pad": "${'x'.repeat(70_000)}", "nul": "\\u0000\\ud83d", "deep": [[{}]]}\n`,
      rows: 1,
    },
    'a hundred thousand empty objects.json': { body: `${row()}\n${'{}'.repeat(100_000)}`, rows: 1 },
  };
}

let number = 0;
const nextNumber = (): number => (number += 1);

describe.each([
  {
    dataset: 'logs',
    prefix: 'log_data/',
    loaded: 'songplays',
    row: () => JSON.stringify(aPlay({ sessionId: nextNumber() })),
  },
  {
    dataset: 'songs',
    prefix: 'song_data/',
    loaded: 'songs',
    row: () => JSON.stringify(aSong({ song_id: `SO${nextNumber()}` })),
  },
] as const)('a batch with every kind of odd file of $dataset', ({ dataset, loaded, prefix, row }) => {
  const bad = badFiles(row());
  const good = goodFiles(row);
  let loading: Loading;
  let ledger: Record<string, unknown>[];
  let rejected: Record<string, unknown>[];

  beforeAll(async () => {
    loading = await startLoading(stack);
    const put = async (name: string, body: string | Uint8Array) => await loading.put(`${prefix}${name}`, body);
    const goodOnes = await Promise.all(Object.entries(good).map(async ([name, { body }]) => await put(name, body)));
    const badOnes = await Promise.all(bad.map(async ({ body, name }) => await put(name, body)));
    await loading.load(dataset, [...goodOnes.slice(0, 3), ...badOnes, ...goodOnes.slice(3)]);
    ledger = await loading.rows('select object_key, status, error_code, reason from ingest_files');
    rejected = await loading.rows(
      `select object_key, line_number::int as line, column_name || ' ' || reason as reason from rejected_rows order by 1, 2`,
    );
  });

  test.each(bad)('$name: quarantined with code and reason', ({ name, code, reason }) => {
    expect(ledger.find((file) => file['object_key'] === `${prefix}${name}`)).toEqual({
      object_key: `${prefix}${name}`,
      status: 'quarantined',
      error_code: code,
      reason: expect.stringMatching(reason) as unknown,
    });
  });

  test('all other files are loaded', () => {
    const names = ledger.filter(({ status }) => status === 'loaded').map((file) => file['object_key']);
    expect(names.toSorted()).toEqual(
      Object.keys(good)
        .map((name) => `${prefix}${name}`)
        .toSorted(),
    );
  });

  test('every row that fits is in the star', async () => {
    const counts = await loading.counts();
    expect(counts[loaded]).toBe(Object.values(good).reduce((sum, { rows }) => sum + rows, 0));
  });

  test.each(Object.entries(good).filter(([name]) => !name.includes('empty objects')))(
    '%s: what does not fit is rejected by line, and nothing else',
    (name, file) => {
      const found = rejected.filter((one) => one['object_key'] === `${prefix}${name}`);
      expect(found.map(({ line, reason }) => [line, reason])).toEqual(
        (file.rejected ?? []).map(([line, reason]) => [line, expect.stringMatching(reason) as unknown]),
      );
    },
  );

  test('a full reload omits the same files, and is equal', async () => {
    expect(await verified(loading)).toMatchObject({ equal: true });
  });
});

test('bad and deleted files in one batch are distinguished', async () => {
  const loading = await startLoading(stack);
  const gone = async (name: string) => {
    const file = await loading.put(name, lines(aPlay()));
    await stack.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: name }));
    return file;
  };
  const { files } = await loading.load('logs', [
    await loading.put('log_data/1-bad.json', '}'),
    await gone('log_data/2-gone.json'),
    await loading.put('log_data/3-fine.json', lines(aPlay({ sessionId: 3 }))),
  ]);
  expect(files.map(({ status }) => status)).toEqual(['quarantined', 'missing', 'loaded']);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});

test('a batch of only bad files is settled, and the next batch is loaded', async () => {
  const loading = await startLoading(stack);
  const bad = await loading.load('logs', [
    await loading.put('log_data/1.json', 'hello'),
    await loading.put('log_data/2.json', '[]'),
  ]);
  expect(bad.files.map(({ status }) => status)).toEqual(['quarantined', 'quarantined']);
  await loading.load('logs', [await loading.put('log_data/3.json', lines(aPlay()))]);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});
