import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { expect } from 'vitest';
import { IngestError } from '../../src/core/errors.ts';
import type { Lane } from '../../src/core/dataset.ts';
import type { FileEvent } from '../../src/core/file-event.ts';
import type { Batch } from '../../src/core/load.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { aroundTransactions, stageOf } from '../../src/core/around-transactions.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { aPlay, aSong, lines } from '../support/log-events.ts';
import { retracting } from '../support/retracting.ts';
import { startLosingProxy } from '../support/losing-proxy.ts';
import type { LosingProxy } from '../support/losing-proxy.ts';
import { runSparkify, SparkifyProcess } from '../support/sparkify-process.ts';
import type { TestPlace, TestStack } from '../support/stack.ts';
import { steady } from './steady-text.ts';

/** What one command sends in one transaction. `story`: what happened. */
export type RecordedTransaction = {
  readonly story: string;
  readonly statements: readonly string[];
};

const NEVER = new AbortController().signal;
const OPENED = { openedAtMs: Date.parse('2018-11-15T12:00:00Z'), closedAtMs: Date.parse('2018-11-15T12:00:02Z') };

/**
 * Runs every command that sends SQL, and loads of both datasets by both plans, in a place of its own and as a user with the grants of
 * a deployed stack (`infra/permissions/database-user.ts`); returns their transactions in order, each once. The texts are the same in every run: see `steady`.
 */
export async function recordStatements(stack: TestStack): Promise<readonly RecordedTransaction[]> {
  const recorder = await Recorder.open(stack);
  try {
    await recorder.run();
    return recorder.recorded;
  } finally {
    await recorder.close();
  }
}

class Recorder {
  readonly recorded: RecordedTransaction[] = [];
  readonly #stack: TestStack;
  readonly #place: TestPlace;
  readonly #proxy: LosingProxy;
  readonly #client: RedshiftDataClient;
  #story = '';
  #expectedCode = 0;

  static async open(stack: TestStack): Promise<Recorder> {
    // Nothing is announced: the consumer of the recording only looks at what it needs to start.
    const place = await asOrdinaryUser(stack, await stack.place({ notifiedPrefixes: [] }));
    const onCall: { record: (statements: readonly string[]) => void } = { record: () => undefined };
    const proxy = await startLosingProxy(place.environment['AWS_ENDPOINT_URL_REDSHIFT_DATA'] ?? '', (call) => {
      if (call.statements.length > 0) onCall.record(call.statements);
      return 'answer';
    });
    const recorder = new Recorder(stack, place, proxy);
    onCall.record = (statements) => recorder.#record(statements);
    return recorder;
  }

  private constructor(stack: TestStack, place: TestPlace, proxy: LosingProxy) {
    this.#stack = stack;
    this.#place = place;
    this.#proxy = proxy;
    this.#client = new RedshiftDataClient({ endpoint: proxy.url });
  }

  async close(): Promise<void> {
    this.#client.destroy();
    await this.#proxy.stop();
  }

  async run(): Promise<void> {
    await this.#command('migrate');
    await this.#command('migrate');
    const loading = await startLoading(this.#stack, this.#place, { consumer: 'recorder' });
    await this.#loads(loading);
    await this.#retraction(loading);
    await this.#question(loading);
    await this.#reloads();
    await this.#command('backfill', '--dry-run');
    await this.#command('backfill');
    await this.#command('consume', '--until-idle');
    await this.#sweep();
    await this.#command('analyze');
    await this.#command('verify');
    await this.#command('verify', '--quick');
    await this.#looks();
    await this.#command('verify', '--day', '2018-11-20');
    await this.#stack.pool.query(`update ${this.#place.schema}.songplays set level = 'other'`);
    this.#expectedCode = 1;
    await this.#command('verify');
    this.#expectedCode = 0;
    await this.#command('migrate', '--reset', '--yes');
  }

  /** Everything that a person names, and how the ledger finds it. */
  async #reloads(): Promise<void> {
    for (const way of [['log_data/a.json'], ['--quarantined'], ['--day', '2018-11-20']])
      await this.#command('reload', ...way, '--dry-run');
    this.#expectedCode = 2;
    await this.#command('reload', '--batch', '20181115T120000-none', '--dry-run');
    this.#expectedCode = 0;
    await this.#command('reload', 'log_data/a.json', '--why', 'a test');
  }

  /** A consumer ends by a signal. */
  async #sweep(): Promise<void> {
    this.#story = 'sparkify consume --sweep';
    const sweeping = new SparkifyProcess({ args: ['consume', '--sweep'], environment: this.#environment() });
    await sweeping.waitFor('the end of a round', (process) =>
      process.logLines().some(({ event }) => event === 'sweep.ended') ? true : undefined,
    );
    sweeping.kill('SIGTERM');
    expect((await sweeping.end).code).toBe(0);
  }

  /** The commands that only look. The doctor has something to say about this place. */
  async #looks(): Promise<void> {
    const { schema } = this.#place;
    const { rows } = await this.#stack.pool.query<{ batch: string; play: string }>(
      `select (select max(batch_id) from ${schema}.ingest_batches where dataset = 'logs') as batch,
         (select max(songplay_id) from ${schema}.songplays where song_id is null) as play`,
    );
    const [{ batch, play } = { batch: '', play: '' }] = rows;
    const key = 'log_data/c.json';
    await this.#command('status');
    for (const args of [['history'], ['files'], ['files', '--rejected'], ['files', key]]) await this.#command(...args);
    await this.#command('history', batch);
    for (const args of [['play', play], ['user', '25', '--objects'], ['file', key], ['matches']]) {
      await this.#command('explain', ...args);
    }
    this.#expectedCode = 1;
    await this.#command('doctor');
    // Without a terminal it ends after the list of transactions.
    this.#expectedCode = 2;
    await this.#command('cluster', 'pause');
    this.#expectedCode = 0;
  }

  #record(statements: readonly string[]): void {
    const { bucket, schema } = this.#place;
    const texts = statements.map((statement) => steady(statement, { bucket, schema }));
    const isNew = this.recorded.every((known) => known.statements.join(';') !== texts.join(';'));
    if (isNew) this.recorded.push({ story: this.#story, statements: texts });
  }

  #environment(): Readonly<Record<string, string>> {
    return {
      ...this.#place.environment,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: this.#proxy.url,
      SPARKIFY_CONSUMER_NAME: 'recorder',
      SPARKIFY_LINGER_MS: '100',
    };
  }

  async #command(...args: string[]): Promise<void> {
    this.#story = steady(`sparkify ${args.join(' ')}`, this.#place);
    const end = await runSparkify({ args, environment: this.#environment() });
    expect(end.code, `${this.#story}\n${end.stdout}${end.stderr}`).toBe(this.#expectedCode);
  }

  async #load(
    loading: Loading,
    story: string,
    lane: Lane,
    files: readonly FileEvent[],
    more: Partial<Batch> & { warehouse?: Warehouse } = {},
  ): Promise<void> {
    const { warehouse = loading.warehouseThrough(this.#client), ...batch } = more;
    this.#story = story;
    await loading.anotherLoader({ warehouse })(aBatch(lane, files, { ...OPENED, ...batch }), NEVER);
  }

  async #loads(loading: Loading): Promise<void> {
    const play = (sessionId: number) => aPlay({ sessionId, song: 'A late song', artist: 'Somebody', length: 100.5 });
    const home = aPlay({ sessionId: 3, page: 'Home' });
    const song = { title: 'A late song', artist_name: 'Somebody', duration: 100.5 };
    const badRow = '{"page":"NextSong"}\n';
    const log = await loading.put('log_data/a.json', lines(play(1), play(2), home) + badRow);
    const unreadable = await loading.put('log_data/b.json', 'no JSON');
    await this.#load(loading, 'logs: new objects, a rejected row and an unreadable object', 'logs', [log, unreadable]);
    await this.#load(loading, 'logs: objects that are known', 'logs', [log]);
    const newer = await loading.put('log_data/a.json', lines(play(2), play(4)) + badRow);
    await this.#load(loading, 'logs: an object that is replaced', 'logs', [newer]);
    const late = await loading.put(
      'song_data/a.json',
      `${JSON.stringify(aSong({ ...song, song_id: 'SOLATE' }))}\n{"title":"of no id"}\n`,
    );
    await this.#load(loading, 'songs: new objects, after their plays', 'songs', [late]);
    const other = await loading.put('song_data/a.json', JSON.stringify(aSong({ ...song, song_id: 'SOOTHER' })));
    await this.#load(loading, 'songs: an object that is replaced', 'songs', [other]);
    await this.#load(loading, 'ignored objects', 'ignored', [await loading.put('elsewhere/a.txt', 'x')]);
  }

  async #retraction(loading: Loading): Promise<void> {
    const warehouse = loading.warehouseThrough(this.#client);
    const { settings, store } = loading;
    const retract = retracting({ settings, store, warehouse }, loading.anotherLoader({ warehouse }));
    for (const [dataset, key] of [
      ['logs', 'log_data/a.json'],
      ['songs', 'song_data/a.json'],
    ] as const) {
      const objects = [{ bucket: settings.bucket, key }];
      this.#story = `${dataset}: the plan of a retraction`;
      const planned = await retract.plan(dataset, objects);
      this.#story = `${dataset}: a retraction`;
      await retract.runPlanned(planned);
    }
  }

  /** The answer to a publish is lost: the loader asks what became of the batch. */
  async #question(loading: Loading): Promise<void> {
    let isLost = false;
    const warehouse = aroundTransactions(loading.warehouseThrough(this.#client), async (input, run) => {
      const results = await run(input);
      if (isLost || stageOf(input) !== 'publish') return results;
      isLost = true;
      throw new IngestError('outcome_unknown', `"${input.name}" got no answer.`);
    });
    const file = await loading.put('log_data/c.json', lines(aPlay({ sessionId: 9 })));
    await this.#load(loading, 'logs: a publish without an answer', 'logs', [file], {
      warehouse,
      openedAtMs: Date.now(),
    });
  }
}

/** The user that an administrator makes for the service: no superuser, and it owns only what it creates. */
async function asOrdinaryUser(stack: TestStack, place: TestPlace): Promise<TestPlace> {
  const user = `${place.schema}_service`;
  const database = place.environment['SPARKIFY_DATABASE'] ?? '';
  const target = {
    ClusterIdentifier: place.environment['SPARKIFY_CLUSTER_IDENTIFIER'],
    Database: database,
    DbUser: place.environment['SPARKIFY_DB_USER'],
  };
  for (const Sql of [
    `create user "${user}" password disable`,
    `grant create, temporary on database "${database}" to "${user}"`,
  ]) {
    const { Error: error } = await stack.redshiftData
      .send(new ExecuteStatementCommand({ ...target, Sql, WaitTimeSeconds: 30 }))
      .then(async ({ Id }) => await stack.redshiftData.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 30 })));
    expect(error, Sql).toBeUndefined();
  }
  return { ...place, environment: { ...place.environment, SPARKIFY_DB_USER: user } };
}
