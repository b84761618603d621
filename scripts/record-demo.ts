import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { terminalSvg } from './terminal-svg.ts';
import type { TerminalLine } from './terminal-svg.ts';

/** `npm run record`: runs `sparkify demo` and writes what the terminal showed to `docs/demo.svg`. */
const FILE = 'docs/demo.svg';

const lines: TerminalLine[] = [{ atMs: Date.now(), text: '\u001b[1m$ npm run demo\u001b[22m' }];
const demo = spawn('npm', ['run', '--silent', 'demo'], {
  env: { ...process.env, FORCE_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const closed = once(demo, 'close');
for await (const text of createInterface({ input: demo.stdout })) {
  // The password of the demo's PostgreSQL, which is gone by now, looks like a secret.
  lines.push({ atMs: Date.now(), text: text.replace(/:[0-9a-f]{32}@/, ':…@') });
}
await closed;
if (demo.exitCode !== 0) {
  process.stderr.write(`The demo ended with ${demo.exitCode ?? demo.signalCode ?? '?'}; ${FILE} stays as it is.\n`);
  process.exit(1);
}
writeFileSync(FILE, terminalSvg(lines));
process.stdout.write(`${FILE} has ${lines.length} lines.\n`);
