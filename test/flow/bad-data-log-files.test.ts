import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { stagingCopies } from './support/staging-copies.ts';

/** A log file that COPY cannot read, and what the ledger says of it. */
type BadFile = {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly code: string;
  readonly reason: RegExp;
  readonly line: number | null;
  readonly column?: string;
};

const PLAY = JSON.stringify(aPlay({ sessionId: 900 }));
const NO_JSON = /is no sequence of JSON objects/;
const NO_TEXT = /has a text with a NUL or with bytes that are no UTF-8/;
const broken = (name: string, body: string | Uint8Array, line: number): BadFile => ({
  name,
  body,
  code: 'copy_1216',
  reason: NO_JSON,
  line,
});

const BAD_FILES: readonly BadFile[] = [
  broken('broken JSON in the middle', `${PLAY}\n{"page": "NextSong", oops}\n${PLAY}\n`, 2),
  broken('a file that is cut off', `${PLAY}\n${PLAY.slice(0, 100)}`, 2),
  broken('UTF-16 with a mark', Buffer.from(`\uFEFF${PLAY}\n`, 'utf16le'), 1),
  broken('UTF-16 without a mark', Buffer.from(`${PLAY}\n`, 'utf16le'), 1),
  broken('a byte-order mark', `\uFEFF${PLAY}\n`, 1),
  broken('a NUL byte', `${PLAY}\n${PLAY.replace('Read My Mind', 'Read\0Mind')}\n`, 2),
  broken('an array instead of objects', `[${PLAY},\n${PLAY}]`, 2),
  broken('commas between the objects', `${PLAY},\n${PLAY}\n`, 1),
  broken('NaN', `${PLAY.replace('246.80444', 'NaN')}\n`, 1),
  broken('a table with commas', 'artist,song,ts\nThe Killers,Read My Mind,1542672042796\n', 1),
  broken('a line of more than 4 MB', `${PLAY}\n${JSON.stringify(aPlay({ pad: 'x'.repeat(4 * 1024 * 1024) }))}\n`, 2),
  {
    name: 'invalid UTF-8',
    body: Buffer.from(`${PLAY}\n${PLAY.replace('Killers', 'K\u00efllers')}\n`, 'latin1'),
    code: 'copy_1220',
    reason: NO_TEXT,
    line: 2,
    column: 'artist',
  },
  {
    name: 'an escaped NUL',
    body: `${PLAY.replace('Read My', 'Read\\u0000My')}\n`,
    code: 'copy_1220',
    reason: NO_TEXT,
    line: 1,
    column: 'song',
  },
  {
    name: 'half of a surrogate pair',
    body: `\n\n${PLAY.replace('Graves', '\\ud83d')}\n`,
    code: 'copy_1220',
    reason: NO_TEXT,
    line: 3,
    column: 'lastname',
  },
  {
    name: 'a text wider than any column',
    body: `${JSON.stringify(aPlay({ userAgent: 'x'.repeat(65_536) }))}\n`,
    code: 'copy_1204',
    reason: /longer than 65,535 bytes/,
    line: 1,
    column: 'useragent',
  },
];

const GOOD: Readonly<Record<string, string>> = {
  'log_data/good 1.json': lines(aPlay({ sessionId: 1 })),
  'log_data/good 2.json': lines(aPlay({ sessionId: 2 }), aPlay({ sessionId: 3 })),
  'log_data/empty.json': '',
  'log_data/blank lines.json': '\n \r\n\t\n',
  'log_data/objects without line ends.json': `${JSON.stringify(aPlay({ sessionId: 4 }))}{"page": "Home"}`,
  'log_data/odd bytes in a key that nobody reads.json': `${JSON.stringify(aPlay({ sessionId: 5, more: '\u{1F600}' }))}\n`,
};

const stack = useStack();

describe('a batch with every kind of log file that COPY cannot read', () => {
  let loading: Loading;
  let environment: Readonly<Record<string, string>>;
  let ledger: Record<string, unknown>[];
  let copies: readonly string[];
  const key = (name: string) => `log_data/bad/${name}.json`;

  beforeAll(async () => {
    const place = await stack.place({ notifiedPrefixes: [] });
    environment = place.environment;
    loading = await startLoading(stack, place);
    const good = await Promise.all(Object.entries(GOOD).map(([name, body]) => loading.put(name, body)));
    const bad = await Promise.all(BAD_FILES.map(({ name, body }) => loading.put(key(name), body)));
    const { batchId } = await loading.load('logs', [...good.slice(0, 2), ...bad, ...good.slice(2)]);
    ledger = await loading.rows(
      'select object_key, status, error_code, reason, line_number::int as line, column_name from ingest_files',
    );
    copies = await stagingCopies(loading, batchId);
  });

  test.each(BAD_FILES)('$name: set aside with code, reason and line', ({ name, code, reason, line, column }) => {
    expect(ledger.find((file) => file['object_key'] === key(name))).toEqual({
      object_key: key(name),
      status: 'quarantined',
      error_code: code,
      reason: expect.stringMatching(reason) as unknown,
      line,
      column_name: column ?? null,
    });
  });

  test('all other files are loaded, empty ones with no rows', async () => {
    const loaded = ledger.filter(({ status }) => status === 'loaded').map((file) => file['object_key']);
    expect(loaded.toSorted()).toEqual(Object.keys(GOOD).toSorted());
    expect(await loading.rows('select session_id::int as s from songplays order by 1')).toEqual(
      [1, 2, 3, 4, 5].map((s) => ({ s })),
    );
    expect(await loading.rows('select count(*)::int as n from rejected_rows')).toEqual([{ n: 0 }]);
  });

  test('it took one COPY that failed, one that looked for all bad files, and one that loaded the others', () => {
    expect(copies).toEqual(['load aborted', 'check completed', 'load completed']);
  });

  test('a full reload leaves the same files out, names them, and is equal', async () => {
    const verified = await runSparkify({ args: ['verify', '--json'], environment });
    expect(verified, verified.stdout).toMatchObject({ code: 0 });
    const report = JSON.parse(verified.stdout) as { setAside: { key: string }[] };
    expect(report.setAside.map((file) => file.key).toSorted()).toEqual(
      BAD_FILES.map(({ name }) => key(name)).toSorted(),
    );
  });
});

test('archives that are none or are cut off are all found without a COPY of their own', async () => {
  const loading = await startLoading(stack);
  const archive = (sessionId: number) => gzipSync(lines(aPlay({ sessionId })));
  const files = await Promise.all([
    loading.put('log_data/1.json.gz', archive(1)),
    loading.put('log_data/2-none.json.gz', lines(aPlay({ sessionId: 2 }))),
    loading.put('log_data/3.json.gz', archive(3)),
    ...[4, 5, 6, 7, 8].map((n) => loading.put(`log_data/${n}-cut-off.json.gz`, archive(n).subarray(0, 60))),
    loading.put('log_data/9-broken.json.gz', gzipSync(`${PLAY}\n}{`)),
  ]);
  const { batchId, files: settled } = await loading.load('logs_gzip', files);

  const notLoaded = await loading.rows(
    `select object_key, error_code, reason, line_number::int as line from ingest_files where status <> 'loaded' order by 1`,
  );
  const corrupt = {
    error_code: 'gzip_invalid',
    reason: 'ends with .gz and is no gzip archive, or is cut off',
    line: null,
  };
  expect(notLoaded).toEqual([
    { object_key: 'log_data/2-none.json.gz', ...corrupt },
    ...[4, 5, 6, 7, 8].map((n) => ({ object_key: `log_data/${n}-cut-off.json.gz`, ...corrupt })),
    {
      object_key: 'log_data/9-broken.json.gz',
      error_code: 'copy_1216',
      reason: expect.stringMatching(NO_JSON) as unknown,
      line: 2,
    },
  ]);
  expect(settled.filter(({ status }) => status === 'loaded')).toHaveLength(2);
  expect(await loading.counts()).toMatchObject({ songplays: 2 });
  expect((await stagingCopies(loading, batchId)).length - 1).toBeLessThanOrEqual(3);
});

test('bad files beside files that are gone are told apart, whichever COPY meets first', async () => {
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
    await loading.put('log_data/4-bad.json', '}'),
    await gone('log_data/5-gone.json'),
  ]);
  expect(files.map(({ status }) => status)).toEqual(['quarantined', 'missing', 'loaded', 'quarantined', 'missing']);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});

test('a batch of nothing but bad files is settled, and the next one is loaded', async () => {
  const loading = await startLoading(stack);
  const bad = await loading.load('logs', [
    await loading.put('log_data/1.json', 'hello'),
    await loading.put('log_data/2.json', '[]'),
  ]);
  expect(bad.files.map(({ status }) => status)).toEqual(['quarantined', 'quarantined']);
  await loading.load('logs', [await loading.put('log_data/3.json', lines(aPlay()))]);
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
});
