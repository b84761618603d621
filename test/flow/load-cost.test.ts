import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import type { StatementCost, TableCost } from '../../bench/explaining-warehouse.ts';
import { ExplainingWarehouse } from '../../bench/explaining-warehouse.ts';
import type { Case } from '../../bench/flat-batches.ts';
import { putBatch } from '../../bench/flat-batches.ts';
import { PLAYS_PER_LATE_SONG, growHistory } from '../../bench/flat-history.ts';
import { createClients } from '../../src/aws/clients.ts';
import type { Warehouse } from '../../src/core/ports.ts';
import { aBatch, startLoading } from '../support/loading.ts';
import type { Loading } from '../support/loading.ts';
import { useStack } from '../support/stack.ts';
import { aroundTransactions } from '../../src/core/around-transactions.ts';

const HISTORY_PLAYS = 100_000;
/** For a range of time the engine's planner looks at both ends of the index. */
const PLANNER = 2;
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

  /** Loads a round's batch, with `more` statements at the end of what it publishes. */
  async function costOf(which: Case, round: number, more: readonly string[] = []): Promise<Cost> {
    const { bucket, copyRoleArn, schema } = loading.settings;
    const clients = createClients(stack.environment['AWS_REGION'] ?? '');
    const warehouse = await ExplainingWarehouse.open({ psqlUrl, s3: clients.s3, schema, roleArn: copyRoleArn });
    const { before, decision, files, lane, source } = await putBatch(loading.store, { bucket, which, round });
    if (before.length > 0) await loading.loadBatch(aBatch(lane, before), NEVER);
    await loading.anotherLoader({ warehouse: withMore(warehouse, more) })(
      aBatch(lane, files, { source, decision }),
      NEVER,
    );
    await warehouse.close();
    clients.destroy();
    return {
      of: (statement) => {
        const cost = warehouse.costs.find((each) => each.statement === statement);
        if (cost === undefined) throw new Error(`${statement} did not run.`);
        return cost;
      },
      tables: warehouse.tables,
    };
  }

  test('a late song reads and writes the plays that wait for it, and no others', async () => {
    const { of, tables } = await costOf('late song', 1);
    expect(of('insert into sparkify_play_repairs').rowsRead).toBeLessThanOrEqual(PLAYS_PER_LATE_SONG + PLANNER);
    expect(of('update songplays').rowsRead).toBeLessThanOrEqual(PLAYS_PER_LATE_SONG + PLANNER);
    expect(of('update songplays').rowsWritten).toBe(PLAYS_PER_LATE_SONG);
    // No statement of the load read another play.
    expect(tables.get('songplays')?.rowsRead).toBeLessThanOrEqual(2 * (PLAYS_PER_LATE_SONG + PLANNER));
    expect(tables.get('songplays')?.rowsWritten).toBe(PLAYS_PER_LATE_SONG);
    const names = TRAFFIC.filter((name) => name !== 'ingest_batches');
    expect(tooMuchRead(tables, 100, names)).toEqual([]);
    // The 200 batches of history fill a few pages, which the planner may read whole for each statement.
    expect(tables.get('ingest_batches')?.rowsRead).toBeLessThan(1_500);
  });

  test('a thousand events read only the plays and files of their own hours', async () => {
    const { of, tables } = await costOf('events', 2);
    expect(of('insert into time').rowsRead).toBeLessThan(1_100);
    // Entries of the minutes around the batch's notices.
    expect(of('insert into ingest_files').rowsRead).toBeLessThan(500);
    // All statements together: their own hours once, and for the guard once more with what is new.
    expect(tooMuchRead(tables, 3_300)).toEqual([]);
    expect(tables.get('songplays')?.rowsWritten).toBe(1_000);
  });

  test('new versions of songs that keep title, artist and duration read no play', async () => {
    const { tables } = await costOf('songs', 3);
    // The keys of 500 new songs are looked for; no title was heard that has one, so that no statement names a play.
    expect(tables.get('songplays')?.rowsRead).toBe(0);
    expect(tables.get('songplays')?.rowsWritten).toBe(0);
    expect(tooMuchRead(tables, 5_000)).toEqual([]);
  });

  test.each([
    ['overwritten', 8],
    ['retracted', 9],
  ] as const)('twenty logs that are %s read the hours of their plays', async (which, round) => {
    const { tables } = await costOf(which, round);
    // Their own thousand plays and what the batch brings, a few times each; the files and users there are may be read whole. A
    // retraction also counts what it changes.
    expect(tables.get('songplays')?.rowsRead).toBeLessThan(which === 'retracted' ? 20_000 : 8_000);
    expect(tables.get('time')?.rowsRead).toBeLessThan(3_300);
    expect(tables.get('play_rivals')?.rowsRead).toBe(0);
    expect(tables.get('songplays')?.rowsWritten).toBe(which === 'overwritten' ? 2_000 : 1_000);
  });

  test.each([
    [4, 'select count(*) from songplays'],
    [5, 'create temp table slow as select p.song_id from songplays p where p.user_id = 1'],
    [6, "delete from songplays where songplay_id = 'not there'"],
    [7, 'update time set hour = 1 where hour > 99'],
  ])('these counts would show a load that also did (round %i) %s', async (round, statement) => {
    const { tables } = await costOf('events', round, [statement]);
    expect(tooMuchRead(tables, HISTORY_PLAYS / 2)).toHaveLength(1);
  });
});

type Cost = {
  readonly of: (statement: string) => StatementCost;
  readonly tables: ReadonlyMap<string, TableCost>;
};

/** Tables that grow with traffic. */
const TRAFFIC = ['songplays', 'time', 'ingest_files', 'ingest_batches', 'rejected_rows'];

/** Of the tables that grow with traffic those of which the whole load read more rows. */
function tooMuchRead(
  tables: ReadonlyMap<string, TableCost>,
  most: number,
  names: readonly string[] = TRAFFIC,
): readonly string[] {
  return names.flatMap((name) => {
    const read = tables.get(name)?.rowsRead ?? Number.NaN;
    return read <= most ? [] : [`${name}: ${read} rows`];
  });
}

/** The same warehouse; transactions that take the lock do something else as well. */
function withMore(warehouse: Warehouse, more: readonly string[]): Warehouse {
  return aroundTransactions(warehouse, async (input, run) => {
    const at = input.statements.findIndex((statement) => /^\s*(?:--[^\n]*\n\s*)*lock\b/i.test(statement));
    if (at < 0 || more.length === 0) return await run(input);
    const statements = [...input.statements.slice(0, at + 1), ...more, ...input.statements.slice(at + 1)];
    const results = await run({ ...input, statements });
    return results.toSpliced(at + 1, more.length);
  });
}
