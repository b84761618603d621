import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Starts the program as npx does, prints its process id and waits. */
const LIKE_NPX = `
  const { spawn } = require('node:child_process');
  const program = spawn(process.execPath, process.argv.slice(1), { stdio: 'ignore' });
  console.log(program.pid);
  setInterval(() => undefined, 1000);`;

test('a program that npx started ends when npx is killed', async () => {
  const data = join(temporaryFolder(), 'data');
  const words = ['-e', LIKE_NPX, MAIN, 'generate', '--to', data, '--songs', '0', '--events', '1000000000'];
  const parent = spawn(process.execPath, words, { env: { npm_command: 'exec' }, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  onTestFinished(() => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  await waitUntil(() => existsSync(data), { what: 'the first file' });
  parent.kill('SIGKILL');
  await waitUntil(() => !isRunning(pid), { what: 'the end of the program' });
  expect(parent.killed).toBe(true);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
