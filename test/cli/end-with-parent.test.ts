import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Starts a command as npx does and waits. */
const LIKE_NPX = `
  const [command, ...words] = process.argv.slice(1);
  require('node:child_process').spawn(command, words, { stdio: 'inherit' });
  setInterval(() => undefined, 1000);`;
/** Prints the process id of the program, and runs it. */
const PROGRAM = [process.execPath, '--import', 'data:text/javascript,console.log(process.pid)', MAIN];

test.for([
  ['', []],
  [' in a shell', ['sh', '-c', '"$0" "$@"; exit']],
] as const)('a program that npx started%s ends when npx is killed', async ([, shell]) => {
  const data = join(temporaryFolder(), 'data');
  const words = [
    '-e',
    LIKE_NPX,
    ...shell,
    ...PROGRAM,
    'generate',
    '--to',
    data,
    '--songs',
    '0',
    '--events',
    '1000000000',
  ];
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
