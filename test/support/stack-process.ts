import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { runLocal } from 'local-stack';
import type { RunLocalOptions } from 'local-stack';
import { waitUntil } from './wait-until.ts';

export type StackProcess = {
  readonly child: ChildProcess;
  /** All lines printed so far. */
  output(): string;
  /** What stands in the env file, once it is there. */
  ready(): Promise<Record<string, string | undefined>>;
  /** Sends the signal and waits for the end: the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
};

/** Runs the embedded stack in the foreground in a process of its own, as `sparkify local` does. */
export function spawnStack(options: Omit<RunLocalOptions, 'print'> & { envFile: string }): StackProcess {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    output: () => output,
    async ready() {
      const isOver = () => existsSync(options.envFile) || child.exitCode !== null;
      await waitUntil(isOver, { what: 'the stack to be ready', timeoutMs: 120_000 });
      if (child.exitCode !== null) throw new Error(`The stack did not start:\n${output}`);
      return parseEnv(readFileSync(options.envFile, 'utf8'));
    },
    async end(signal) {
      child.kill(signal);
      const [code, endedBy] = await ended;
      return code ?? endedBy;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Whoever started it is gone, whatever ended them: it stops as it does at a signal.
  process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM')).resume();
  process.stdin.unref();
  const options = JSON.parse(process.argv[2] ?? '{}') as Omit<RunLocalOptions, 'print'>;
  await runLocal({ ...options, print: (line) => process.stdout.write(`${line}\n`) });
}
