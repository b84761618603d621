import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { SqlLibrary } from '../../src/sql/sql-library.ts';
import { openSqlLibrary } from '../../src/sql/sql-library.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, lines } from '../support/log-events.ts';
import { useStack } from '../support/stack.ts';
import { verified } from '../support/verifying.ts';

const stack = useStack();
const NEVER = new AbortController().signal;

/** The SQL of the load for a warehouse whose staging takes a shorter level than the reader thinks. */
function narrowStaging(): SqlLibrary {
  const library = openSqlLibrary();
  return {
    ...library,
    fill: (paths, values) =>
      library.fill(paths, values).map((text) => text.replace('level varchar(16)', 'level varchar(4)')),
  };
}

/** Nine files of which the third and the last have a row that a warehouse refuses that is not as the reader thinks. */
async function putFiles(loading: Loading) {
  const levels = ['free', 'paid', 'trial', 'free', 'paid', 'free', 'paid', 'free', 'gratis'];
  return await Promise.all(
    levels.map(async (level, n) => await loading.put(`log_data/${n}.json`, lines(aPlay({ sessionId: n, level })))),
  );
}

async function expectQuarantined(loading: Loading, reason: RegExp): Promise<void> {
  const entries = await loading.rows(
    'select object_key, status, error_code, reason, batch_id from ingest_files order by object_key',
  );
  const quarantined = entries.filter(({ status }) => status === 'quarantined');
  expect(quarantined).toEqual(
    [2, 8].map((n) => ({
      object_key: `log_data/${n}.json`,
      status: 'quarantined',
      error_code: 'refused_by_warehouse',
      reason: expect.stringMatching(reason) as unknown,
      batch_id: expect.any(String) as unknown,
    })),
  );
  expect(entries.filter(({ status }) => status === 'loaded')).toHaveLength(7);
  expect(await loading.counts()).toMatchObject({ songplays: 7 });
  const batches = await loading.rows('select batch_id, files::int as files from ingest_batches');
  expect(batches.reduce((sum, { files }) => sum + Number(files), 0)).toBe(9);
  expect(new Set(entries.map(({ batch_id }) => batch_id))).toEqual(new Set(batches.map(({ batch_id }) => batch_id)));
}

describe('a batch that the warehouse refuses for its data', () => {
  test('in COPY is loaded in halves, and files that are refused alone are quarantined with COPY’s error', async () => {
    const loading = await startLoading(stack);
    const files = await putFiles(loading);
    const load = loading.anotherLoader({ library: narrowStaging() });
    const outcome = await load(aBatch('logs', files), NEVER);
    expect(outcome.files.map(({ file }) => file.key)).toEqual(files.map(({ key }) => key));
    expect(outcome.files.map(({ status }) => status)).toEqual(
      files.map((_, n) => (n === 2 || n === 8 ? 'quarantined' : 'loaded')),
    );
    expect(outcome.counts).toMatchObject({ staged: 7 });
    await expectQuarantined(loading, /^was refused by the warehouse: .*load/i);
  });

  test('after COPY is also loaded in halves', async () => {
    const loading = await startLoading(stack);
    await loading.rows('alter table songplays alter column level type varchar(4)');
    await loading.load('logs', await putFiles(loading));
    await expectQuarantined(loading, /^was refused by the warehouse: .*too long/i);
  });
});

test('a warehouse that refuses one file after the other is itself at fault: the load ends with its error', async () => {
  const loading = await startLoading(stack);
  const files = await Promise.all(
    Array.from(
      { length: 12 },
      async (_, n) => await loading.put(`log_data/${n}.json`, lines(aPlay({ sessionId: n, level: 'trial' }))),
    ),
  );
  const load = loading.anotherLoader({ library: narrowStaging() });
  await expect(load(aBatch('logs', files), NEVER)).rejects.toMatchObject({
    code: 'copy_bad_data',
    message: expect.stringMatching(/refused 10 objects .* "sparkify backfill".* The warehouse says: /) as unknown,
  });
  const quarantined = await loading.rows('select error_code from ingest_files');
  expect(quarantined).toHaveLength(10);

  // Nothing is lost: a backfill reads what the warehouse refused.
  const listed = files.map((file) => ({ ...file, sequencer: null }));
  const { files: settled } = await loading.backfill('logs', listed);
  expect(settled.map(({ status }) => status)).toEqual(files.map(() => 'loaded'));
  expect(await loading.rows("select 1 from ingest_files where status <> 'loaded'")).toEqual([]);
});

test('a file quarantined again for another reason has the new reason in the ledger', async () => {
  const loading = await startLoading(stack);
  const file = { ...(await loading.put('log_data/a.json', 'not json')), sequencer: null };
  const { store } = loading;
  await loading.put('log_data/b.json', lines(aPlay()));
  const denied = new IngestError('object_unreadable', 'The object is in an archive.');
  const refusing = { ...store, open: async () => await Promise.reject(denied) };
  const code = async () => (await loading.rows('select error_code, reason from ingest_files'))[0];
  await loading.anotherLoader({ store: refusing })(aBatch('logs', [file], { source: 'backfill' }), NEVER);
  expect(await code()).toMatchObject({ error_code: 'object_unreadable' });
  await loading.backfill('logs', [file]);
  expect(await code()).toMatchObject({
    error_code: 'not_json_objects',
    reason: expect.stringContaining('JSON') as unknown,
  });
});

test('files that unpack to more than a batch’s limit are loaded in several batches', async () => {
  const loading = await startLoading(stack);
  const files = await Promise.all(
    Array.from({ length: 7 }, async (_, n) => {
      const body = gzipSync(lines(aPlay({ sessionId: n })) + ' '.repeat(10_000));
      return await loading.put(`log_data/${n}.json`, body);
    }),
  );
  const load = loading.anotherLoader({ readLimits: { readsAtOnce: 1, batchUnpackedBytes: 25_000 } });
  const outcome = await load(aBatch('logs', files), NEVER);
  expect(outcome.files.map(({ file, status }) => [file.key, status])).toEqual(files.map(({ key }) => [key, 'loaded']));
  expect(outcome.counts).toMatchObject({ staged: 7 });
  const batches = await loading.rows(
    'select files::int as files, rows_staged::int as rows from ingest_batches order by 1',
  );
  expect(batches).toEqual([1, 3, 3].map((count) => ({ files: count, rows: count })));
  expect(await verified(loading)).toMatchObject({ equal: true });
});
