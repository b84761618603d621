import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LocalStackError } from 'redshift-local';

/** Raised when the files in the directory change so that this program cannot read the old ones. */
const LAYOUT = 1;

/**
 * Creates the data directory, or checks that the embedded stack wrote the existing one.
 *
 * @throws LocalStackError for a directory with something else in it, or of another layout.
 */
export function prepareDataDirectory(dataDir: string): void {
  try {
    makeDirectory(resolve(dataDir));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LocalStackError(
      `The data directory ${dataDir} cannot be created (${why}). Choose another with --data-dir.`,
      {
        cause,
      },
    );
  }
  const file = join(dataDir, 'layout');
  if (!existsSync(file)) {
    if (readdirSync(dataDir).length > 0) {
      throw new LocalStackError(
        `${dataDir} is not empty and was not made by the embedded stack. Choose an empty or new directory with --data-dir.`,
      );
    }
    writeFileSync(file, `${LAYOUT}\n`, { mode: 0o600 });
    return;
  }
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(LAYOUT)) return;
  throw new LocalStackError(
    `The data directory ${dataDir} has layout ${found === '' ? '(empty)' : found}; this version reads layout ${LAYOUT}. ` +
      'Use the version that wrote it, choose another directory with --data-dir, or delete it to start afresh.',
  );
}

/** Not mkdir's `recursive`: it never returns where the parent cannot be created (below `/proc`). */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is not a directory`);
    return;
  }
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o755 });
}
