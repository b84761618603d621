import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StatementCost } from '../../bench/explaining-warehouse.ts';
import { ExplainingWarehouse } from '../../bench/explaining-warehouse.ts';
import type { Case } from '../../bench/flat-batches.ts';
import { putBatch } from '../../bench/flat-batches.ts';
import { PLAYS_PER_LATE_SONG, growHistory } from '../../bench/flat-history.ts';
import { createClients } from '../../src/aws/clients.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';

const HISTORY_PLAYS = 100_000;
const NEVER = new AbortController().signal;

const stack = useStack();

/** `npm run bench -- flat` measures up to ten million; here the engine's counters say enough on a hundred thousand. */
describe(`on top of ${HISTORY_PLAYS.toLocaleString('en')} plays of history`, () => {
  let loading: Loading;
  let psqlUrl: string;

  beforeAll(async () => {
    loading = await startLoading(stack);
    psqlUrl = String(stack.pool.options.connectionString);
    const client = new pg.Client({ connectionString: psqlUrl });
    await client.connect();
    await client.query(`set search_path to ${loading.settings.schema}, redshift_compat`);
    await growHistory(client, { bucket: loading.settings.bucket, plays: HISTORY_PLAYS });
    await client.end();
  }, 120_000);

  async function costOf(which: Case, round: number): Promise<(statement: string) => StatementCost> {
    const { bucket, copyRoleArn, schema } = loading.settings;
    const clients = createClients(stack.environment['AWS_REGION'] ?? '');
    const warehouse = await ExplainingWarehouse.open({ psqlUrl, s3: clients.s3, schema, roleArn: copyRoleArn });
    const { files, lane } = await putBatch(loading.store, { bucket, which, round });
    await loading.anotherLoader({ warehouse })(aBatch(lane, files), NEVER);
    await warehouse.close();
    clients.destroy();
    return (statement) => {
      const cost = warehouse.costs.find((each) => each.statement === statement);
      if (cost === undefined) throw new Error(`${statement} did not run.`);
      return cost;
    };
  }

  test('a late song reads and writes the plays that wait for it, and no others', async () => {
    const cost = await costOf('late song', 1);
    expect(cost('create temp table play_repairs').rowsRead).toBe(PLAYS_PER_LATE_SONG);
    expect(cost('update songplays').rowsRead).toBe(PLAYS_PER_LATE_SONG);
    expect(cost('update songplays').rowsWritten).toBe(PLAYS_PER_LATE_SONG);
  });

  test('a thousand events read the plays and the files of their own hours', async () => {
    const cost = await costOf('events', 2);
    expect(cost('create temp table play_changes').rowsRead).toBeLessThan(1_100);
    expect(cost('insert into time').rowsRead).toBeLessThan(1_100);
    expect(cost('create temp table batch_known').rowsRead).toBeLessThan(100);
    expect(cost('insert into ingest_files').rowsRead).toBeLessThan(100);
  });

  test('new versions of songs that keep title, artist and duration read no play', async () => {
    const cost = await costOf('songs', 3);
    // The keys of 500 new songs are looked for; no play waits for them.
    expect(cost('create temp table play_repairs').rowsRead).toBe(0);
    expect(cost('update songplays').rowsWritten).toBe(0);
  });
});
