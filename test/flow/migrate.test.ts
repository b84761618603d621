import { expect, test } from 'vitest';
import { realRandom } from '../../src/app/real.ts';
import { ERROR_POLICY } from '../../src/core/verdict.ts';
import { checkSchema } from '../../src/schema/check-schema.ts';
import { migrate, migrationFiles } from '../../src/schema/migrate.ts';
import type { MigrateParts } from '../../src/schema/migrate.ts';
import type { SqlLibrary } from '../../src/sql/sql-library.ts';
import { runScript } from '../../src/sql/run-script.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { aroundTransactions } from '../../src/core/around-transactions.ts';
import type { Loading } from '../support/loading.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const signal = new AbortController().signal;
const library = openSqlLibrary();
const NUMBERS = migrationFiles(library).map(({ number }) => number);
const VERSION = Math.max(...NUMBERS);

function partsOf({ settings, warehouse }: Loading, more: Partial<MigrateParts> = {}): MigrateParts {
  return { warehouse, library, random: realRandom, schema: settings.schema, ...more };
}

/** The library with one migration more, or with a file that reads otherwise. */
function libraryWith(files: Readonly<Record<string, string>>): SqlLibrary {
  return {
    list: (folder) => [
      ...new Set([...library.list(folder), ...Object.keys(files).filter((f) => f.startsWith(folder))]),
    ],
    source: (path) => files[path] ?? library.source(path),
    fill: (paths, values) =>
      paths.flatMap((path) => (files[path] === undefined ? library.fill([path], values) : [files[path]])),
  };
}

const EXTRA = { 'schema/900_note.sql': 'create table note (text varchar(10))' };

test('a second migrate reports that it has nothing to do', async () => {
  const loading = await startLoading(stack);
  const again = await migrate(partsOf(loading), { reset: false, signal });
  expect(again).toEqual({ schema: loading.settings.schema, applied: [], version: VERSION, wasReset: false });
  await expect(checkSchema(partsOf(loading), signal)).resolves.toBeUndefined();
});

test('readers may read the five tables and nothing else, also after a reset', async () => {
  const loading = await startLoading(stack);
  const { schema } = loading.settings;
  const granted: string[] = [];
  const warehouse = aroundTransactions(loading.warehouse, async (input, run) => {
    granted.push(...input.statements.filter((statement) => statement.startsWith('grant')));
    return await run(input);
  });
  const readers = [
    { kind: 'group', name: 'analysts' },
    { kind: 'role', name: 'Dash-boards' },
  ] as const;
  const tables = ['songplays', 'users', 'songs', 'artists', 'time'].map((table) => `"${schema}"."${table}"`).join(', ');
  const grants = [
    `grant usage on schema "${schema}" to group "analysts", role "Dash-boards"`,
    `grant select on table ${tables} to group "analysts", role "Dash-boards"`,
  ];
  const names = {
    name: 'readers',
    isLasting: true,
    steps: [{ statements: ['create group analysts', 'create role "Dash-boards"'] }],
  };
  await runScript(loading.warehouse.openSession(), names, { token: `readers-${schema}`, signal });
  for (const reset of [false, true]) {
    await migrate({ ...partsOf(loading), warehouse, readers }, { reset, signal });
    expect(granted.splice(0)).toEqual(grants);
  }
  await migrate({ ...partsOf(loading), warehouse, readers: [] }, { reset: false, signal });
  expect(granted).toEqual([]);
});

test('two concurrent migrations of an empty database both succeed, and each file is applied once', async () => {
  const loading = await startLoading(stack);
  const fresh = partsOf(loading, { schema: `${loading.settings.schema}_two` });
  const [one, two] = await Promise.all([
    migrate(fresh, { reset: false, signal }),
    migrate(fresh, { reset: false, signal }),
  ]);
  const byUs = [...one.applied, ...two.applied].filter(({ by }) => by === 'us');
  expect(byUs.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(NUMBERS);
  const listed = await loading.rows(`select number from ${fresh.schema}.schema_migrations order by number`);
  expect(listed).toHaveLength(NUMBERS.length);
  await expect(checkSchema(fresh, signal)).resolves.toBeUndefined();
});

test('a newer program upgrades, and after that the older one refuses and names both versions', async () => {
  const loading = await startLoading(stack);
  const newer = partsOf(loading, { library: libraryWith(EXTRA) });
  await expect(checkSchema(newer, signal)).rejects.toMatchObject({
    code: 'schema_too_old',
    message: expect.stringContaining('sparkify migrate') as unknown,
  });
  const upgraded = await migrate(newer, { reset: false, signal });
  expect(upgraded.applied).toEqual([{ number: 900, name: '900_note.sql', by: 'us' }]);

  const older = partsOf(loading);
  for (const refused of [
    () => migrate(older, { reset: false, signal }),
    () => migrate(older, { reset: true, signal }),
    () => checkSchema(older, signal),
  ]) {
    await expect(refused()).rejects.toMatchObject({
      code: 'schema_too_new',
      message: expect.stringMatching(new RegExp(`version 900 .* up to ${VERSION}`)) as unknown,
    });
  }
});

test('a migration that was changed after it was applied is refused by its name', async () => {
  const loading = await startLoading(stack);
  const changed = libraryWith({ 'schema/002_star.sql': '-- Purpose: other.\nselect 1' });
  await expect(migrate(partsOf(loading, { library: changed }), { reset: false, signal })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('002_star.sql') as unknown,
  });
});

test('a migration that fails leaves no trace, and the error names the reason', async () => {
  const loading = await startLoading(stack);
  const broken = libraryWith({ 'schema/900_broken.sql': 'insert into ingest_lock_9 (nonsense) values (1)' });
  await expect(migrate(partsOf(loading, { library: broken }), { reset: false, signal })).rejects.toThrow(/nonsense/);
  expect(await loading.rows('select max(number) as number from schema_migrations')).toEqual([{ number: VERSION }]);
});

test('the error for a database without tables says what to do', async () => {
  const loading = await startLoading(stack);
  await expect(checkSchema(partsOf(loading, { schema: 'nobody_was_here' }), signal)).rejects.toMatchObject({
    code: 'schema_missing',
    message: 'The sparkify tables do not exist in schema "nobody_was_here"; run "sparkify migrate".',
  });
});

test('late songs also repair plays that an earlier version loaded', async () => {
  const loading = await startLoading(stack);
  const schema = `${loading.settings.schema}_old`;
  const before: SqlLibrary = {
    ...library,
    list: (folder) => library.list(folder).filter((path) => /\/00[1-3]_/.test(path)),
  };
  await migrate(partsOf(loading, { schema, library: before }), { reset: false, signal });
  await loading.rows(
    `insert into ${schema}.songplays (songplay_id, start_time, user_id, session_id, item_in_session, match_key, batch_id)
     values ('1', '2018-11-02 23:59:59.999', 1, 1, 1, 'abcdef0123450000', 'b'), ('2', '2018-11-30', 1, 1, 2, 'abcdef0123451111', 'b'),
       ('3', '2018-11-15', 1, 1, 3, null, 'b')`,
  );
  await migrate(partsOf(loading, { schema }), { reset: false, signal });
  const counted = `select key_prefix, first_day::text, last_day::text from ${schema}.play_keys`;
  expect(await loading.rows(counted)).toEqual([
    { key_prefix: 'abcdef012345', first_day: '2018-11-02', last_day: '2018-11-30' },
  ]);
});

test('reset drops all loaded tables or none, keeps everything else, and names the view that blocks a drop', async () => {
  const loading = await startLoading(stack);
  const { schema } = loading.settings;
  const newer = partsOf(loading, { library: libraryWith(EXTRA) });
  await migrate(newer, { reset: false, signal });
  await loading.load('logs', [await loading.put('log_data/a.json', lines(aPlay()))]);
  const theirs = `${schema}_theirs`;
  await loading.rows(`create table budget (amount int); create view loud as select amount from budget`);
  await loading.rows(`create schema ${theirs}; create view ${theirs}.top as select count(*) as n from songplays`);

  await expect(migrate(newer, { reset: true, signal })).rejects.toMatchObject({
    code: 'statement_refused',
    message:
      'The warehouse refused: cannot drop table songplays because other objects depend on it. Nothing was changed. ' +
      `These views read tables that the reset drops: "${theirs}"."top". Drop them, run "sparkify migrate --reset" again, ` +
      'and recreate what you dropped.',
  });
  expect(await loading.counts()).toMatchObject({ songplays: 1 });
  await expect(checkSchema(newer, signal)).resolves.toBeUndefined();

  await loading.rows(`drop view ${theirs}.top`);
  const result = await migrate(newer, { reset: true, signal });
  expect(result).toMatchObject({ wasReset: true, version: 900 });
  expect(result.applied).toHaveLength(NUMBERS.length + 1);
  expect(await loading.counts()).toEqual({ songplays: 0, users: 0, songs: 0, artists: 0, time: 0 });
  expect(await loading.rows(`select * from loud`)).toEqual([]);
});

test('reset works in the schema public, and a table that no migration created stays whatever its name', async () => {
  const loading = await startLoading(stack);
  const inPublic = partsOf(loading, { schema: 'public' });
  const client = await stack.pool.connect();
  try {
    await client.query('create table public.users (theirs int)');
    await expect(migrate(inPublic, { reset: true, signal })).rejects.toThrow(/"users" already exists/);
    await client.query('select theirs from public.users');
    await client.query('alter table public.users rename to guests');
    for (const reset of [false, true]) await migrate(inPublic, { reset, signal });
    await client.query('select theirs from public.guests');
    await expect(checkSchema(inPublic, signal)).resolves.toBeUndefined();
  } finally {
    client.release();
  }
});

test('the previous version cannot publish on new tables: it stops, and its file waits for the new version', async () => {
  const loading = await startLoading(stack);
  const file = await loading.put('log_data/1.json', lines(aPlay()));
  const older: SqlLibrary = {
    ...library,
    fill: (paths, values) => library.fill(paths, values).map((sql) => sql.replace('ingest_lock_9', 'ingest_lock')),
  };
  const load = loading.anotherLoader({ library: older })(aBatch('logs', [file]), signal);
  await expect(load).rejects.toMatchObject({ code: 'schema_missing' });
  expect(ERROR_POLICY.schema_missing.then).toMatchObject({ kind: 'stop' });
  expect(await loading.counts()).toMatchObject({ songplays: 0, users: 0 });
  expect(await loading.rows('select status from ingest_files')).toEqual([]);
});
