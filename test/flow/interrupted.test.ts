import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SparkifyProcess } from '../support/sparkify-process.ts';
import type { ProcessEnd } from '../support/sparkify-process.ts';
import { useStack } from '../support/stack.ts';
import { waitUntil } from '../support/wait-until.ts';
import { familyOf, stillRunning } from './support/processes.ts';
import { Story } from './support/story.ts';

const stack = useStack();

it('Ctrl-C in consume ends it well and leaves no process behind', async () => {
  const story = await Story.begin(stack);
  const consumer = story.start(['consume'], {}, { ownGroup: true });
  await consumer.waitFor('the start', ({ text }) => text.includes('consumer.started') || undefined);
  expect(await interrupt(consumer, 'SIGINT')).toMatchObject({ code: 0, signal: null });
  await story.expectNothingLeft();
});

it.each([
  ['SIGINT', ['first', 'second']],
  ['SIGTERM', ['only']],
  ['SIGHUP', ['only']],
] as const)(
  '%s in local stops all servers and removes local.env; a next start finds its data in order',
  async (signal, runs) => {
    const folder = await aFolder();
    const envFile = join(folder, '.sparkify', 'local.env');
    for (const run of runs) {
      const local = start(['local', '--port', '0', '--redshift-port', '0', '--postgres-port', '0'], folder);
      await local.waitFor('local.env', () => existsSync(envFile) || undefined, 40_000);
      expect(familyOf(local.pid).length, `processes of the ${run} run`).toBeGreaterThan(1);
      const end = await interrupt(local, signal);
      expect(end.signal, end.stderr).toBeNull();
      expect(existsSync(envFile)).toBe(false);
      expect(unfinishedFiles(folder)).toEqual([]);
    }
  },
);

it('local whose database dies ends, and names the log that says why', async () => {
  const folder = await aFolder();
  const local = start(['local', '--port', '0', '--redshift-port', '0', '--postgres-port', '0'], folder);
  await local.waitFor('local.env', ({ text }) => text.includes('Ctrl-C stops it') || undefined, 40_000);
  const cluster = join(folder, '.sparkify/data/postgres/cluster/postmaster.pid');
  process.kill(Number(readFileSync(cluster, 'utf8').split('\n')[0]), 'SIGKILL');
  const end = await local.end;
  expect(end.code, local.text).toBe(1);
  const [, log = ''] =
    /has ended without being stopped\. Its last lines are in (\S+)\. All committed data/.exec(end.stderr) ?? [];
  expect(readFileSync(log, 'utf8')).toContain('the server has ended without being stopped');
});

/** As a terminal does it: the whole group gets the signal. Nobody of the family may be there when the program has ended. */
async function interrupt(program: SparkifyProcess, signal: NodeJS.Signals): Promise<ProcessEnd> {
  const family = familyOf(program.pid);
  program.killGroup(signal);
  const end = await program.end;
  // The kernel tells of the end before the last of a dying family is off its list.
  await waitUntil(() => stillRunning(family).length === 0, {
    what: `the end of ${JSON.stringify(stillRunning(family))}`,
  });
  return end;
}

function start(args: readonly string[], workingDirectory: string): SparkifyProcess {
  const child = new SparkifyProcess({ args, environment: {}, workingDirectory, ownGroup: true });
  onTestFinished(() => child.dispose());
  return child;
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-interrupted-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Files that are to become whole under another name carry these endings until then. */
function unfinishedFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(part|tmp|partial)$/.test(path),
  );
}
