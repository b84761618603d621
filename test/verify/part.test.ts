import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { runQuickVerify } from '../../src/verify/run-quick-verify.ts';
import type { QuickReport } from '../../src/verify/run-quick-verify.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import { aroundTransactions } from '../../src/core/around-transactions.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2018, 10, 1);
const TABLES = ['songplays', 'users', 'ingest_objects', 'artists'];

let loading: Loading;
let files: Record<'first' | 'second', FileEvent>;

const play = (day: number, user: number) =>
  aPlay({ userId: String(user), sessionId: user, ts: FIRST_DAY + day * DAY_MS + user });

beforeAll(async () => {
  loading = await startLoading(stack);
  files = {
    first: await loading.put('log_data/2018/11/a.json', lines(play(0, 1), play(0, 2))),
    second: await loading.put('log_data/2018/12/b.json', lines(play(40, 1), play(40, 3))),
  };
  await loading.load('songs', [await loading.put('song_data/TR1.json', JSON.stringify(aSong()))]);
  for (const file of Object.values(files)) await loading.load('logs', [file]);
  await loading.rows(TABLES.map((table) => `create table whole_${table} as select * from ${table}`).join(';'));
});

/** Runs with something broken in the tables, which are whole again afterwards. */
async function damaged<T>(sql: string, run: () => Promise<T>): Promise<T> {
  try {
    await loading.rows(sql);
    return await run();
  } finally {
    await loading.rows(
      TABLES.map((table) => `delete from ${table}; insert into ${table} select * from whole_${table}`).join(';'),
    );
  }
}

const SECOND = `user_id = 3`;

describe('a part of the bucket', () => {
  const ofPrefix = async (prefix: string) => await verified(loading, { part: { prefix } });

  test('is consistent, not equal, and reads only its own files', async () => {
    const report = await ofPrefix('log_data/2018/11/');
    expect(report).toMatchObject({ equal: false, consistent: true, logFiles: 1, songFiles: 0, differingKeys: [] });
    expect(report.part).toEqual({ prefix: 'log_data/2018/11/', sinceMs: null, untilMs: null, dayMs: null });
    // No file outside the part is called gone.
    expect(report.notCompared.files).toBe(0);
  });

  test('shows a wrong row of its own files with time, user and file, and none of other files', async () => {
    const wrong = `update songplays set level = 'x' where ${SECOND}`;
    expect(await damaged(wrong, async () => await ofPrefix('log_data/2018/11/'))).toMatchObject({
      tables: expect.arrayContaining([expect.objectContaining({ table: 'songplays', starOnly: 0 })]) as unknown,
    });
    const report = await damaged(wrong, async () => await ofPrefix('log_data/2018/12/'));
    expect(report).toMatchObject({ consistent: false, differingKeys: ['log_data/2018/12/b.json'] });
    expect(report.tables.flatMap(({ differences }) => differences)).toMatchObject([
      {
        column: 'level',
        user: '3',
        time: expect.stringContaining('2018-12-11') as string,
        file: 'log_data/2018/12/b.json',
      },
    ]);
  });

  test('shows a row that names one of its files and is not in the file', async () => {
    const moved = `update songplays set object_id = (select max(object_id) from whole_songplays where user_id = 2) where ${SECOND}`;
    const report = await damaged(moved, async () => await ofPrefix('log_data/2018/11/'));
    expect(report.tables.find(({ table }) => table === 'songplays')).toMatchObject({ starOnly: 1, reloadOnly: 0 });
  });

  test('of a day has the logs with events of that day, and any log that the ledger lacks', async () => {
    const ofDay = async (day: number) => await verified(loading, { part: { dayMs: FIRST_DAY + day * DAY_MS } });
    expect(await ofDay(40)).toMatchObject({ consistent: true, logFiles: 1, songFiles: 0 });
    expect(await ofDay(41)).toMatchObject({ consistent: true, logFiles: 0 });
    const unknown = await loading.put('log_data/2018/13/c.json', lines(play(0, 9)));
    try {
      const report = await ofDay(40);
      expect(report.tables.filter(({ starOnly, reloadOnly }) => starOnly + reloadOnly > 0)).toMatchObject([
        { table: 'ingest_files', differences: [{ key: unknown.key, star: 'missing' }] },
      ]);
    } finally {
      await stack.s3.send(new DeleteObjectCommand({ Bucket: unknown.bucket, Key: unknown.key }));
    }
  });

  test('by the time at which an object was stored', async () => {
    const untilMs = Math.min(...Object.values(files).map(({ eventTimeMs }) => eventTimeMs)) - 60_000;
    expect(await verified(loading, { part: { untilMs } })).toMatchObject({ logFiles: 0, songFiles: 0 });
    expect(await verified(loading, { part: { sinceMs: untilMs } })).toMatchObject({ consistent: true, logFiles: 2 });
  });
});

describe('the quick comparison', () => {
  async function quick(): Promise<QuickReport> {
    const { settings, warehouse } = loading;
    const { signal } = new AbortController();
    const { schema } = settings;
    return await runQuickVerify({ warehouse, library: openSqlLibrary(), schema, runId: String(Math.random()), signal });
  }

  test('finds the rows of every object as the ledger has them', async () => {
    expect(await quick()).toMatchObject({ consistent: true, objects: 3, differences: [] });
  });

  test.each([
    [`update songplays set level = 'x' where ${SECOND}`, 0],
    [`delete from songplays where ${SECOND}`, -1],
    [`insert into songplays select * from whole_songplays where ${SECOND}`, 1],
  ])('shows the object: %s', async (sql, rowsMore) => {
    const { differences, ...report } = await damaged(sql, quick);
    expect(report).toMatchObject({ consistent: false, differingObjects: 1 });
    expect(differences).toEqual([{ key: 'log_data/2018/12/b.json', status: 'live', rowsKept: 4, rowsMore }]);
  });

  test.each([
    ['a key that stands twice', `insert into users select * from whole_users where ${SECOND}`, 'users.user_id'],
    ['a play without its user', `delete from users where ${SECOND}`, 'plays without their user'],
    ['a song without its artist', 'delete from artists', 'songs without their artist'],
    [
      'a play outside of its log',
      `update ingest_objects set last_event_at = first_event_at where object_key like '%b.json'`,
      'plays outside the times of their log',
    ],
  ])('fails for %s', async (_, sql, what) => {
    const { quality } = await damaged(sql, quick);
    const failed = quality.filter(({ outcome }) => outcome === 'failed');
    expect(failed.flatMap(({ counts }) => counts.filter(({ found }) => found > 0))).toContainEqual({ what, found: 1 });
  });

  test('warns of values that are missing, and of an old newest batch', async () => {
    const { quality } = await damaged(`update songplays set level = null where ${SECOND}`, quick);
    expect(quality.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'warning', 'ok']);
  });
});

test('objects that are loaded during the comparison are looked at again', async () => {
  const said: string[] = [];
  let reloads = 0;
  const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
    if (/reload/.test(input.name)) reloads += 1;
    if (/reload/.test(input.name) && reloads === 1) {
      await loading.load('logs', [await loading.put(files.second.key, lines(play(40, 1), play(41, 4)))]);
    }
    return await run(input);
  });
  const report = await verified(loading, { warehouse, onStep: (sentence) => said.push(sentence) });
  expect(said.filter((sentence) => sentence.startsWith('looking again'))).toHaveLength(1);
  expect(report).toMatchObject({ equal: true, consistent: true });
});
