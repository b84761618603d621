import { setTimeout as sleep } from 'node:timers/promises';
import { SparkifyProcess } from '../test/support/sparkify-process.ts';
import { asOperator } from './as-operator.ts';
import { serveListing } from './listing-server.ts';
import { describeMachine } from './machine.ts';
import type { Machine } from './machine.ts';
import { peakMemoryMB } from './peak-memory.ts';
import { runCommand } from './run-command.ts';
import { setting, startStack } from './start-stack.ts';

export type ListingPlan = { readonly keys: number };

export const FULL_PLAN: ListingPlan = { keys: 1_000_000 };
export const QUICK_PLAN: ListingPlan = { keys: 50_000 };

export type ListingResult = {
  readonly machine: Machine;
  readonly plan: ListingPlan;
  readonly seconds: number;
  /** `VmHWM` after a tenth of the keys and after all of them; `null` where the system does not tell. */
  readonly peakMB: { readonly tenth: number | null; readonly all: number | null };
  readonly targetRatio: number;
};

const TARGET_RATIO = 1.2;
const LOOK_EVERY_MS = 100;

/**
 * `sparkify backfill --dry-run` over a listing of very many keys, all of which it looks up in the ledger, and its peak memory on the way.
 */
export async function measureListing(plan: ListingPlan, say: (line: string) => void): Promise<ListingResult> {
  say('starting the embedded stack');
  const stack = await startStack();
  try {
    await runCommand(stack, 'migrate');
    const listing = await serveListing({ keys: plan.keys, others: setting(stack, 'AWS_ENDPOINT_URL_S3') });
    const environment = { ...stack.environment, AWS_ENDPOINT_URL_S3: listing.url };
    say(`a listing of ${plan.keys} keys`);
    const beganMs = performance.now();
    const backfill = new SparkifyProcess({
      args: ['backfill', '--dry-run', '--json'],
      environment,
      program: asOperator(),
    });
    const peakMB: { tenth: number | null; all: number | null } = { tenth: null, all: null };
    try {
      while (!backfill.ended) {
        peakMB.all = peakMemoryMB(backfill.pid) ?? peakMB.all;
        const listed = Number(
          backfill.logLines().findLast(({ event }) => event === 'backfill.progress')?.['listed'] ?? 0,
        );
        if (listed * 10 >= plan.keys) peakMB.tenth ??= peakMB.all;
        await sleep(LOOK_EVERY_MS);
      }
      const { code, stderr, stdout } = await backfill.end;
      const result = code === 0 ? (JSON.parse(stdout) as { listed: number; lacking: number }) : null;
      if (result?.listed !== plan.keys || result.lacking !== plan.keys) {
        throw new Error(`sparkify backfill did not find ${plan.keys} keys:\n${(stdout + stderr).slice(-2_000)}`);
      }
    } finally {
      await backfill.dispose();
      listing.close();
    }
    const seconds = (performance.now() - beganMs) / 1000;
    return { machine: describeMachine(), plan, seconds, peakMB, targetRatio: TARGET_RATIO };
  } finally {
    await stack.stop();
  }
}
