import type pg from 'pg';
import { until } from './until.ts';

/** The lasting tables of a schema that grow with history. */
export const HISTORY_TABLES = [
  'song_sources',
  'songs',
  'artists',
  'songplays',
  'play_keys',
  'time',
  'users',
  'user_sources',
  'play_rivals',
  'ingest_objects',
  'ingest_files',
  'ingest_batches',
  'rejected_rows',
] as const;

const SETTLED_WITHIN_MS = 600_000;

/**
 * No housekeeping of the engine's own while something is measured: autovacuum looks at small tables after every few
 * batches and at large ones never, which is not a cost of a batch. `tidy` does its work between measurements instead.
 */
export async function stopAutovacuum(client: pg.Client): Promise<void> {
  await client.query('alter system set autovacuum = off');
  await client.query('select pg_reload_conf()');
}

/** What autovacuum would have done, for every schema alike. Outside any transaction: VACUUM refuses one. */
export async function tidy(client: pg.Client, schemas: readonly string[]): Promise<void> {
  for (const schema of schemas) {
    for (const table of HISTORY_TABLES) await client.query(`vacuum (analyze) ${schema}.${table}`);
  }
}

/** Writes down what is dirty, so that no round pays for pages of the one before; then waits for workers to end. */
export async function settle(client: pg.Client): Promise<void> {
  await client.query('checkpoint');
  const hasSettled = async (): Promise<boolean> => {
    const { rows } = await client.query("select pid from pg_stat_activity where backend_type = 'autovacuum worker'");
    return rows.length === 0;
  };
  await until(hasSettled, { what: 'the workers of autovacuum to end', withinMs: SETTLED_WITHIN_MS });
}
