import type { ChildProcess } from 'node:child_process';

/** The kernel's own period for the CPU quota of a container (Linux, "CFS Bandwidth Control"). */
const PERIOD_MS = 100;

/**
 * Gives a process a share of one CPU, as the quota of a container does: it runs for a part of every tenth of a second, and
 * stands still for the rest.
 *
 * @param share of one CPU, up to 1, which leaves the process alone.
 * @returns ends it; the process then runs freely.
 */
export function throttle(child: ChildProcess, share: number): () => void {
  if (share >= 1) return () => undefined;
  let resume: NodeJS.Timeout | undefined;
  const period = setInterval(() => {
    child.kill('SIGSTOP');
    resume = setTimeout(() => child.kill('SIGCONT'), PERIOD_MS * (1 - share));
  }, PERIOD_MS);
  return () => {
    clearInterval(period);
    clearTimeout(resume);
    child.kill('SIGCONT');
  };
}
