import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where `--local` looks, relative to the working directory. */
export const DEFAULT_ENV_FILE = '.sparkify/local.env';

/**
 * Writes the environment of a running stack for `--local` and `--env-file`: atomically, and readable by its owner only.
 * When the file exists, the stack is ready.
 *
 * @returns removes the file, unless another stack has replaced it since.
 */
export function writeLocalEnv(path: string, environment: Readonly<Record<string, string>>): { remove(): void } {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  const content = `${header(process.pid)}\n${lines.join('\n')}\n`;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, content, { mode: 0o600 });
  renameSync(unfinished, path);
  return {
    remove() {
      if (readOrEmpty(path) === content) rmSync(path, { force: true });
    },
  };
}

/** Whether the file belongs to another stack that still runs; a killed stack leaves its file behind. */
export function isOfRunningStack(path: string): boolean {
  const pid = Number(/^# Written by the embedded stack \(process (\d+)\)/.exec(readOrEmpty(path))?.[1] ?? Number.NaN);
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function header(pid: number): string {
  return `# Written by the embedded stack (process ${pid}); removed when it stops.`;
}

/** Both a shell and Node's `--env-file` read this. Values here are URLs, names and numbers, never with a quote. */
function quoted(value: string): string {
  return /^[\w:/.@+-]*$/.test(value) ? value : `"${value}"`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
