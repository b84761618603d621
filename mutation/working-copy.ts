import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './planted-bug.ts';
import { plantIn } from './planted-bug.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));

const NOT_COPIED: ReadonlySet<string> = new Set([
  ...['node_modules', '.git', '.sparkify', '.stryker-tmp', 'build', 'dist', 'coverage'],
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
    await linkModules(folder);
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

/** The packages of the original, except those that are part of the project: these are the copy's own. */
async function linkModules(folder: string): Promise<void> {
  const project = await realpath(PROJECT);
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(PROJECT, 'node_modules'))) {
    const inside = relative(project, await realpath(join(PROJECT, 'node_modules', name)));
    await symlink(join(inside.startsWith('packages/') ? folder : PROJECT, inside), join(folder, 'node_modules', name));
  }
}
