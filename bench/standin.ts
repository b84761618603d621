import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import pg from 'pg';
import { clientConfig } from './client-config.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { peakMemoryMB } from './peak-memory.ts';
import { spread } from './quantiles.ts';
import { copyEvents, putParts } from './standin-copy.ts';
import type { CopyTimes } from './standin-copy.ts';
import { FUNCTIONS } from './standin-functions.ts';
import type { FunctionCase } from './standin-functions.ts';
import { runStatement } from './standin-statement.ts';
import { startStackIn } from './start-stack.ts';
import type { BenchStack } from './start-stack.ts';

export type StandinPlan = {
  readonly events: number;
  readonly parts: number;
  readonly rows: number;
  readonly rounds: number;
};

export const FULL_PLAN: StandinPlan = { events: 1_000_000, parts: 16, rows: 1_000_000, rounds: 3 };
export const QUICK_PLAN: StandinPlan = { events: 20_000, parts: 4, rows: 20_000, rounds: 1 };

/** A measured number beside its bound. */
export type Target = { readonly what: string; readonly measured: number; readonly most: number; readonly met: boolean };

export type StandinResult = {
  readonly machine: Machine;
  readonly plan: StandinPlan;
  readonly copy: CopyTimes;
  /** Medians in ms: with the stand-in, and with PostgreSQL's own function. */
  readonly functions: readonly (FunctionCase & { readonly standinMs: number; readonly postgresMs: number })[];
  readonly targets: readonly Target[];
};

/**
 * What the stand-in costs on top of PostgreSQL: COPY against PostgreSQL's own COPY of the same rows, functions against PostgreSQL's own
 * on the same table, a statement through the Data API, and the start of the whole embedded stack. Both sides run in turn.
 */
export async function measureStandin(plan: StandinPlan, say: (line: string) => void): Promise<StandinResult> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-bench-'));
  try {
    say('first start and restart of the embedded stack');
    const first = await timedStart(folder);
    // The stack that is measured has not held the parts in memory before COPY reads them.
    const lines = await putParts(first.stack, plan);
    await first.stack.stop();
    const again = await timedStart(folder);
    const { stack } = again;
    try {
      return await measureRunning({ stack, plan, lines, starts: { firstMs: first.ms, againMs: again.ms }, say });
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timedStart(folder: string): Promise<{ stack: BenchStack; ms: number }> {
  const beganMs = performance.now();
  const stack = await startStackIn(folder);
  return { stack, ms: performance.now() - beganMs };
}

async function measureRunning(input: {
  readonly stack: BenchStack;
  readonly plan: StandinPlan;
  readonly lines: readonly Buffer[];
  readonly starts: { readonly firstMs: number; readonly againMs: number };
  readonly say: (line: string) => void;
}): Promise<StandinResult> {
  const { lines, plan, say, stack, starts } = input;
  const client = new RedshiftDataClient(clientConfig(stack, 'REDSHIFT_DATA'));
  const postgres = new pg.Client({ connectionString: stack.psqlUrl });
  await postgres.connect();
  try {
    say('a trivial statement, 1,000 times');
    const statement = spread(await trivialStatements(client, stack));
    say(`COPY of ${plan.events} events, ${plan.rounds} times on both sides`);
    const copy = await copyEvents({ client, stack, postgres, lines, rounds: plan.rounds });
    const peakMB = peakMemoryMB(stack.pid);
    say('functions');
    const functions = await measureFunctions({ client, stack, postgres, plan });
    const target = (what: string, measured: number, most: number): Target => ({
      what,
      measured,
      most,
      met: measured <= most,
    });
    return {
      machine: describeMachine(),
      plan,
      copy,
      functions,
      targets: [
        target("COPY, times PostgreSQL's own", copy.standinMs / copy.postgresMs, 4),
        ...functions.map(({ most, postgresMs, standinMs, what }) =>
          target(`${what}, times PostgreSQL's own`, standinMs / postgresMs, most),
        ),
        target('a trivial statement to its result, p50 in ms', statement.p50, 5),
        target('restart of the embedded stack, in s', starts.againMs / 1000, 3),
        target('first start of the embedded stack, in s', starts.firstMs / 1000, 8),
        ...(peakMB === null ? [] : [target('peak memory of the stack during COPY, in MB', peakMB, 200)]),
      ],
    };
  } finally {
    client.destroy();
    await postgres.end();
  }
}

async function trivialStatements(client: RedshiftDataClient, stack: BenchStack): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < 1_200; run += 1) {
    const beganMs = performance.now();
    await runStatement(client, stack, 'select 1');
    times.push(performance.now() - beganMs);
  }
  // The first ones warm both processes up.
  return times.slice(200);
}

async function measureFunctions(parts: {
  readonly client: RedshiftDataClient;
  readonly stack: BenchStack;
  readonly postgres: pg.Client;
  readonly plan: StandinPlan;
}): Promise<StandinResult['functions']> {
  const { client, plan, postgres, stack } = parts;
  await postgres.query(
    `create table measured as
     select i::bigint as n, i::text::varchar(20) as digits, md5(i::text)::varchar(32) as hash,
            timestamp '2018-11-01' + i * interval '1 second' as at
     from generate_series(1, ${plan.rows}) i`,
  );
  await postgres.query('vacuum analyze measured');
  const measured = [];
  for (const one of FUNCTIONS) {
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < plan.rounds; round += 1) {
      const beganMs = performance.now();
      await runStatement(client, stack, `select count(${one.standin}) from public.measured`);
      const betweenMs = performance.now();
      await postgres.query(`select count(${one.postgres}) from measured`);
      ours.push(betweenMs - beganMs);
      theirs.push(performance.now() - betweenMs);
    }
    measured.push({ ...one, standinMs: spread(ours).p50, postgresMs: spread(theirs).p50 });
  }
  return measured;
}
