import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstMessage } from './first-message.ts';

export type BenchStack = {
  /** Settings for the service and the AWS SDK. */
  readonly environment: Readonly<Record<string, string>>;
  readonly psqlUrl: string;
  /** Of the process that runs the stack, without PostgreSQL. */
  readonly pid: number;
  /** Stops all servers, and removes the data of `startStack`. */
  stop(): Promise<void>;
};

const MAIN = fileURLToPath(new URL('stack-main.ts', import.meta.url));

/**
 * Starts the embedded stack in a process of its own on free ports and an empty data directory.
 *
 * @throws Error when it ends before it is ready; it has said why on standard error.
 */
export async function startStack(): Promise<BenchStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sparkify-bench-'));
  const remove = async () => await rm(dataDir, { recursive: true, force: true });
  try {
    const stack = await startStackIn(dataDir);
    return { ...stack, stop: async () => await stack.stop().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The same on a data directory of the caller's. */
export async function startStackIn(dataDir: string): Promise<BenchStack> {
  const child = fork(MAIN, [dataDir], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // As `sparkify local` is started (bin/sparkify.js).
    execArgv: ['--max-semi-space-size=2'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  const ended = once(child, 'exit');
  const ready = await firstMessage<Pick<BenchStack, 'environment' | 'psqlUrl'>>(child);
  return {
    ...ready,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** A setting as the stack gave it. */
export function setting(stack: BenchStack, name: string): string {
  const value = stack.environment[name];
  if (value === undefined) throw new Error(`The embedded stack did not say ${name}.`);
  return value;
}
