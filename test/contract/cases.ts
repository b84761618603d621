import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { newRunId, openBackfill, openCommandLog, openWarehouse } from '../../src/app/compose.ts';
import { preflight } from '../../src/app/preflight.ts';
import { realClock, realRandom } from '../../src/app/real.ts';
import type { Parts } from '../../src/app/compose.ts';
import type { Config } from '../../src/app/config.ts';
import { Measure } from '../../src/backfill/measured-backfill.ts';
import { runBackfill } from '../../src/backfill/run-backfill.ts';
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
  readonly signal: AbortSignal;
};

/** Each fails by throwing. They run in this order: a case finds what those before it have made. */
export const CASES: readonly { readonly name: string; run(contract: Contract): Promise<void> }[] = [
  { name: 'migrate makes the tables, and does nothing the second time', run: migrateTwice },
  { name: 'the check at the first start finds no problem', run: firstStart },
  { name: 'a whole load of logs', run: async (contract) => await load(contract, 'logPrefix') },
  { name: 'a whole load of songs, which repairs the plays', run: loadSongs },
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

async function load({ config, parts, signal }: Contract, dataset: 'logPrefix' | 'songPrefix'): Promise<void> {
  const warehouse = openWarehouse(parts, config);
  const io = { err: (text: string) => void process.stderr.write(text) };
  const emit = openCommandLog(config, { io, isJson: false, signal });
  const measure = new Measure(() => realClock.nowMs());
  const result = await runBackfill(openBackfill(parts, { config, warehouse, emit, measure }), {
    prefix: config.bucket[dataset],
    sinceMs: null,
    untilMs: null,
    dryRun: null,
    signal,
    onProgress: () => undefined,
  });
  assert.deepEqual([result.files.loaded, result.files.quarantined], [1, 0]);
}

async function loadSongs(contract: Contract): Promise<void> {
  await load(contract, 'songPrefix');
  const { place, statements } = contract;
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

async function twoSessions({ place, statements, signal }: Contract): Promise<void> {
  const { schema } = place;
  await statements.mustRun(`create table ${schema}.contract_lock (a integer)`);
  await statements.mustRun(`create table ${schema}.contract_written (a integer)`);
  await statements.mustRun(`create table ${schema}.contract_seen (seen bigint)`);
  const session = await statements.openSession('begin');
  await statements.mustRun(`lock ${schema}.contract_lock`, session);
  const waiting = await statements.start([
    `lock ${schema}.contract_lock`,
    `insert into ${schema}.contract_seen select count(*) from ${schema}.contract_written`,
  ]);
  while ((await statements.status(waiting)).Status !== 'STARTED') await pause(200, undefined, { signal });
  await statements.mustRun(`insert into ${schema}.contract_written values (1)`, session);
  assert.equal((await statements.status(waiting)).Status, 'STARTED');
  await statements.mustRun('commit', session);
  assert.equal((await statements.finish(waiting)).Status, 'FINISHED');
  const seen = await statements.mustRun(`select seen from ${schema}.contract_seen`);
  assert.deepEqual(seen.rows, [[1]]);
}
