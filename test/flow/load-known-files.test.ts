import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { FileEvent } from '../../src/core/file-event.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';
import { waitUntil } from '../support/wait-until.ts';

const stack = useStack();

async function lastModifiedMs({ bucket, key }: FileEvent): Promise<number> {
  const { LastModified } = await stack.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return LastModified?.getTime() ?? 0;
}

/** Puts an object until S3, which tells whole seconds, gives it a later time than the other one. */
async function putLater(loading: Loading, key: string, body: string, than: FileEvent): Promise<FileEvent> {
  const notBeforeMs = await lastModifiedMs(than);
  return await waitUntil(
    async () => {
      const file = await loading.put(key, body);
      const atMs = await lastModifiedMs(file);
      return atMs > notBeforeMs && { ...file, eventTimeMs: atMs };
    },
    { what: `a later second than that of ${than.key}` },
  );
}

test('a quarantined file that is delivered again beside new files stays quarantined', async () => {
  const loading = await startLoading(stack);
  const bad = await loading.put('log_data/bad.json', '{"page":');
  await loading.load('logs', [bad]);
  const fine = await loading.put('log_data/fine.json', lines(aPlay()));
  const { files } = await loading.load('logs', [bad, fine]);

  expect(files.map(({ status }) => status)).toEqual(['known', 'loaded']);
  expect(await loading.rows('select object_key, status, attempts from ingest_files order by 1')).toEqual([
    { object_key: 'log_data/bad.json', status: 'quarantined', attempts: 1 },
    { object_key: 'log_data/fine.json', status: 'loaded', attempts: 1 },
  ]);
});

test('a listing that shows old content under a newer date loads it: it is the newest version of its song', async () => {
  const loading = await startLoading(stack);
  const [old, other] = [JSON.stringify(aSong({ year: 1991 })), JSON.stringify(aSong({ year: 1992 }))];
  const first = await loading.put('song_data/a.json', old);
  await loading.load('songs', [first]);
  const second = await putLater(loading, 'song_data/b.json', other, first);
  await loading.load('songs', [second]);
  expect(await loading.rows('select year from songs')).toEqual([{ year: 1992 }]);

  // Put again as it was, and seen by a listing only: no notification tells it from the first time.
  const again = await putLater(loading, 'song_data/a.json', old, second);
  const { files } = await loading.backfill('songs', [{ ...again, sequencer: null }]);
  expect(files.map(({ status }) => status)).toEqual(['loaded']);
  expect(await loading.rows('select year from songs')).toEqual([{ year: 1991 }]);
});

test('a record announced under times of other hours gets another ledger entry, doubles no row, and keeps every declared key', async () => {
  const loading = await startLoading(stack);
  const HOUR_MS = 3_600_000;
  const at = (file: FileEvent, hours: number) => ({ ...file, eventTimeMs: file.eventTimeMs - hours * HOUR_MS });
  const bodies = { logs: lines(aPlay(), aPlay({ ts: 'never' })), songs: lines(aSong(), aSong({ song_id: '' })) };
  let before: unknown;
  for (const [lane, body] of Object.entries(bodies) as ['logs' | 'songs', string][]) {
    const file = await loading.put(`${lane === 'logs' ? 'log' : 'song'}_data/a.json`, body);
    const other = await loading.put(`${lane === 'logs' ? 'log' : 'song'}_data/b.json`, body);
    await loading.load(lane, [file]);
    before = await loading.star();
    expect(await loading.load(lane, [at(file, 2)])).toMatchObject({ counts: { inserted: 0, updated: 0 } });
    // Its range holds both entries.
    const { files } = await loading.load(lane, [at(file, 1), at(other, 3), at({ ...other, sequencer: 'FF' }, 0)]);
    expect(files.map(({ status }) => status)).toEqual(['known', 'loaded', 'loaded']);
  }
  expect(await loading.star()).toEqual(before);
  expect(await loading.rows('select file_id from ingest_files group by file_id having count(*) > 1')).toHaveLength(2);
  for (const { key, table } of declaredKeys()) {
    expect(await loading.rows(`select ${key} from ${table} group by ${key} having count(*) > 1`), table).toEqual([]);
  }
  expect(await verified(loading)).toMatchObject({ equal: true });
});

/** The primary keys that the migrations declare, without those that they drop again. */
function declaredKeys(): readonly { readonly table: string; readonly key: string }[] {
  const library = openSqlLibrary();
  const sql = library.list('schema').map((path) => library.source(path));
  const dropped = sql.flatMap((text) =>
    [...text.matchAll(/alter table (\w+) drop constraint \1_pkey/g)].map(([, table]) => table),
  );
  const declared = sql.flatMap((text) =>
    [...text.matchAll(/create table (\w+) \([^;]*?primary key \(([^)]*)\)/g)].map(([, table = '', key = '']) => ({
      table,
      key,
    })),
  );
  return declared.filter(({ table }) => !dropped.includes(table));
}
