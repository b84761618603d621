import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalStackError } from 'redshift-local';

/**
 * Keeps a second instance out of a data directory. The operating system releases the lock when the process ends, even
 * by a kill: the next start does not have to guess whether a lock file is stale.
 *
 * @throws LocalStackError when another instance has it.
 */
export function lockDataDirectory(dataDir: string): { release(): void } {
  const holderFile = join(dataDir, 'lock.pid');
  const lockFile = join(dataDir, 'lock');
  closeSync(openSync(lockFile, 'a', 0o600));
  const lock = new DatabaseSync(lockFile);
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    lock.close();
    const holder = readHolder(holderFile);
    throw new LocalStackError(
      `The data directory ${dataDir} is in use by another embedded stack${holder === '' ? '' : ` (process ${holder})`}. ` +
        'Stop that one, or choose another directory with --data-dir (and other ports).',
      { cause },
    );
  }
  writeFileSync(holderFile, String(process.pid), { mode: 0o600 });
  return {
    release() {
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
