import { readFileSync } from 'node:fs';
import type { Environment } from './config.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * npm and npx end at a signal without passing it to the program that they started. When that happens, this process sends itself the
 * signal. npx starts the program in a shell, which outlives npx, so the parent of a shell counts too (where there is a `/proc`). A
 * program that was started in another way may outlive its parent.
 */
export function endWithParent(environment: Environment): void {
  if (environment['npm_command'] === undefined) return;
  const starters = startersNow();
  const timer = setInterval(() => {
    if (startersNow() === starters) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** The parent, and if it is a shell, the parent of the shell. */
function startersNow(): string {
  const { ppid } = process;
  try {
    // proc_pid_stat(5): the name in brackets, the state, and the parent.
    const [, name = '', parent = ''] = /\((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${ppid}/stat`, 'utf8')) ?? [];
    return /^(?:ba|da|z)?sh$/.test(name) ? `${ppid} ${parent}` : String(ppid);
  } catch {
    return String(ppid);
  }
}
