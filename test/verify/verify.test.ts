import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { logLine } from '../support/log-lines.ts';
import { runSparkify } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import type { TestPlace } from '../support/stack.ts';

const stack = useStack();
let place: TestPlace;

async function sparkify(...args: string[]) {
  return await runSparkify({ args, environment: { ...place.environment, SPARKIFY_LINGER_MS: '100' } });
}

async function verify(...args: string[]): Promise<{ code: number | null; report: VerifyReport; stderr: string }> {
  const { code, stdout, stderr } = await sparkify('verify', '--json', ...args);
  expect(stdout, stderr).not.toBe('');
  return { code, report: JSON.parse(stdout) as VerifyReport, stderr };
}

async function scratchSchemas(): Promise<number> {
  const { rows } = await stack.pool.query<{ count: string }>(
    `select count(*) from pg_catalog.pg_namespace where nspname like '${place.schema}_verify%'`,
  );
  return Number(rows[0]?.count);
}

function tableOf(report: VerifyReport, name: string) {
  return report.tables.find(({ table }) => table === name);
}

beforeAll(async () => {
  place = await stack.place();
  for (const args of [
    ['migrate'],
    ['generate', '--to', 's3', '--events', '600', '--songs', '40', '--users', '20', '--files', '6'],
    ['consume', '--until-idle'],
  ]) {
    const end = await sparkify(...args);
    expect(end.code, end.stderr).toBe(0);
  }
});

test('reports equal, with exit code 0, after an ordinary load of everything', async () => {
  const { code, stdout, stderr } = await sparkify('verify');
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain('equal: all tables match a full reload of');
  expect(await scratchSchemas()).toBe(0);
  const { report } = await verify();
  expect(report.songFiles).toBe(40);
  // No event stands in two files, so that no play has a rival.
  const tables = report.tables.filter(({ table }) => table !== 'play_rivals');
  for (const table of tables) expect(table.starRows, table.table).toBeGreaterThan(10);
});

test('compares a part, and the warehouse alone', async () => {
  const { rows } = await stack.pool.query<{ day: string }>(
    `select to_char(max(last_event_at), 'YYYY-MM-DD') as day from ${place.schema}.ingest_objects`,
  );
  const day = await sparkify('verify', '--day', rows[0]?.day ?? '', '--json');
  expect(JSON.parse(day.stdout), day.stderr).toMatchObject({ consistent: true, equal: false, songFiles: 0 });
  const quick = await sparkify('verify', '--quick');
  expect(quick.stdout).toMatch(/consistent: [\d,]+ rows of \d+ objects match the ledger/);
  const nothing = await sparkify('verify', '--prefix', 'log_data/nothing/');
  expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('has no object in this part') as string });
  expect(await sparkify('verify', '--prefix', 'elsewhere/')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected a prefix of "song_data/" or "log_data/"') as string,
  });
});

test('reports a file that was not loaded, with exit code 1 and the remedy; backfill loads it', async () => {
  const key = 'log_data/2018/11/not loaded + 100%.json';
  const Body = logLine({ sessionId: 9, ts: Date.UTC(2018, 10, 9), userId: '99' });
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body }));
  const list = join(mkdtempSync(join(tmpdir(), 'verify-')), 'keys');
  const { code, report } = await verify('--keys', list);
  expect(readFileSync(list, 'utf8')).toBe(`${key}\n`);
  expect({ code, equal: report.equal }).toEqual({ code: 1, equal: false });
  expect(tableOf(report, 'ingest_files')?.differences).toMatchObject([{ key, column: '(row)', star: 'missing' }]);
  expect(tableOf(report, 'songplays')).toMatchObject({ starOnly: 0, reloadOnly: 1 });
  expect((await sparkify('backfill')).code).toBe(0);
  expect((await verify()).report.equal).toBe(true);
});

test('names an unreadable quarantined file; a deleted file is not a difference in the ledger', async () => {
  const broken = 'log_data/2018/11/broken.json';
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: broken, Body: '{"page":"NextSong","ts":1' }));
  const empty = 'log_data/2018/11/empty.json';
  await stack.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: empty, Body: Buffer.alloc(0) }));
  expect((await sparkify('consume', '--until-idle')).code).toBe(0);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: empty }));
  const { code, report } = await verify();
  expect(report.quarantined.map(({ key }) => key)).toEqual([broken]);
  expect(report.notCompared.examples).toEqual([{ key: empty, fate: 'gone', rows: 0 }]);
  expect({ code, equal: report.equal }).toEqual({ code: 0, equal: true });
});

test('drops the scratch schema when it fails', async () => {
  const environment = { ...place.environment, SPARKIFY_COPY_ROLE_ARN: 'arn:aws:iam::000000000000:role/not-attached' };
  const { code, stderr } = await runSparkify({ args: ['verify'], environment });
  expect(code).toBe(1);
  expect(stderr).toContain('[copy_role_refused]');
  expect(await scratchSchemas()).toBe(0);
});

const SAMPLE = new URL('../../../shared/data/sparkify/', import.meta.url);
const hasSample = ((): boolean => {
  try {
    return readdirSync(SAMPLE).includes('log_data');
  } catch {
    return false;
  }
})();

test.skipIf(!hasSample)('the real sample: 827 plays, 52 users, 47 songs, 45 artists, 827 times, equal', async () => {
  const own = await stack.place();
  const environment = { ...own.environment, SPARKIFY_LINGER_MS: '100' };
  const run = async (...args: string[]) => await runSparkify({ args, environment });
  expect((await run('migrate')).code).toBe(0);
  const files = readdirSync(SAMPLE, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /(log|song)_data/.test(entry.parentPath) && entry.name.endsWith('.json'),
  );
  for (const { name, parentPath } of files) {
    const Key = `${parentPath.slice(parentPath.search(/(log|song)_data/))}/${name}`;
    await stack.s3.send(new PutObjectCommand({ Bucket: own.bucket, Key, Body: readFileSync(`${parentPath}/${name}`) }));
  }
  expect((await run('consume', '--until-idle')).code).toBe(0);
  const { code, stdout } = await run('verify', '--json');
  const report = JSON.parse(stdout) as VerifyReport;
  expect(Object.fromEntries(report.tables.map(({ table, starRows }) => [table, starRows]))).toMatchObject({
    songplays: 827,
    users: 52,
    songs: 47,
    artists: 45,
    time: 827,
  });
  expect({ code, equal: report.equal }).toEqual({ code: 0, equal: true });
});
