import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { serveWorkers } from '../../packages/redshift-local/test/serve-workers.ts';
import { bundleProgram } from './bundled-program.ts';
import { spawnStack } from './stack-process.ts';
import { withoutFsync } from './without-fsync.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** For `ofThisWorker`: answers with the settings of that worker's embedded stack. */
    stacksUrl: string;
  }
}

type Stacks = { readonly url: string; readonly stop: () => Promise<void>; users: number };

/** vitest loads this file once for each project; the projects of a run share the stacks and the bundled program. */
const shared = globalThis as { stacksOfWorkers?: Promise<Stacks>; program?: ReturnType<typeof bundleProgram> };

/**
 * Keeps one embedded stack for each worker. The first test file that asks for the stack starts it; the files that the
 * worker runs afterwards use the same stack, each in places of its own. A run that needs no stack starts none.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (shared.program === undefined) {
    shared.program = bundleProgram();
    project.onTestsRerun(async () => {
      await bundleProgram();
    });
  }
  const program = await shared.program;
  // For the workers, which begin later (`sparkify-process.ts`).
  process.env['BUNDLED_PROGRAM'] = program.path;
  shared.stacksOfWorkers ??= serveStacks();
  const stacks = await shared.stacksOfWorkers;
  stacks.users += 1;
  project.provide('stacksUrl', stacks.url);
  return async () => {
    stacks.users -= 1;
    if (stacks.users === 0) await Promise.all([stacks.stop(), program.remove()]);
  };
}

async function serveStacks(): Promise<Stacks> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-tests-'));
  const served = await serveWorkers(async (worker) => {
    const ports = { port: 0, redshiftPort: 0, postgresPort: 0 };
    const stack = spawnStack({ ...ports, dataDir: join(folder, worker), envFile: join(folder, `${worker}.env`) });
    const stop = async (): Promise<void> => {
      await stack.end('SIGTERM');
    };
    try {
      const place = await stack.ready();
      await withoutFsync(place['SPARKIFY_LOCAL_PSQL_URL'] ?? '');
      return { place, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  });
  const stop = async (): Promise<void> => {
    await served.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: served.url, stop, users: 0 };
}
