import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import type { VerifyReport } from '../../src/verify/run-verify.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { aroundTransactions } from '../support/around-transactions.ts';

const stack = useStack();
const TS = Date.UTC(2018, 10, 15);

async function remove({ bucket, key }: FileEvent): Promise<void> {
  await stack.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}

function differing(report: VerifyReport): Record<string, string[]> {
  const tables = report.tables.filter(({ differences }) => differences.length > 0);
  return Object.fromEntries(
    tables.map(({ differences, table }) => [table, [...new Set(differences.map(({ column }) => column))]]),
  );
}

/** Two logs in a batch each, of user 1 and of user 2; the first is deleted after it was loaded. */
async function oneLogDeleted(): Promise<{ loading: Loading; gone: FileEvent }> {
  const loading = await startLoading(stack);
  const home = aPlay({ userId: '1', sessionId: 1, itemInSession: 2, ts: TS + 5, page: 'Home', level: 'free' });
  const gone = await loading.put('log_data/a.json', lines(aPlay({ userId: '1', sessionId: 1, ts: TS }), home));
  const stays = await loading.put('log_data/b.json', lines(aPlay({ userId: '2', sessionId: 2, ts: TS + 9 })));
  await loading.load('logs', [gone]);
  await loading.load('logs', [stays]);
  await remove(gone);
  return { loading, gone };
}

describe('a log that was deleted after it was loaded', () => {
  test('stays loaded and is named; its plays and users are no difference and are counted', async () => {
    const { gone, loading } = await oneLogDeleted();
    expect(await verified(loading)).toMatchObject({
      equal: true,
      gone: { count: 1, examples: [gone.key] },
      overwritten: { count: 0 },
      kept: { plays: 1, users: 1, songs: 0 },
    });
  });

  test('excuses no play that another batch wrote, and none whose id is not that of its values', async () => {
    const { loading } = await oneLogDeleted();
    await loading.rows(`update songplays set batch_id = (select max(batch_id) from songplays) where user_id = 1`);
    const other = await verified(loading);
    expect(other.tables[0]).toMatchObject({ table: 'songplays', starOnly: 1, reloadOnly: 0 });
    expect(other.equal).toBe(false);

    await loading.rows(`update songplays set batch_id = (select min(batch_id) from ingest_batches) where user_id = 1`);
    expect((await verified(loading)).equal).toBe(true);
    await loading.rows(`update songplays set session_id = 77 where user_id = 1`);
    expect((await verified(loading)).tables[0]).toMatchObject({ table: 'songplays', starOnly: 1 });
  });

  test('excuses neither a user who is older than the bucket says nor a start time that no play has', async () => {
    const { loading } = await oneLogDeleted();
    await loading.rows(`update users set level = 'old', last_event_at = '2018-01-01 00:00:00' where user_id = 2`);
    await loading.rows(
      `update time set hour = 3 where start_time = (select start_time from songplays where user_id = 1)`,
    );
    expect(differing(await verified(loading))).toEqual({ users: ['level', 'last_event_at'], time: ['hour'] });
  });

  test('counts for nothing when it is put again with the same content', async () => {
    const { gone, loading } = await oneLogDeleted();
    const home = aPlay({ userId: '1', sessionId: 1, itemInSession: 2, ts: TS + 5, page: 'Home', level: 'free' });
    await loading.put(gone.key, lines(aPlay({ userId: '1', sessionId: 1, ts: TS }), home));
    expect(await verified(loading)).toMatchObject({ equal: true, gone: { count: 0 }, kept: { plays: 0, users: 0 } });
  });
});

test('a log that was overwritten after it was loaded is named, and the events of every version seen stay', async () => {
  const loading = await startLoading(stack);
  const levels = ['free', 'paid', 'none'];
  for (const [version, level] of levels.entries()) {
    // The first play is in every version with other values: which of them wins is decided by content.
    const same = aPlay({ sessionId: 1, ts: TS, level });
    const own = aPlay({ sessionId: 2 + version, ts: TS + version });
    await loading.load('logs', [await loading.put('log_data/a.json', lines(same, own))]);
  }
  expect(await loading.counts()).toMatchObject({ songplays: 4 });
  const report = await verified(loading);
  expect(report).toMatchObject({
    equal: true,
    gone: { count: 0 },
    overwritten: { count: 1, examples: ['log_data/a.json'] },
  });
  // Two plays that only older versions have, and the contested one unless the newest version won it.
  const [winner] = await loading.rows('select level from songplays where session_id = 1');
  expect(report.kept.plays).toBe(winner?.['level'] === 'none' ? 2 : 3);
});

test('a log that was overwritten with one that cannot be read is set aside, and the events of the version before stay', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: TS })))]);
  await loading.load('logs', [await loading.put('log_data/a.json', '{broken')]);
  expect(await verified(loading)).toMatchObject({
    equal: true,
    setAside: [{ key: 'log_data/a.json' }],
    overwritten: { count: 1 },
    kept: { plays: 1, users: 1 },
  });
});

describe('a song object that was deleted after it was loaded', () => {
  async function songDeleted(): Promise<{ loading: Loading; gone: FileEvent }> {
    const loading = await startLoading(stack);
    const gone = await loading.put('song_data/TR1.json', JSON.stringify(aSong()));
    const other = aSong({ song_id: 'SOOTHER', title: 'Another', artist_location: 'Elsewhere' });
    await loading.load('songs', [gone]);
    await loading.load('songs', [await loading.put('song_data/TR2.json', JSON.stringify(other))]);
    await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: TS })))]);
    await remove(gone);
    return { loading, gone };
  }

  test('stays loaded with its artist and its plays, and is named', async () => {
    const { gone, loading } = await songDeleted();
    expect(await verified(loading)).toMatchObject({
      equal: true,
      gone: { count: 1, examples: [gone.key] },
      kept: { plays: 0, users: 0, songs: 1 },
    });
    expect(await loading.rows('select song_id from songplays')).toEqual([{ song_id: 'SOREADMYMIND' }]);
  });

  test('hides neither a lost match nor a song that was changed nor an artist', async () => {
    const { loading } = await songDeleted();
    await loading.rows(`update songplays set song_id = null`);
    await loading.rows(`update songs set year = 1900 where song_id = 'SOREADMYMIND'`);
    await loading.rows(`update artists set location = 'Nowhere'`);
    expect(differing(await verified(loading))).toEqual({
      songplays: ['song_id'],
      songs: ['year'],
      artists: ['location'],
    });
  });
});

test('two comparisons at once work, and of the schemas beside the star only marked ones of two days ago are dropped', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: TS })))]);
  const { schema } = loading.settings;
  const marker = (hours: number, star = schema) =>
    `create table sparkify_verify_run as
     select 'x' as run_id, '${star}' as star_schema, now()::timestamp - interval '${hours} hours' as started_at`;
  const beside = {
    [`${schema}_verify`]: 'create table songplays (of varchar)',
    [`${schema}_verify_of_us`]: 'create table songplays (of varchar)',
    [`${schema}_verify_running`]: marker(47),
    [`${schema}_verify_killed`]: marker(49),
    [`${schema}_verify_of_another`]: marker(49, `${schema}_verify`),
    // The name is a match for LIKE, where an underscore stands for anything.
    [`${schema}xverifyxkilled`]: marker(49),
  };
  for (const [name, sql] of Object.entries(beside)) {
    await loading.rows(`create schema ${name}; set search_path to ${name}; ${sql}`);
  }
  const reports = await Promise.all([verified(loading), verified(loading)]);
  expect(reports.map(({ equal }) => equal)).toEqual([true, true]);
  const left = await loading.rows(`select nspname from pg_namespace where nspname like '${schema}_%' order by 1`);
  const stay = Object.keys(beside).filter((name) => name !== `${schema}_verify_killed`);
  expect(left.map(({ nspname }) => nspname).toSorted()).toEqual(stay.toSorted());
});

describe('a scratch schema that cannot be dropped', () => {
  function failing(loading: Loading, name: RegExp): Warehouse {
    return aroundTransactions(loading.warehouse, async (input, run) => {
      if (name.test(input.name)) throw new IngestError('throttled', `${input.name} is refused.`);
      return await run(input);
    });
  }

  test('is said by name and takes the result with it neither way', async () => {
    const loading = await startLoading(stack);
    const said: string[] = [];
    const report = await verified(loading, {
      warehouse: failing(loading, /drop/),
      onStep: (sentence) => said.push(sentence),
    });
    expect(report.equal).toBe(true);
    expect(said.at(-1)).toMatch(new RegExp(`${loading.settings.schema}_verify_\\w+ is still there`));
    expect(said.at(-1)).toContain('verify-drop is refused.');
  });

  test('does not hide the error that came before it', async () => {
    const loading = await startLoading(stack);
    const said: string[] = [];
    const parts = { warehouse: failing(loading, /drop|reload/), onStep: (sentence: string) => said.push(sentence) };
    await expect(verified(loading, parts)).rejects.toThrow('verify-reload is refused.');
    expect(said.at(-1)).toContain('is still there');
  });
});
