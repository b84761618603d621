import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import pg from 'pg';
import type { Lane } from '../src/core/dataset.ts';
import type { FileEvent } from '../src/core/file-event.ts';
import type { Batch } from '../src/core/load.ts';
import { createLoadBatch } from '../src/loaders/load-batch.ts';
import { aroundTransactions } from '../src/core/around-transactions.ts';
import { batchOf, openWorld } from './loader-world.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { PlayFiles } from './play-files.ts';
import { runCommand } from './run-command.ts';
import { setting, startStack } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';

export type BatchPlan = { readonly files: readonly number[] };

export const FULL_PLAN: BatchPlan = { files: [1, 100, 5_000] };
export const QUICK_PLAN: BatchPlan = { files: [1, 20] };

/** What one batch sends to the warehouse, and what the batch leaves there. */
export type BatchCost = {
  readonly lane: Lane;
  /** `append`: new objects; `exact`: the same objects, overwritten with other rows. */
  readonly plan: 'append' | 'exact';
  readonly files: number;
  readonly statements: number;
  /** Behind LOCK, with it. */
  readonly underLock: number;
  readonly transactions: number;
  readonly copies: number;
  /** CREATE TABLE, with and without AS. */
  readonly tablesCreated: number;
  readonly merges: number;
  /** Data API calls, the waiting included. */
  readonly calls: number;
  /** By which each lasting table grew in the embedded engine, without its indexes. */
  readonly bytes: Readonly<Record<string, number>>;
};

export type BatchResult = { readonly machine: Machine; readonly plan: BatchPlan; readonly costs: readonly BatchCost[] };

const NEVER = new AbortController().signal;
const PLAYS_PER_FILE = 5;
const PUTS_AT_ONCE = 16;

/** Loads batches of 1, 100 and 5,000 files with the real loader, new and overwritten, and counts. Times are not measured. */
export async function measureBatches(plan: BatchPlan, say: (line: string) => void): Promise<BatchResult> {
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    const world = new World(stack);
    try {
      const costs: BatchCost[] = [];
      // The first load of a session sets its parameters.
      for (const lane of ['logs', 'songs'] as const) await world.loadTwice(lane, 1);
      for (const lane of ['logs', 'songs'] as const) {
        for (const files of plan.files) {
          say(`${files} files of ${lane}`);
          costs.push(...(await world.loadTwice(lane, files)));
        }
      }
      return { machine: describeMachine(), plan, costs };
    } finally {
      await world.close();
    }
  } finally {
    await stack.stop();
  }
}

class World {
  readonly #stack: BenchStack;
  readonly #loader;
  readonly #engine;
  readonly #load;
  readonly #plays = new PlayFiles(PLAYS_PER_FILE);
  #statements: (readonly string[])[] = [];
  #songs = 0;

  constructor(stack: BenchStack) {
    this.#stack = stack;
    this.#loader = openWorld(stack.environment);
    this.#engine = new pg.Pool({ connectionString: stack.psqlUrl });
    this.#load = createLoadBatch({
      ...this.#loader.loadParts(setting(stack, 'SPARKIFY_SCHEMA')),
      warehouse: aroundTransactions(this.#loader.warehouse, async (input, run) => {
        this.#statements.push(input.statements);
        return await run(input);
      }),
    });
  }

  /** Loads new objects, and then these objects with other rows. */
  async loadTwice(lane: 'logs' | 'songs', count: number): Promise<readonly BatchCost[]> {
    const objects = Array.from({ length: 2 * count }, () => (lane === 'logs' ? this.#plays.take() : this.#song()));
    const fresh = objects.slice(0, count);
    const overwritten = fresh.map(({ key }, index) => ({ key, body: objects[count + index]?.body ?? '' }));
    return [
      { ...(await this.#measured(await this.#batch(lane, fresh))), plan: 'append' },
      { ...(await this.#measured(await this.#batch(lane, overwritten))), plan: 'exact' },
    ];
  }

  async #measured(batch: Batch): Promise<Omit<BatchCost, 'plan'>> {
    const [before, callsBefore] = [await this.#sizes(), this.#loader.warehouse.roundTrips()];
    this.#statements = [];
    await this.#load(batch, NEVER);
    const after = await this.#sizes();
    const all = this.#statements.flat();
    const count = (pattern: RegExp): number => all.filter((statement) => pattern.test(statement)).length;
    const publishing = this.#statements.find((statements) => statements.some((each) => LOCK.test(each))) ?? [];
    return {
      ...{ lane: batch.lane, files: batch.files.length, statements: all.length, transactions: this.#statements.length },
      underLock: publishing.length - publishing.findIndex((each) => LOCK.test(each)),
      ...{ copies: count(/^copy\b/i), tablesCreated: count(/^create\b/i), merges: count(/^merge\b/i) },
      calls: this.#loader.warehouse.roundTrips() - callsBefore,
      bytes: Object.fromEntries([...after].map(([table, bytes]) => [table, bytes - (before.get(table) ?? 0)])),
    };
  }

  async close(): Promise<void> {
    this.#loader.close();
    await this.#engine.end();
  }

  async #batch(lane: Lane, objects: readonly { key: string; body: string }[]): Promise<Batch> {
    const limit = pLimit(PUTS_AT_ONCE);
    const files = await limit.map(objects, async (object) => await this.#put(object));
    return batchOf({ lane, source: 'live', files });
  }

  /** Half of the songs are titles that were heard. */
  #song(): { key: string; body: string } {
    this.#songs += 1;
    const id = String(this.#songs).padStart(6, '0');
    const song = {
      ...{ num_songs: 1, song_id: `SO${id}`, title: `Song ${this.#songs}-0`, duration: 215.5, year: 2001 },
      ...{ artist_id: `AR${id}`, artist_name: this.#songs % 2 === 0 ? 'An Artist' : 'Nobody', artist_location: '' },
      ...{ artist_latitude: null, artist_longitude: null },
    };
    return { key: `song_data/bench/${id}.json`, body: JSON.stringify(song) };
  }

  async #put({ body, key }: { key: string; body: string }): Promise<FileEvent> {
    const object = { change: 'put' as const, bucket: setting(this.#stack, 'SPARKIFY_BUCKET'), key };
    const eventTimeMs = Date.now();
    await this.#loader.store.put({ ...object, body, contentType: 'application/json', signal: NEVER });
    const etag = createHash('md5').update(body).digest('hex');
    return { ...object, etag, versionId: null, sequencer: 'A', size: Buffer.byteLength(body), eventTimeMs };
  }

  async #sizes(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.#engine.query<{ name: string; bytes: string }>(
      `select relname as name, pg_table_size(oid) as bytes from pg_class
       where relnamespace = $1::regnamespace and relkind = 'r' order by 1`,
      [setting(this.#stack, 'SPARKIFY_SCHEMA')],
    );
    return new Map(rows.map(({ bytes, name }) => [name, Number(bytes)]));
  }
}

const LOCK = /^lock\b/i;
