import { onTestFinished } from 'vitest';
import { waitUntil } from '../../support/wait-until.ts';
import type { TestPlace, TestStack } from '../../support/stack.ts';

type HeldLoad = {
  /** Resolves when this number of loads (default one) wait in their transactions. */
  reached(loads?: number): Promise<void>;
  /** Lets the load continue. */
  release(): Promise<void>;
  /** Ends the session of the load in the warehouse, as a restart of the warehouse does. */
  breakIt(): Promise<void>;
};

/**
 * Makes loads really slow: another session of the database holds the lock that every publishing transaction takes
 * first, so a load waits in the middle, staged and not committed, for as long as the test wants.
 */
export async function holdLoads(story: {
  readonly stack: Pick<TestStack, 'pool'>;
  readonly place: Pick<TestPlace, 'schema'>;
}): Promise<HeldLoad> {
  const { pool } = story.stack;
  const { schema } = story.place;
  const client = await pool.connect();
  await client.query('begin');
  await client.query(`lock table ${schema}.ingest_lock_9 in access exclusive mode`);
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    await client.query('rollback');
    client.release();
  };
  onTestFinished(release);
  const waiting = async (): Promise<readonly number[]> => {
    const { rows } = await pool.query<{ pid: number }>(
      `select l.pid from pg_catalog.pg_locks l
       where l.relation = $1::regclass and not l.granted`,
      [`${schema}.ingest_lock_9`],
    );
    return rows.map(({ pid }) => pid);
  };
  return {
    reached: async (loads = 1) => {
      await waitUntil(async () => (await waiting()).length >= loads, {
        what: `${loads} that wait for the lock`,
        timeoutMs: 30_000,
      });
    },
    release,
    breakIt: async () => {
      for (const pid of await waiting()) await pool.query('select pg_catalog.pg_terminate_backend($1)', [pid]);
    },
  };
}
