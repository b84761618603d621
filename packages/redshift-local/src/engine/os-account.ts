import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalStackError } from '../errors/local-stack-error.ts';

/** The operating-system account that PostgreSQL runs under; `null` means the current one. */
export type OsAccount = { readonly name: string; readonly uid: number; readonly gid: number };

/**
 * PostgreSQL refuses to run as root, so root needs another account: `postgres` when it exists, else one made for it,
 * else `nobody`.
 *
 * @returns `null` for an ordinary user, who runs PostgreSQL under their own account.
 * @throws LocalStackError when root finds and creates no other account.
 */
export function chooseOsAccount(): OsAccount | null {
  if (process.getuid?.() !== 0) return null;
  const account = findAccount('postgres') ?? createAccount('postgres') ?? findAccount('nobody');
  if (account === null) {
    throw new LocalStackError(
      'PostgreSQL does not run as root, and there is neither a "postgres" nor a "nobody" account to run it under. ' +
        'Start as an ordinary user, or create one: useradd --system postgres',
    );
  }
  return account;
}

/** Makes the account the owner of a path. */
export function giveTo(account: OsAccount | null, path: string): void {
  if (account !== null) chownSync(path, account.uid, account.gid);
}

/**
 * Whether the account may enter every directory above `path` and `path` itself. Looks at the mode bits only: access
 * lists and secondary groups are not considered, which errs on the side of copying.
 */
export function canReach(account: OsAccount | null, path: string): boolean {
  if (account === null) return true;
  let directory = realpathSync(path);
  for (;;) {
    const { mode, uid, gid } = statSync(directory);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    const parent = dirname(directory);
    if (parent === directory) return true;
    directory = parent;
  }
}

/** Lets the account's group enter a directory of the current user, but not list it. */
export function letThrough(account: OsAccount | null, directory: string): void {
  if (account === null) return;
  const { uid, mode } = statSync(directory);
  if (uid !== process.getuid?.()) return;
  chownSync(directory, uid, account.gid);
  chmodSync(directory, (mode & 0o7777) | 0o010);
}

function findAccount(name: string): OsAccount | null {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { name, uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function createAccount(name: string): OsAccount | null {
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/sh', name], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  return findAccount(name);
}
