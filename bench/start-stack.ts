import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type BenchStack = {
  /** Settings for the service and the AWS SDK. */
  readonly environment: Readonly<Record<string, string>>;
  readonly psqlUrl: string;
  /** Stops all servers and removes their data. */
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
  const child = fork(MAIN, [dataDir], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const ready = await Promise.race([once(child, 'message'), ended.then(() => null)]);
  if (ready === null) {
    await rm(dataDir, { recursive: true, force: true });
    throw new Error('The embedded stack could not be started; see above.');
  }
  const { environment, psqlUrl } = ready[0] as { environment: Record<string, string>; psqlUrl: string };
  return {
    environment,
    psqlUrl,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A setting as the stack gave it. */
export function setting(stack: BenchStack, name: string): string {
  const value = stack.environment[name];
  if (value === undefined) throw new Error(`The embedded stack did not say ${name}.`);
  return value;
}
