import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

describe('local, started again and again on one folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sparkify-interrupted-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function startLocal(): Promise<SparkifyProcess> {
    const args = ['local', '--port', '0', '--redshift-port', '0', '--postgres-port', '0'];
    const local = new SparkifyProcess({ args, environment: {}, workingDirectory: folder, ownGroup: true });
    onTestFinished(() => local.dispose());
    await local.waitFor('the stack', ({ text }) => text.includes('Ctrl-C stops it') || undefined, 40_000);
    return local;
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops all servers and removes local.env; the next start finds its data in order',
    async (signal) => {
      const envFile = join(folder, '.sparkify', 'local.env');
      const local = await startLocal();
      expect(existsSync(envFile)).toBe(true);
      expect(familyOf(local.pid).length).toBeGreaterThan(1);
      const end = await interrupt(local, signal);
      expect(end.signal, end.stderr).toBeNull();
      expect(existsSync(envFile)).toBe(false);
      expect(unfinishedFiles(folder)).toEqual([]);
    },
  );

  it('ends when its database dies, and names the log that says why', async () => {
    const local = await startLocal();
    const cluster = join(folder, '.sparkify/data/postgres/cluster/postmaster.pid');
    process.kill(Number(readFileSync(cluster, 'utf8').split('\n')[0]), 'SIGKILL');
    const end = await local.end;
    expect(end.code, local.text).toBe(1);
    const [, log = ''] =
      /has ended without being stopped\. Its last lines are in (\S+)\. All committed data/.exec(end.stderr) ?? [];
    expect(readFileSync(log, 'utf8')).toContain('the server has ended without being stopped');
  });
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

/** Files that are to become whole under another name carry these endings until then. */
function unfinishedFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(part|tmp|partial)$/.test(path),
  );
}
