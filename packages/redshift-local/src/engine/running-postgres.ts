import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalStackError } from '../errors/local-stack-error.ts';

/** Outside the cluster's directory, because that one may belong to another account. */
const ownerFile = (dataDir: string) => join(dataDir, 'postgres-owner.pid');

export function recordOwner(dataDir: string): void {
  writeFileSync(ownerFile(dataDir), `${process.pid}\n`, { mode: 0o600 });
}

export function forgetOwner(dataDir: string): void {
  rmSync(ownerFile(dataDir), { force: true });
}

/**
 * Makes sure that no server runs on the cluster's directory. After a kill of the program its server runs for a moment
 * longer, until the watcher stops it, or for ever when the watcher was killed too: then this function stops it.
 *
 * @throws LocalStackError when the program that started it is still alive.
 */
export async function clearLeftover(dataDir: string, clusterDir: string): Promise<void> {
  const pid = postmasterPid(clusterDir);
  if (pid === null) return;
  const owner = readPid(ownerFile(dataDir));
  if (owner !== null && isAlive(owner)) {
    throw new LocalStackError(
      `The data directory ${dataDir} is in use by process ${owner}. Stop that one first, or choose another directory with --data-dir.`,
    );
  }
  const steps = [
    { signal: null, waitMs: 2_000 },
    { signal: 'SIGINT', waitMs: 10_000 },
    { signal: 'SIGQUIT', waitMs: 10_000 },
  ] as const;
  for (const step of steps) {
    if (step.signal !== null) process.kill(pid, step.signal);
    if (await isGone(clusterDir, pid, step.waitMs)) return;
  }
  throw new LocalStackError(
    `A PostgreSQL server (process ${pid}) still runs on ${clusterDir} and does not stop. End it and start again.`,
  );
}

async function isGone(clusterDir: string, pid: number, waitMs: number): Promise<boolean> {
  const deadline = performance.now() + waitMs;
  while (postmasterPid(clusterDir) === pid) {
    if (performance.now() > deadline) return false;
    await delay(25);
  }
  return true;
}

/** The process id of a living server on this directory; not a process id that now belongs to another program. */
function postmasterPid(clusterDir: string): number | null {
  const pid = readPid(join(clusterDir, 'postmaster.pid'));
  if (pid === null || !isAlive(pid)) return null;
  const command = commandLine(pid);
  return command.includes('postgres') && (command.includes(clusterDir) || command.includes(realpathSync(clusterDir)))
    ? pid
    : null;
}

function commandLine(pid: number): string {
  const proc = `/proc/${pid}/cmdline`;
  try {
    if (existsSync(proc)) return readFileSync(proc, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

function readPid(path: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
