import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { FORGET_LINEAGE } from '../support/forget-lineage.ts';
import { aBatch } from '../support/loading.ts';
import type { LogEvent } from '../support/log-events.ts';
import { aSong } from '../support/log-events.ts';
import { RELOADED, retracting } from '../support/retracting.ts';
import { useStack } from '../support/stack.ts';
import { forgetAll } from './support/every-way.ts';
import { LineagePlace, NOON, play } from './support/lineage-place.ts';

const stack = useStack();
const NEVER = new AbortController().signal;
const place = LineagePlace.use(stack);
const { load, loaded, named, plays, put, rivals, users } = place;

describe('an overwritten log', () => {
  test('replaces its rows: rows of only the older version go, with their time and user', async () => {
    await loaded(await put('a', 0, play(1), play(2, { userId: '7', firstName: 'Ann' })));
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2']);
    const outcome = await load(aBatch('logs', [await put('a', 5, play(1))]));
    expect(await plays()).toEqual(['1 paid a:1']);
    expect(await users()).toEqual(['25 Jayden a:1']);
    expect(await place.loading.counts()).toMatchObject({ songplays: 1, users: 1, time: 1 });
    expect(outcome.counts).toMatchObject({ inserted: 0, updated: 0, removed: 2 });
    expect(
      await place.loading.rows('select status, count(*)::int as n from ingest_files group by 1 order by 1'),
    ).toEqual([
      { status: 'loaded', n: 1 },
      { status: 'superseded', n: 1 },
    ]);
  });

  test('that has other lines writes the lines; a log with equal content writes nothing', async () => {
    await loaded(await put('a', 0, play(1), play(2)));
    await loaded(await put('a', 5, play(3), play(1), play(2)));
    expect(await plays()).toEqual(['1 paid a:2', '2 paid a:3', '3 paid a:1']);
    const before = await place.loading.rows('select batch_id from songplays order by session_id');
    await loaded(await put('a', 9, play(3), play(1), play(2)));
    expect(await place.loading.rows('select batch_id from songplays order by session_id')).toEqual(before);
  });

  test('that is empty, or has only rejected rows, removes all rows', async () => {
    for (const events of [[], [{ page: 'NextSong' }]]) {
      await forgetAll(place.loading);
      await loaded(await put('a', 0, play(1)));
      await loaded(await put('a', 5, ...events));
      expect(await place.loading.counts()).toMatchObject({ songplays: 0, users: 0, time: 0 });
      expect(await place.loading.rows('select * from user_sources')).toEqual([]);
    }
  });

  test('that cannot be read removes nothing, and the next readable version does', async () => {
    await loaded(await put('a', 0, play(1), play(2)));
    await loaded(await place.loading.put('log_data/a.json', 'not JSON'));
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2']);
    await loaded(await put('a', 9, play(2)));
    expect(await plays()).toEqual(['2 paid a:1']);
  });

  test('with an older last-modified (a multipart upload, a version that is current again) replaces the rows as well', async () => {
    await loaded(await put('a', 9, play(1)));
    await loaded(await put('a', 0, play(2)));
    expect(await plays()).toEqual(['2 paid a:1']);
    await loaded(await put('a', 9, play(1)));
    expect(await plays()).toEqual(['1 paid a:1']);
  });

  test('that is overwritten again before its rows are published is read again', async () => {
    await loaded(await put('a', 0, play(1)));
    const second = await put('a', 5, play(2));
    let probes = 0;
    const inner = place.store;
    const overwriting = place.loading.anotherLoader({
      store: {
        put: async (input) => await inner.put(input),
        remove: async (input) => await inner.remove(input),
        open: async (input) => await inner.open(input),
        list: (input) => inner.list(input),
        probe: async (input) => {
          probes += 1;
          if (probes === 1) await put('a', 7, play(3));
          return await inner.probe(input);
        },
      },
    });
    const other = await put('b', 5, play(4));
    const { files } = await overwriting(aBatch('logs', [second, other]), NEVER);
    expect(files.map(({ status }) => status)).toEqual(['loaded', 'loaded']);
    expect(await plays()).toEqual(['3 paid a:1', '4 paid b:1']);
    expect(probes).toBe(2);
  });

  test('that changes at every look is quarantined with the reason, and removes nothing', async () => {
    await loaded(await put('a', 0, play(1)));
    const inner = place.store;
    let session = 2;
    const changing = place.loading.anotherLoader({
      store: {
        put: async (input) => await inner.put(input),
        remove: async (input) => await inner.remove(input),
        open: async (input) => await inner.open(input),
        list: (input) => inner.list(input),
        probe: async (input) => {
          session += 1;
          await put('a', session, play(session));
          return await inner.probe(input);
        },
      },
    });
    const { files } = await changing(aBatch('logs', [await put('a', 2, play(2))]), NEVER);
    expect(files).toMatchObject([{ status: 'quarantined' }]);
    expect(await place.loading.rows("select error_code from ingest_files where status = 'quarantined'")).toEqual([
      { error_code: 'object_changing' },
    ]);
    expect((await plays()).map((row) => row.split(' ')[0])).toEqual(['1']);
  });
});

describe('an event that stands in several files', () => {
  test.each(['together', 'one after the other', 'the other way round'])(
    'carries the values of the newest one, loaded %s; the others take its place when it goes',
    async (how) => {
      const files = [
        await put('old', 0, play(1, { level: 'free' })),
        await put('new', 5, play(9), play(1, { level: 'paid' })),
        await put('middle', 3, play(1, { level: 'other' })),
      ];
      if (how === 'together') await loaded(...files);
      else for (const file of how === 'one after the other' ? files : files.toReversed()) await loaded(file);
      expect(await plays()).toEqual(['1 paid new:2', '9 paid new:1']);
      expect(await rivals()).toEqual(['1 free old:1', '1 other middle:1']);

      await loaded(await put('new', 6, play(9)));
      expect(await plays()).toEqual(['1 other middle:1', '9 paid new:1']);
      await loaded(await put('middle', 7));
      expect(await plays()).toEqual(['1 free old:1', '9 paid new:1']);
      expect(await rivals()).toEqual([]);
    },
  );

  test('stays unchanged when the newest file has the same values, and outlives the file that it came from', async () => {
    await loaded(await put('a', 0, play(1)));
    const [before] = await place.loading.rows('select batch_id from songplays');
    await loaded(await put('b', 5, play(8), play(1)));
    expect(await plays()).toEqual(['1 paid a:1', '8 paid b:1']);
    expect(await place.loading.rows('select batch_id from songplays where session_id = 1')).toEqual([before]);
    await loaded(await put('a', 6, play(2)));
    expect(await plays()).toEqual(['1 paid b:2', '2 paid a:1', '8 paid b:1']);
    expect(await rivals()).toEqual([]);
  });

  test('is decided again when the file that kept the row is removed', async () => {
    const named = (firstName: string) => play(1, { level: firstName, firstName });
    await loaded(await put('a', 1, named('x')));
    await loaded(await put('b', 3, named('x')));
    await loaded(await put('c', 2, named('y')));
    expect([await plays(), await users()]).toEqual([['1 x a:1'], ['25 x a:1']]);
    await loaded(await put('b', 4));
    expect([await plays(), await users()]).toEqual([['1 y c:1'], ['25 y c:1']]);
    expect(await rivals()).toEqual(['1 x a:1']);
  });

  test('with equal last-modified has the values of the greater key; twice in a file, those of the last line', async () => {
    await loaded(await put('b', 5, play(1, { level: 'b' })), await put('a', 5, play(1, { level: 'a' })));
    expect(await plays()).toEqual(['1 b b:1']);
    const oneLine = `${JSON.stringify(play(2, { level: 'x' }))}${JSON.stringify(play(2, { level: 'y' }))}\n`;
    place.storedAfter.set('log_data/c.json', 6);
    await loaded(await place.loading.put('log_data/c.json', oneLine));
    expect(await plays()).toEqual(['1 b b:1', '2 y c:1']);
  });
});

describe('a user', () => {
  const at = (session: number, firstName: string, values: LogEvent = {}) =>
    play(session, { firstName, page: 'Home', ...values });

  test('falls back to the newest remaining event, however old, when the newest one is removed', async () => {
    await loaded(await put('old', 0, at(1, 'Eve', { ts: NOON - 200 * 86_400_000 })));
    await loaded(await put('a', 1, at(2, 'Ann')));
    await loaded(await put('b', 2, at(3, 'Bob')));
    expect(await users()).toEqual(['25 Bob b:1']);
    await loaded(await put('b', 3));
    expect(await users()).toEqual(['25 Ann a:1']);
    await loaded(await put('a', 4));
    expect(await users()).toEqual(['25 Eve old:1']);
    await loaded(await put('old', 5));
    expect(await users()).toEqual([]);
  });

  test('falls back to another file when the new version has only an older event', async () => {
    const day = 86_400_000;
    await loaded(await put('a', 1, at(3, 'Ann')));
    await loaded(await put('b', 2, at(2, 'Bob', { ts: NOON - 50 * day })));
    await loaded(await put('a', 3, at(1, 'Eve', { ts: NOON - 100 * day })));
    expect(await users()).toEqual(['25 Bob b:1']);
  });

  test('with the same event in two files has the values of the newest file, whichever came first', async () => {
    for (const isReversed of [false, true]) {
      await forgetAll(place.loading);
      const files = [await put('a', 9, at(1, 'Ann')), await put('b', 5, at(1, 'Bob'))];
      for (const file of isReversed ? files.toReversed() : files) await loaded(file);
      expect(await users()).toEqual(['25 Ann a:1']);
      await loaded(await put('a', 10));
      expect(await users()).toEqual(['25 Bob b:1']);
    }
  });
});

test('songs and artists name the object and the line of the song that wins', async () => {
  const song = (values: LogEvent): string => `${JSON.stringify(aSong(values))}\n`;
  place.storedAfter.set('song_data/a.json', 0).set('song_data/b.json', 5);
  const a = await place.loading.put('song_data/a.json', song({ song_id: 'SO1' }) + song({ song_id: 'SO2' }));
  const b = await place.loading.put('song_data/b.json', song({ song_id: 'SO2', title: 'Two' }));
  await load(aBatch('songs', [a, b]));
  const read = async () => [
    ...(await named('select song_id || title as row, source_id as object_id, line_number from songs order by song_id')),
    ...(await named('select artist_id as row, source_id as object_id, line_number from artists')),
  ];
  expect(await read()).toEqual(['SO1Read My Mind a:1', 'SO2Two b:1', 'ARKILLERS b:1']);
  place.storedAfter.set('song_data/b.json', 6);
  await load(aBatch('songs', [await place.loading.put('song_data/b.json', '')]));
  expect(await read()).toEqual(['SO1Read My Mind a:1', 'SO2Read My Mind a:2', 'ARKILLERS a:2']);
});

const retract = () => retracting(place.loading, load);

describe('a person retracts a file', () => {
  test('a file of 50 events with wrong names leaves nothing, and no user keeps a wrong name', async () => {
    const events = Array.from({ length: 50 }, (_, n) => play(n + 1, { userId: String(n % 9), firstName: 'Right' }));
    await loaded(await put('right', 0, ...events));
    const before = { star: await place.loading.star(), plays: await plays(), users: await users() };
    const wrong = events.map((event, n) => ({ ...event, firstName: 'Wrong', ts: NOON + 3_600_000 + n }));
    const file = await put('wrong', 5, ...wrong, ...events.slice(0, 6));
    await loaded(file);
    expect((await users()).every((row) => row.includes('Wrong wrong:'))).toBe(true);

    const planned = await retract().plan('logs', [file]);
    expect(planned).toMatchObject({
      objects: [{ key: file.key, status: 'live', rows: 65 }],
      tables: [
        { table: 'songplays', removed: 50, changed: 0 },
        { table: 'users', removed: 0, changed: 9 },
        { table: 'time', removed: 50, changed: 0 },
      ],
      rowsInAll: 100,
    });
    const { counts } = await retract().runPlanned(planned);
    expect(counts).toMatchObject({ removed: 50, updated: 9 });
    expect({ star: await place.loading.star(), plays: await plays(), users: await users() }).toEqual(before);
    expect(await rivals()).toEqual([]);

    expect(
      await place.loading.rows("select source, operator, action, why from ingest_batches where source <> 'live'"),
    ).toEqual([{ source: 'operator', operator: 'test', action: 'retract', why: 'a test' }]);

    // Neither a late notice, doubled, nor a backfill brings it back; another version is loaded.
    const late = { ...file, sequencer: 'FF' };
    const { files } = await load(aBatch('logs', [late, { ...late, sequencer: 'FE' }]));
    expect(files.map(({ status }) => status)).toEqual(['retracted', 'retracted']);
    expect(await place.loading.star()).toEqual(before.star);
    expect(
      await place.loading.findLacking(aBatch('logs', [{ ...file, sequencer: null, eventTimeMs: NOON + 5_000 }]), NEVER),
    ).toMatchObject({ lacking: [], retracted: [{ key: file.key }] });
    await loaded(await put('wrong', 9, play(99)));
    expect(await plays()).toContain('99 paid wrong:1');
  });

  test('of two persons who saw one plan the second changes nothing, and so does one whose versions changed since', async () => {
    const [file, other] = [await put('a', 0, play(1)), await put('b', 5, play(2))];
    await loaded(file, other);
    const [first, second] = [await retract().plan('logs', [file]), await retract().plan('logs', [file])];
    await retract().runPlanned(first);
    await expect(retract().runPlanned(second)).rejects.toMatchObject({
      code: 'plan_changed',
      message: expect.stringContaining('nothing was retracted') as unknown,
    });
    // As many rows, in another version.
    const stale = await retract().plan('logs', [other]);
    await loaded(await put('b', 9, play(3)));
    await expect(retract().runPlanned(stale)).rejects.toMatchObject({ code: 'plan_changed' });
    expect(await plays()).toEqual(['3 paid b:1']);
  });

  test('a row that another file has too changes its file, and the plan says so; a reload of the key brings the version back', async () => {
    await loaded(await put('old', 0, play(1, { level: 'free' })));
    const file = await put('new', 5, play(1), play(2, { userId: '7' }));
    await loaded(file);
    const before = {
      star: await place.loading.star(),
      plays: await plays(),
      users: await users(),
      rivals: await rivals(),
    };
    const planned = await retract().plan('logs', [file]);
    expect(planned.tables).toEqual([
      { table: 'songplays', removed: 1, changed: 1 },
      { table: 'users', removed: 1, changed: 1 },
      { table: 'time', removed: 1, changed: 0 },
    ]);
    const { counts } = await retract().runPlanned(planned);
    expect(counts).toMatchObject({ removed: 2, updated: 2 });
    expect(await plays()).toEqual(['1 free old:1']);

    const listed = { ...file, sequencer: null, eventTimeMs: NOON + 5_000 };
    const reload = async (undoesRetraction: boolean) =>
      await load(aBatch('logs', [listed], { ...RELOADED, decision: { ...RELOADED.decision, undoesRetraction } }));
    expect((await reload(false)).files).toMatchObject([{ status: 'retracted' }]);
    expect(await plays()).toEqual(['1 free old:1']);
    expect((await reload(true)).files).toMatchObject([{ status: 'loaded' }]);
    const now = {
      star: await place.loading.star(),
      plays: await plays(),
      users: await users(),
      rivals: await rivals(),
    };
    expect(now).toEqual(before);
  });

  test('a song file: its songs and artists, and the plays that lose their song', async () => {
    await loaded(await put('a', 0, play(1)));
    const song = await place.loading.put('song_data/a.json', JSON.stringify(aSong()));
    await load(aBatch('songs', [song]));
    const planned = await retract().plan('songs', [song]);
    expect(planned.tables).toEqual([
      { table: 'songs', removed: 1, changed: 0 },
      { table: 'artists', removed: 1, changed: 0 },
      { table: 'songplays', removed: 0, changed: 1 },
    ]);
    const { counts } = await retract().runPlanned(planned);
    expect(counts).toMatchObject({ removed: 2, repaired: 1 });
    expect(await place.loading.counts()).toMatchObject({ songs: 0, artists: 0, songplays: 1 });
  });

  test('an object without rows, or a missing one, changes nothing', async () => {
    const { bucket } = place.loading.settings;
    const { files } = await retract().run('logs', [{ bucket, key: 'log_data/never.json' }]);
    expect(files).toMatchObject([{ status: 'removed' }]);
    expect(await place.loading.rows('select status, rows_kept::int from ingest_objects')).toEqual([
      { status: 'retracted', rows_kept: 0 },
    ]);
    expect(await place.loading.counts()).toMatchObject({ songplays: 0, users: 0 });
  });
});

test('a deleted object keeps its loaded rows, and counts as another object when it is put again', async () => {
  const file = await put('a', 0, play(1), { page: 'NextSong' });
  await loaded(file);
  const open = async () => await place.loading.rows('select status from ingest_open');
  expect(await open()).toEqual([{ status: 'loaded' }]);
  await stack.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: file.key }));
  await loaded({ ...file, sequencer: 'EE' });
  expect(await plays()).toEqual(['1 paid a:1']);
  expect(await open()).toEqual([]);
  await loaded(await put('a', 5, play(2)));
  expect(await plays()).toEqual(['2 paid a:1']);
});

describe('rows that an earlier version of the program loaded', () => {
  const unattributed = async () =>
    await place.loading.rows(
      'select 1 from songplays where object_id is null union all select 1 from users where object_id is null union all select 1 from user_sources where object_id is null',
    );

  test('stay beside new rows, and get their object and line from a reload, which changes nothing else', async () => {
    const events = [play(1), play(2), play(3, { page: 'Home', firstName: 'Newest' })];
    const file = await put('a', 0, ...events);
    await loaded(file);
    await place.loading.rows(FORGET_LINEAGE);
    await loaded(await put('b', 5, play(4, { userId: '7' })));
    const before = await place.loading.star();
    expect((await unattributed()).length).toBe(4);

    const listed = { ...file, sequencer: null, eventTimeMs: NOON };
    const reload = async () => await load(aBatch('logs', [listed], RELOADED));
    expect((await reload()).counts).toMatchObject({ inserted: 0, updated: 3, removed: 0 });
    expect(await place.loading.star()).toEqual(before);
    expect(await unattributed()).toEqual([]);
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2', '4 paid b:1']);
    expect(await users()).toEqual(['7 Jayden b:1', '25 Newest a:3']);
    expect((await reload()).counts).toMatchObject({ inserted: 0, updated: 0, removed: 0 });
    expect(await place.loading.rows("select 1 from ingest_files where status = 'superseded'")).toEqual([]);
  });

  test('are not retracted with their file: the retraction is refused until a reload has stored their object', async () => {
    const [old, other] = [await put('a', 0, play(1)), await put('b', 5, play(2))];
    await loaded(old);
    await place.loading.rows(FORGET_LINEAGE);
    await loaded(other);
    const refused = {
      code: 'lineage_missing',
      message: expect.stringMatching(/1 of 2 objects, log_data\/a\.json .*sparkify reload --prefix/) as unknown,
    };
    await expect(retract().plan('logs', [old, other])).rejects.toMatchObject(refused);
    await expect(retract().run('logs', [old, other])).rejects.toMatchObject(refused);
    expect(await plays()).toEqual(['1 paid ?:null', '2 paid b:1']);
    const listed = { ...old, sequencer: null, eventTimeMs: NOON };
    await load(aBatch('logs', [listed], RELOADED));
    await retract().run('logs', [old, other]);
    expect(await place.loading.counts()).toMatchObject({ songplays: 0, users: 0, time: 0 });
  });

  test('of a log that a notice lets the loader read again: the entry of the older version is superseded', async () => {
    await loaded(await put('a', 0, play(1)));
    await place.loading.rows(FORGET_LINEAGE);
    const file = await put('a', 5, play(1), play(2));
    await loaded(file);
    const entries = async () => await place.loading.rows('select status, etag from ingest_files order by status');
    expect(await entries()).toMatchObject([{ status: 'loaded', etag: file.etag }, { status: 'superseded' }]);
    // Another notice of the version is not another version.
    await place.loading.rows(FORGET_LINEAGE);
    await loaded({ ...file, sequencer: 'EE' });
    expect((await entries()).map(({ status }) => status)).toEqual(['loaded', 'loaded', 'superseded']);
    expect(await plays()).toEqual(['1 paid a:1', '2 paid a:2']);
  });

  test('give way to a row of the same event, and never replace it when its file is removed', async () => {
    await loaded(await put('a', 0, play(1, { level: 'old', firstName: 'Old' })));
    await place.loading.rows(FORGET_LINEAGE);
    await loaded(await put('b', 5, play(1, { level: 'new', firstName: 'New' })));
    expect(await plays()).toEqual(['1 new b:1']);
    expect(await users()).toEqual(['25 New b:1']);
    await loaded(await put('b', 6));
    expect(await plays()).toEqual([]);
    expect(await users()).toEqual([]);
  });
});
