import type { Environment } from './config.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * npm and npx end at a signal without passing it to the program that they started. When that happens, this process sends itself the
 * signal. A program that was started in another way may outlive its parent.
 */
export function endWithParent(environment: Environment): void {
  if (environment['npm_command'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}
