import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const POLL_MS = 5;

/** Sees for how long transactions have the lock of a table: asks PostgreSQL every few milliseconds over a connection of its own. */
export class LockWatch {
  readonly #client: pg.Client;
  readonly #table: string;
  #holder: { readonly transaction: string; readonly sinceMs: number } | null = null;
  #longestMs = 0;
  #failed: unknown = null;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  private constructor(client: pg.Client, table: string) {
    this.#client = client;
    this.#table = table;
  }

  static async open(psqlUrl: string, table: string): Promise<LockWatch> {
    const client = new pg.Client({ connectionString: psqlUrl });
    await client.connect();
    const watch = new LockWatch(client, table);
    watch.#loop = watch.#poll().catch((error: unknown) => {
      watch.#failed = error;
    });
    return watch;
  }

  /**
   * The longest time for which one transaction was seen with the lock since the last call, in ms.
   *
   * @throws Error when PostgreSQL could not be asked any more.
   */
  take(): number {
    if (this.#failed !== null) throw new Error('The lock could not be watched to the end.', { cause: this.#failed });
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await this.#client.end();
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      const { rows } = await this.#client.query<{ transaction: string }>(
        `select virtualtransaction as transaction from pg_locks
         where relation = $1::regclass and granted and mode = 'AccessExclusiveLock'`,
        [this.#table],
      );
      const transaction = rows[0]?.transaction ?? null;
      const nowMs = performance.now();
      if (transaction === null) this.#holder = null;
      else if (transaction !== this.#holder?.transaction) this.#holder = { transaction, sinceMs: nowMs };
      if (this.#holder !== null) this.#longestMs = Math.max(this.#longestMs, nowMs - this.#holder.sinceMs);
      await sleep(POLL_MS);
    }
  }
}
