import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import type { VerifyReport } from '../../src/verify/report.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { RELOADED, retracting } from '../support/retracting.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { aroundTransactions } from '../../src/core/around-transactions.ts';

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
  test('stays loaded and is listed with the number of its rows, which are not a difference', async () => {
    const { gone, loading } = await oneLogDeleted();
    expect(await verified(loading)).toMatchObject({
      equal: true,
      notCompared: { files: 1, rows: 2, examples: [{ key: gone.key, fate: 'gone', rows: 2 }] },
      withoutLineage: { plays: 0, users: 0, songs: 0 },
    });
  });

  test('has exactly its rows: a row of another file, under another id or with another value is a difference', async () => {
    const { loading } = await oneLogDeleted();
    await loading.rows(`create table whole as select * from songplays`);
    const counted = ['rows_kept', 'rows_sum', 'first_event_at'];
    const damages = {
      'object_id = (select max(object_id) from songplays where user_id = 2)': {
        songplays: ['(row)'],
        play_keys: undefined,
        time: ['(row)'],
        ingest_objects: counted,
      },
      "object_id = md5('x')": { songplays: ['(row)'], time: ['(row)'], ingest_objects: counted },
      'session_id = 77': { songplays: ['(row)'], time: ['(row)'], ingest_objects: counted },
      "level = 'x'": { ingest_objects: ['rows_sum'] },
    };
    for (const [damage, shown] of Object.entries(damages)) {
      await loading.rows(`update songplays set ${damage} where user_id = 1`);
      expect(differing(await verified(loading)), damage).toEqual(shown);
      await loading.rows(`delete from songplays; insert into songplays select * from whole`);
    }
    expect((await verified(loading)).equal).toBe(true);
  });

  test('does not excuse a user older than in the bucket, or a start time without a play', async () => {
    const { loading } = await oneLogDeleted();
    await loading.rows(`update users set level = 'old', last_event_at = '2018-01-01 00:00:00' where user_id = 2`);
    await loading.rows(
      `update time set hour = 3 where start_time = (select start_time from songplays where user_id = 1)`,
    );
    expect(differing(await verified(loading))).toEqual({ users: ['level', 'last_event_at'], time: ['hour'] });
  });

  test('is not listed when its rows were removed', async () => {
    const { gone, loading } = await oneLogDeleted();
    await loading.load('logs', [{ ...gone, change: 'delete' }]);
    expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 0 } });
    expect(await loading.counts()).toMatchObject({ songplays: 1, users: 1 });
    await loading.rows(`update ingest_objects set rows_kept = 1 where status = 'removed'`);
    expect(differing(await verified(loading))).toEqual({ ingest_objects: ['rows_kept'] });
  });

  test('counts for nothing when it is put again with the same content and loaded', async () => {
    const { gone, loading } = await oneLogDeleted();
    const home = aPlay({ userId: '1', sessionId: 1, itemInSession: 2, ts: TS + 5, page: 'Home', level: 'free' });
    const again = await loading.put(gone.key, lines(aPlay({ userId: '1', sessionId: 1, ts: TS }), home));
    await loading.load('logs', [again]);
    expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 0, rows: 0 } });
  });
});

test('a log that was overwritten, shortened and emptied is equal without conditions', async () => {
  const loading = await startLoading(stack);
  const plays = [1, 2, 3].map((user) => aPlay({ userId: String(user), sessionId: user, ts: TS + user }));
  const other = aPlay({ userId: '3', sessionId: 3, ts: TS + 3, level: 'paid' });
  await loading.load('logs', [await loading.put('log_data/b.json', lines(other))]);
  for (const version of [plays, [...plays.slice(1), aPlay({ sessionId: 4, ts: TS })], plays.slice(0, 1), []]) {
    await loading.load('logs', [await loading.put('log_data/a.json', lines(...version))]);
    expect(await verified(loading)).toMatchObject({
      equal: true,
      notCompared: { files: 0 },
      quarantined: [],
      unread: [],
    });
  }
  expect(await loading.counts()).toMatchObject({ songplays: 1, users: 1 });
});

test('a log overwritten with an unreadable version is quarantined, and the previous version stays', async () => {
  const loading = await startLoading(stack);
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: TS })))]);
  await loading.load('logs', [await loading.put('log_data/a.json', '{broken')]);
  expect(await verified(loading)).toMatchObject({
    equal: true,
    quarantined: [{ key: 'log_data/a.json' }],
    notCompared: { files: 1, rows: 2, examples: [{ key: 'log_data/a.json', fate: 'unread', rows: 2 }] },
  });
});

test('a file that a person retracted is listed and counts as empty, until another version of it is loaded', async () => {
  const loading = await startLoading(stack);
  const own = [aPlay({ ts: TS }), aPlay({ userId: '2', sessionId: 2, ts: TS + 1 })];
  const log = await loading.put('log_data/a.json', lines(...own));
  const song = await loading.put('song_data/TR1.json', JSON.stringify(aSong()));
  await loading.load('logs', [log]);
  await loading.load('songs', [song]);
  const retract = retracting(loading, loading.loadBatch);
  await retract.run('logs', [log]);
  await retract.run('songs', [song]);
  const retracted = [log.key, song.key].map((key) => ({ key, fate: 'retracted', rows: 0 }));
  expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 2, examples: retracted } });
  expect(await loading.counts()).toMatchObject({ songplays: 0, users: 0, songs: 0 });
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay({ ts: TS })))]);
  expect(await verified(loading)).toMatchObject({ equal: true, notCompared: { files: 1 } });
});

describe('rows without a file, from an earlier version of the program', () => {
  async function withoutLineage(): Promise<{ loading: Loading; log: FileEvent; files: FileEvent[] }> {
    const loading = await startLoading(stack);
    const song = await loading.put('song_data/TR1.json', JSON.stringify(aSong()));
    const log = await loading.put('log_data/a.json', lines(aPlay({ ts: TS }), aPlay({ userId: '2', ts: TS + 1 })));
    await loading.load('songs', [song]);
    await loading.load('logs', [log]);
    await loading.rows(`
      update songplays set object_id = null, line_number = null;
      update users set object_id = null, line_number = null;
      update user_sources set object_id = null, line_number = null;
      update songs set line_number = null;
      update artists set source_id = null, line_number = null;
      update song_sources set line_number = null;
      delete from ingest_objects where dataset = 'logs'`);
    return { loading, log, files: [song, log] };
  }
  const all = { plays: 2, users: 2, songs: 1 };

  test('are counted, and are compared when the bucket has them', async () => {
    const { loading, log } = await withoutLineage();
    expect(await verified(loading)).toMatchObject({ equal: true, withoutLineage: all, notCompared: { files: 0 } });
    await loading.rows(
      `update songplays set level = 'x' where user_id = 2; update users set gender = 'x' where user_id = 2`,
    );
    const report = await verified(loading);
    expect(differing(report)).toEqual({ songplays: ['level'], users: ['gender'] });
    await remove(log);
    expect(await verified(loading)).toMatchObject({ withoutLineage: all });
  });

  test('get their files by a reload, which changes nothing else', async () => {
    const { files, loading } = await withoutLineage();
    const before = await loading.star();
    const [song, log] = files;
    if (song !== undefined) await loading.load('songs', [song], RELOADED);
    if (log !== undefined) await loading.load('logs', [log], RELOADED);
    expect(await verified(loading)).toMatchObject({ equal: true, withoutLineage: { plays: 0, users: 0, songs: 0 } });
    expect(await loading.star()).toEqual(before);
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
      notCompared: { files: 1, rows: 1, examples: [{ key: gone.key, fate: 'gone', rows: 1 }] },
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

test('two comparisons at once work, and only marked scratch schemas older than two days are dropped', async () => {
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

  test('is named, and hides neither kind of result', async () => {
    const loading = await startLoading(stack);
    const said: string[] = [];
    const report = await verified(loading, {
      warehouse: failing(loading, /drop/),
      onStep: (sentence) => said.push(sentence),
    });
    expect(report.equal).toBe(true);
    expect(said.at(-1)).toMatch(
      new RegExp(`could not drop the scratch schema ${loading.settings.schema}_verify_\\w+;`),
    );
    expect(said.at(-1)).toContain('verify-drop is refused.');
  });

  test('does not hide the error that came before it', async () => {
    const loading = await startLoading(stack);
    const said: string[] = [];
    const parts = { warehouse: failing(loading, /drop|reload/), onStep: (sentence: string) => said.push(sentence) };
    await expect(verified(loading, parts)).rejects.toThrow('verify-reload is refused.');
    expect(said.at(-1)).toContain('could not drop the scratch schema');
  });
});
