import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleProgram } from './bundled-program.ts';
import { spawnStack } from './stack-process.ts';
import type { StackProcess } from './stack-process.ts';
import { withoutFsync } from './without-fsync.ts';

type Environment = Awaited<ReturnType<StackProcess['ready']>>;

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers `/<pool id>` with the settings of that worker's embedded stack, as JSON. */
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
  const stacks = new Map<string, StackProcess>();
  const start = async (worker: string): Promise<Environment> => {
    const ports = { port: 0, redshiftPort: 0, postgresPort: 0 };
    const stack = spawnStack({ ...ports, dataDir: join(folder, worker), envFile: join(folder, `${worker}.env`) });
    stacks.set(worker, stack);
    const environment = await stack.ready();
    await withoutFsync(environment['SPARKIFY_LOCAL_PSQL_URL'] ?? '');
    return environment;
  };
  const environments = new Map<string, Promise<Environment>>();
  const environmentOf = async (worker: string): Promise<Environment> => {
    const environment = environments.get(worker) ?? start(worker);
    environments.set(worker, environment);
    return await environment;
  };
  const server = createServer((incoming, outgoing) => {
    environmentOf(incoming.url?.slice(1) ?? '').then(
      (environment) => outgoing.end(JSON.stringify(environment)),
      (error: unknown) => outgoing.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async (): Promise<void> => {
    server.close();
    await Promise.all([...stacks.values()].map(async (stack) => await stack.end('SIGTERM')));
    await rm(folder, { recursive: true, force: true });
  };
  return { url, stop, users: 0 };
}
