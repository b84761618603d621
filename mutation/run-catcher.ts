import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Catcher } from './planted-bug.ts';
import type { WorkingCopy } from './working-copy.ts';

/** What a catcher says of a copy. `broken`: it did not get as far as to say anything, which shows nothing. */
export type Finding =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'noticed'; readonly by: string }
  | { readonly kind: 'broken'; readonly why: string };

/** Timeout. A bug that only makes its test hang does not count as detected. */
const LONGEST_MS = 300_000;

/** Runs the catcher in the copy until it detects the first error. */
export async function runCatcher(copy: WorkingCopy, catcher: Catcher): Promise<Finding> {
  return catcher.kind === 'simulation' ? await simulate(copy, catcher.seeds) : await runTests(copy, catcher.files);
}

async function simulate(copy: WorkingCopy, seeds: number): Promise<Finding> {
  const end = await run(copy, ['simulation/main.ts', '--seeds', String(seeds), '--workers', '1', '--bail']);
  const failed = /^seed (\d+) FAILS: (.*)$/m.exec(end.output);
  if (failed !== null) return { kind: 'noticed', by: `seed ${failed[1] ?? ''}: ${failed[2] ?? ''}` };
  return end.code === 0 ? { kind: 'nothing' } : { kind: 'broken', why: end.output };
}

/** The parts of Vitest's JSON report that are looked at. */
type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly title: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
};

async function runTests(copy: WorkingCopy, files: readonly string[]): Promise<Finding> {
  const report = 'planted-report.json';
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...files, '--bail', '1', '--maxWorkers', '1'];
  const end = await run(copy, [...vitest, '--reporter', 'json', '--outputFile', report]);
  const text = await readFile(join(copy.folder, report), 'utf8').catch(() => null);
  await rm(join(copy.folder, report), { force: true });
  if (text === null) return { kind: 'broken', why: end.output };
  return findingOf(JSON.parse(text) as Report, end);
}

function findingOf({ testResults }: Report, end: End): Finding {
  if (testResults.length === 0) return { kind: 'broken', why: `no test ran\n${end.output}` };
  for (const file of testResults) {
    const failed = file.assertionResults.find(({ status }) => status === 'failed');
    const messages = failed?.failureMessages ?? [file.message];
    // A statement that no engine accepts is not a bug that a test detects.
    const isNonsense = messages.some((message) => /syntax error at|SyntaxError|ReferenceError/.test(message));
    if (isNonsense) return { kind: 'broken', why: messages.join('\n') };
    if (failed !== undefined) return { kind: 'noticed', by: failed.title };
    if (file.status === 'failed')
      return { kind: 'noticed', by: `${basename(file.name)}, before its first test ${firstLine(file.message)}` };
  }
  return end.code === 0 ? { kind: 'nothing' } : { kind: 'broken', why: end.output };
}

type End = { readonly code: number | null; readonly output: string };

async function run(copy: WorkingCopy, args: readonly string[]): Promise<End> {
  // In a group of its own, so that nothing of it is left behind: it may hang where no signal is heard.
  const child = spawn(process.execPath, args, { cwd: copy.folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const onInterrupt = () => {
    kill();
    process.exit(130);
  };
  const timer = setTimeout(kill, LONGEST_MS);
  process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  return {
    code,
    output: child.killed || code === null ? `it did not end within ${LONGEST_MS / 1000} s\n${output}` : output,
  };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
