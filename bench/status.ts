import { loadavg } from 'node:os';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { clientConfig } from './client-config.ts';
import { fill } from './flat-history.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { PlayFiles } from './play-files.ts';
import type { Quartiles } from './quantiles.ts';
import { quartiles } from './quantiles.ts';
import { runCommand } from './run-command.ts';
import type { BenchStack } from './start-stack.ts';
import { setting, startStack } from './start-stack.ts';

export type StatusPlan = { readonly files: number; readonly batches: number };

export const FULL_PLAN: StatusPlan = { files: 10_000_000, batches: 1_000_000 };
export const QUICK_PLAN: StatusPlan = { files: 100_000, batches: 10_000 };

export type StatusResult = {
  readonly machine: Machine;
  readonly loadAverage: number;
  readonly plan: StatusPlan;
  readonly rounds: number;
  /** The publish of the first batch on top of the ledger, which adds all batches to the totals. */
  readonly publishMs: number;
  /** From the start of the process to its end. */
  readonly statusMs: Quartiles;
  readonly withoutWarehouseMs: Quartiles;
  readonly targetMs: number;
  readonly met: boolean;
};

const TARGET_MS = 2_000;
const ROUNDS = 7;

/**
 * Fills a ledger inside the engine, loads one file with the real program, and times the real command.
 *
 * @throws Error when a command fails, or when status does not count all files.
 */
export async function measureStatus(plan: StatusPlan, say: (line: string) => void): Promise<StatusResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    say(`${plan.files} files in ${plan.batches} batches`);
    await fillLedger(stack, plan);
    await put(stack);
    const { stderr } = await runCommand(stack, 'consume', '--until-idle');
    const statusMs: number[] = [];
    const withoutWarehouseMs: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      statusMs.push(await timed(stack, 'status'));
      withoutWarehouseMs.push(await timed(stack, 'status', '--no-warehouse'));
      say(`round ${round}: ${statusMs.at(-1)?.toFixed(0)} ms`);
    }
    const times = { statusMs: quartiles(statusMs), withoutWarehouseMs: quartiles(withoutWarehouseMs) };
    await checkCount(stack, plan);
    return {
      ...{ machine: describeMachine(), loadAverage: loadavg()[0] ?? 0, plan, rounds: ROUNDS, ...times },
      ...{ publishMs: publishMs(stderr), targetMs: TARGET_MS, met: times.statusMs.p50 <= TARGET_MS },
    };
  } finally {
    await stack.stop();
  }
}

async function timed(stack: BenchStack, ...args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  await runCommand(stack, ...args);
  return performance.now() - startedMs;
}

/** Of the only batch, as the log of the consumer has it. */
function publishMs(log: string): number {
  const lines = log.split('\n').flatMap((line) => (line.includes('load.committed') ? [line] : []));
  const { stageMs } = JSON.parse(lines[0] ?? '{}') as { stageMs?: { publish: number } };
  return stageMs?.publish ?? Number.NaN;
}

/** @throws Error when status does not count the files of the whole ledger. */
async function checkCount(stack: BenchStack, { files }: StatusPlan): Promise<void> {
  const { stdout } = await runCommand(stack, 'status', '--json');
  const { warehouse } = JSON.parse(stdout) as {
    warehouse: { datasets: { dataset: string; filesLoaded: number }[] };
  };
  const counted = warehouse.datasets.find(({ dataset }) => dataset === 'logs')?.filesLoaded;
  if (counted !== files + 1) throw new Error(`status counts ${counted} files, expected ${files + 1}.`);
}

/** The last batch is two days old; the ledger grows by a batch every 30 s. */
async function fillLedger(stack: BenchStack, { batches, files }: StatusPlan): Promise<void> {
  const client = new pg.Client({ connectionString: stack.psqlUrl });
  await client.connect();
  try {
    const perBatch = files / batches;
    const at = (batch: string): string =>
      `now() at time zone 'UTC' - interval '2 days' - ${batch} * interval '30 seconds'`;
    await client.query(`set search_path to ${setting(stack, 'SPARKIFY_SCHEMA')}`);
    await client.query("set maintenance_work_mem = '512MB'");
    await fill(
      client,
      'ingest_files',
      `insert into ingest_files (
         file_id, object_id, bucket, object_key, etag, sequencer, size, event_time, last_modified, dataset, status, batch_id,
         attempts, first_seen_at, settled_at)
       select md5('file ' || n), md5('object ' || n), 'bucket', 'log_data/' || n || '.json', md5(n::text), '', 20000, at, at,
         'logs', 'loaded', 'history-' || batch, 1, at, at
       from (select n, n / ${perBatch} as batch, ${at(`(n / ${perBatch})`)} as at from generate_series(0, ${files - 1}) n) v`,
    );
    await fill(
      client,
      'ingest_batches',
      `insert into ingest_batches (
         batch_id, dataset, source, close_reason, files, bytes, rows_staged, rows_rejected, rows_inserted, rows_updated,
         rows_repaired, opened_at, closed_at, read_at, staged_at, published_at, consumer, manifest_uri, query_ids, objects_added)
       select 'history-' || n, 'logs', 'live', 'idle', ${perBatch}, 200000, 500, 0, 500, 0, 0, at, at, at, at, at, 'history',
         's3://bucket/manifest', '1', ${perBatch}
       from (select n, ${at('n')} as at from generate_series(0, ${batches - 1}) n) v`,
    );
    await client.query("update ingest_totals set totalled_until = timestamp '2001-01-01'");
    for (const table of ['ingest_files', 'ingest_batches']) await client.query(`vacuum (analyze) ${table}`);
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}

async function put(stack: BenchStack): Promise<void> {
  const s3 = new S3Client(clientConfig(stack, 'S3'));
  const { body, key } = new PlayFiles(5).take();
  await s3.send(new PutObjectCommand({ Bucket: setting(stack, 'SPARKIFY_BUCKET'), Key: key, Body: body }));
  s3.destroy();
}
