import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { PlayFile } from './play-files.ts';

type Seen = { readonly atMs: number; readonly batchId: string };

/** How often the tables are asked; what is measured is late by up to this much, never early. */
const POLL_MS = 5;

/**
 * Sees when a file's rows are there for a reader: asks the fact table by its sort key, as an analyst's query would, over
 * a connection of its own.
 */
export class RowWatch {
  readonly #client: pg.Client;
  readonly #schema: string;
  readonly #waiting = new Map<string, (seen: Seen) => void>();
  #failed: unknown = null;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  private constructor(client: pg.Client, schema: string) {
    this.#client = client;
    this.#schema = schema;
  }

  static async open(psqlUrl: string, schema: string): Promise<RowWatch> {
    const client = new pg.Client({ connectionString: psqlUrl });
    await client.connect();
    const watch = new RowWatch(client, schema);
    watch.#loop = watch.#poll().catch((error: unknown) => {
      watch.#failed = error;
    });
    return watch;
  }

  /** Resolves when the file's last row can be read. */
  async seen(file: PlayFile, timeoutMs: number): Promise<Seen> {
    const { promise, resolve, reject } = Promise.withResolvers<Seen>();
    this.#waiting.set(file.lastStartTime, resolve);
    const timer = setTimeout(() => {
      reject(
        new Error(`The rows of ${file.key} were not there after ${timeoutMs} ms.`, {
          cause: this.#failed ?? undefined,
        }),
      );
    }, timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(file.lastStartTime);
    }
  }

  /** A number from the tables, such as a count. */
  async count(table: string): Promise<number> {
    const { rows } = await this.#client.query<{ n: string }>(`select count(*) as n from ${this.#schema}.${table}`);
    return Number(rows[0]?.n);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await this.#client.end();
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      if (this.#waiting.size > 0) await this.#ask();
      await sleep(POLL_MS);
    }
  }

  async #ask(): Promise<void> {
    const { rows } = await this.#client.query<{ start_time: string; batch_id: string }>(
      `select start_time::text as start_time, batch_id from ${this.#schema}.songplays where start_time = any($1)`,
      [[...this.#waiting.keys()]],
    );
    const atMs = Date.now();
    for (const row of rows) this.#waiting.get(normalise(row.start_time))?.({ atMs, batchId: row.batch_id });
  }
}

/** PostgreSQL prints `…:00` for a time without milliseconds. */
function normalise(startTime: string): string {
  return startTime.includes('.') ? startTime.padEnd(23, '0') : `${startTime}.000`;
}
