import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './planted-bug.ts';
import { plantIn } from './planted-bug.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const NOT_COPIED: ReadonlySet<string> = new Set([
  ...['node_modules', '.git', '.sparkify', '.stryker-tmp', 'dist', 'coverage'],
]);

/** The project as it lies there, in a temporary folder, with the packages of the original. */
export class WorkingCopy {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<WorkingCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'sparkify-planted-'));
    await cp(PROJECT, folder, {
      recursive: true,
      filter: (source) => !NOT_COPIED.has(basename(source)),
    });
    await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    return new WorkingCopy(folder);
  }

  /** Plants the bug, acts, and takes the bug out again. */
  async withBug<T>(bug: PlantedBug, act: () => Promise<T>): Promise<T> {
    const path = join(this.folder, bug.file);
    const source = await readFile(path, 'utf8');
    const planted = plantIn(source, bug);
    if (path.endsWith('.ts')) stripTypeScriptTypes(planted);
    await writeFile(path, planted);
    try {
      return await act();
    } finally {
      await writeFile(path, source);
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
