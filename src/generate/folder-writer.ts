import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IngestError } from '../core/errors.ts';
import type { WriteFile } from './write-generated.ts';

/**
 * Creates a folder and writes below it. A file gets its name only when it is complete; an existing file is never overwritten, and a
 * link below the folder is never followed.
 *
 * The writer throws IngestError `object_exists` for an existing file, `config_invalid` for a folder that cannot be
 * written.
 */
export function folderWriter(folder: string): WriteFile {
  const target = resolve(folder);
  const made = new Map<string, Promise<void>>();
  const make = (path: string): Promise<void> => {
    const known = made.get(path) ?? (path === target ? makeTarget(path) : makeBelow(path));
    made.set(path, known);
    return known;
  };
  const makeBelow = async (path: string): Promise<void> => {
    await make(dirname(path));
    await mkdir(path).catch(ignoreExisting);
    if ((await lstat(path)).isDirectory()) return;
    throw new IngestError(
      'config_invalid',
      `${path} is not a folder (a link, perhaps); remove it, or choose another folder.`,
    );
  };
  return async (file) => {
    const path = join(target, ...file.key.split('/'));
    try {
      await make(dirname(path));
      await writeNew(path, file.body);
    } catch (cause) {
      if (cause instanceof IngestError) throw cause;
      const seen = cause instanceof Error ? cause.message : String(cause);
      throw new IngestError('config_invalid', `${path} cannot be written (${seen}); choose another folder.`, { cause });
    }
  };
}

async function makeTarget(path: string): Promise<void> {
  await makeFolder(path);
  if (!(await stat(path)).isDirectory()) throw new Error('it is not a folder');
}

/** Not mkdir's `recursive`, which never ends where the file system denies that the parent is there (below `/proc`). */
async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  const isThere = async (at: string): Promise<boolean> => (await stat(at).catch(() => null)) !== null;
  if (await isThere(path)) return;
  if (parent !== path) await makeFolder(parent);
  await mkdir(path).catch(ignoreExisting);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** A hard link gives the finished file its name, and unlike a renaming is refused where that name is taken. */
async function writeNew(path: string, body: Uint8Array): Promise<void> {
  const unfinished = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(unfinished, body, { flag: 'wx' });
    await link(unfinished, path);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new IngestError('object_exists', `${path} already exists and was not overwritten; ${ELSEWHERE}.`);
  } finally {
    await rm(unfinished, { force: true });
  }
}

const ELSEWHERE = 'choose an empty folder, or other days (--first-day) with another --seed';
