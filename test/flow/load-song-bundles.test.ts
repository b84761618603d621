import { expect, test } from 'vitest';
import { realClock, realRandom } from '../../src/app/real.ts';
import { numbered } from '../../src/core/ledger.ts';
import { loadContext } from '../../src/loaders/load-context.ts';
import { readWhole } from '../../src/loaders/read-whole.ts';
import { songBundles } from '../../src/loaders/song-bundles.ts';
import { openSqlLibrary } from '../../src/loaders/sql-library.ts';
import type { BadFile } from '../../src/loaders/staging-source.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aSong } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';

const stack = useStack();
const signal = new AbortController().signal;

async function bundled(loading: Loading, uris: readonly string[]): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const uri of uris) {
    const key = uri.replace(`s3://${loading.settings.bucket}/`, '');
    const { bucket } = loading.settings;
    const stored = await readWhole(loading.store, { bucket, key, maxBytes: 10_000, signal });
    const lines = Buffer.from(stored?.bytes ?? [])
      .toString()
      .trimEnd()
      .split('\n');
    rows.push(...lines.map((line) => JSON.parse(line) as Record<string, unknown>));
  }
  return rows;
}

test('two versions of an object are read once, under the newer one; a refused object leaves no row', async () => {
  const loading = await startLoading(stack);
  const put = async (key: string, songId: string) => await loading.put(key, JSON.stringify(aSong({ song_id: songId })));
  const older = await put('song_data/a.json', 'SO1');
  const refused = await put('song_data/b.json', 'SO2');
  const newer = await put('song_data/a.json', 'SO3');
  const batch = aBatch('songs', [newer, refused, older]);
  const { store, settings, warehouse } = loading;
  const context = loadContext(
    { store, settings, clock: realClock, random: realRandom, emit: () => undefined, library: openSqlLibrary() },
    { batch, session: warehouse.openSession(), signal, token: (stage) => stage },
  );
  const bad: BadFile = { status: 'quarantined', errorCode: 'copy_1204', reason: 'r', lineNumber: 2, columnName: null };
  const source = songBundles(context);
  const prepared = await source.prepare(numbered(batch), new Map([[2, bad]]), 2);

  const rows = await bundled(loading, prepared.uris);
  expect(rows.map((row) => [row['object_key'], row['row_number'], row['song_id']])).toEqual([
    ['song_data/a.json', 1, 'SO3'],
  ]);
  expect(rows[0]?.['sequencer']).toBe(newer.sequencer?.padStart(32, '0'));
  const statuses = prepared.outcomes.map(({ fileNumber, status }) => [fileNumber, status] as const);
  expect(statuses.toSorted(([a], [b]) => a - b)).toEqual([
    [1, 'loaded'],
    [2, 'quarantined'],
    [3, 'loaded'],
  ]);
  const owners = prepared.locate(prepared.uris[0] ?? '', 1);
  expect(owners.map(({ fileNumber }) => fileNumber)).toEqual([1, 3]);
});
