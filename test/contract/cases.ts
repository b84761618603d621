import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { newRunId, openWarehouse } from '../../src/app/compose.ts';
import { preflight } from '../../src/app/preflight.ts';
import { realClock, realRandom } from '../../src/app/real.ts';
import type { Parts } from '../../src/app/compose.ts';
import type { Config } from '../../src/app/config.ts';
import { runBackfill } from '../../src/backfill/run-backfill.ts';
import type { BackfillParts } from '../../src/backfill/run-backfill.ts';
import { batchNow } from '../../src/core/batch-id.ts';
import { sqlInteger, sqlText } from '../../src/core/sql/sql-literal.ts';
import { migrate } from '../../src/schema/migrate.ts';
import { WHOLE } from '../../src/verify/part.ts';
import { runVerify } from '../../src/verify/run-verify.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import type { ContractPlace } from './place.ts';
import type { Statements } from './statements.ts';

export type Contract = {
  readonly config: Config<'bucket' | 'warehouse' | 'copy' | 'batching'>;
  readonly parts: Parts;
  readonly place: ContractPlace;
  readonly statements: Statements;
  /** Both loads go through one session. */
  readonly loading: BackfillParts;
  readonly signal: AbortSignal;
};

/** Each fails by throwing. They run in this order: a case finds what those before it have made. */
export const CASES: readonly { readonly name: string; run(contract: Contract): Promise<void> }[] = [
  { name: 'migrate makes the tables, and does nothing the second time', run: migrateTwice },
  { name: 'the check at the first start finds no problem', run: firstStart },
  { name: 'a whole load of logs, by a backfill', run: loadLogs },
  { name: 'a whole load of songs, as a notification causes it, which repairs the plays', run: loadSongs },
  { name: 'verify finds the tables equal to a full reload', run: verify },
  { name: 'a transaction that waits for the lock sees what was committed meanwhile', run: twoSessions },
];

async function migrateTwice({ config, parts, signal }: Contract): Promise<void> {
  const { schema } = config.warehouse;
  const { library } = parts;
  const input = { warehouse: openWarehouse(parts, config), library, random: realRandom, schema };
  const first = await migrate(input, { reset: false, signal });
  const second = await migrate(input, { reset: false, signal });
  assert.ok(first.applied.length > 0);
  assert.deepEqual([second.applied, second.version], [[], first.version]);
}

async function firstStart({ config, parts, place, signal }: Contract): Promise<void> {
  const song = aSong({ title: 'A song', artist_name: 'Somebody', duration: 100.5 });
  const play = aPlay({ song: 'A song', artist: 'Somebody', length: 100.5 });
  await place.put('log_data/a.json', lines(play, aPlay({ page: 'Home' })) + '{"page":"NextSong"}\n');
  await place.put('song_data/a.json', JSON.stringify(song));
  await place.put('bad/a.json', '{"id":"x"}\n');
  const warehouse = openWarehouse(parts, config);
  assert.deepEqual(await preflight(parts, { config, queueUrl: null, warehouse }, signal), []);
}

async function loadLogs({ config, loading, signal }: Contract): Promise<void> {
  const everything = { sinceMs: null, untilMs: null, onProgress: () => undefined };
  const { files } = await runBackfill(loading, { prefix: config.bucket.logPrefix, ...everything, signal });
  assert.deepEqual([files.loaded, files.quarantined], [1, 0]);
}

async function loadSongs({ config, loading, place, signal, statements }: Contract): Promise<void> {
  const { name: bucket, songPrefix } = config.bucket;
  const version = { etag: 'announced', versionId: null, sequencer: '01', size: 1, eventTimeMs: realClock.nowMs() };
  const file = { change: 'put', bucket, key: `${songPrefix}a.json`, ...version } as const;
  const consumer = loading.settings.consumer;
  const batch = batchNow({ ...loading, consumer }, { lane: 'songs', source: 'live', files: [file], bytes: 1 });
  const { counts, files } = await loading.loadBatch(batch, signal);
  assert.deepEqual([files[0]?.status, counts.repaired], ['loaded', 1]);
  const plays = await statements.mustRun(`select count(*), count(song_id) from ${place.schema}.songplays`);
  assert.deepEqual(plays.rows, [[1, 1]]);
}

async function verify({ config, parts, signal }: Contract): Promise<void> {
  const { equal } = await runVerify({
    warehouse: openWarehouse(parts, config),
    library: parts.library,
    store: parts.store,
    bucket: config.bucket,
    schema: config.warehouse.schema,
    copyRoleArn: config.copy.roleArn,
    part: WHOLE,
    onReading: () => () => undefined,
    runId: newRunId(),
    onStep: () => undefined,
    signal,
  });
  assert.ok(equal);
}

/** At the service's own lock, with the statements by which `status` names its holder. */
async function twoSessions({ parts, place, statements, signal }: Contract): Promise<void> {
  const { schema } = place;
  const [lock, table] = [`lock ${schema}.ingest_lock_9`, `${schema}.contract_seen`];
  await statements.mustRun(`create table ${table} (seen bigint)`);
  const session = await statements.openSession('begin');
  await statements.mustRun(lock, session);
  const waiting = await statements.start([lock, `insert into ${table} select 10 + count(*) from ${table}`]);
  while ((await statements.status(waiting)).Status !== 'STARTED') await pause(200, undefined, { signal });
  const [idOfTable = ''] = parts.library.fill(['look/40_lock_table.sql'], { schema: sqlText(schema) });
  const table_id = sqlInteger(Number((await statements.mustRun(idOfTable)).rows[0]?.[0]));
  const [holders = ''] = parts.library.fill(['look/42_lock.sql'], { table_id });
  const isGranted = async () => (await statements.mustRun(holders)).rows.map((row) => row[2]);
  let granted = await isGranted();
  for (; granted.length < 2; granted = await isGranted()) await pause(1_000, undefined, { signal });
  assert.deepEqual(granted, [1, 0]);
  await statements.mustRun(`insert into ${table} values (1)`, session);
  assert.equal((await statements.status(waiting)).Status, 'STARTED');
  await statements.mustRun('commit', session);
  assert.equal((await statements.finish(waiting)).Status, 'FINISHED');
  const seen = await statements.mustRun(`select max(seen) from ${table}`);
  assert.deepEqual(seen.rows, [[11]]);
}
