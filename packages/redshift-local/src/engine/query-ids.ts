import type pg from 'pg';

/** Ids reserved per query to the database; a restart skips the rest of a block. */
const blockSize = 1_000;

/**
 * Redshift's query ids: one per statement that runs, increasing, and unique even after a restart.
 * The first is 100 so that it cannot be mistaken for a count.
 */
export class QueryIds {
  readonly #control: pg.Pool;
  #next = 0;
  #end = 0;
  #reservation: Promise<void> | null = null;

  constructor(control: pg.Pool) {
    this.#control = control;
  }

  async next(): Promise<number> {
    while (this.#next >= this.#end) await (this.#reservation ??= this.#reserve());
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    try {
      const { rows } = await this.#control.query<{ block: string }>(
        "select nextval('redshift_local.query_blocks') as block",
      );
      const block = Number(rows[0]?.block);
      this.#next = block * blockSize + 100;
      this.#end = this.#next + blockSize;
    } finally {
      this.#reservation = null;
    }
  }
}
