import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes the environment of a running stack for `--local` and `--env-file`: whole or not at all, and readable by its
 * owner only. Its being there says that the stack is ready.
 *
 * @returns removes the file, unless another stack has replaced it since.
 */
export function writeLocalEnv(path: string, environment: Readonly<Record<string, string>>): { remove(): void } {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  const content = `# Written by the embedded stack (process ${process.pid}); removed when it stops.\n${lines.join('\n')}\n`;
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
