import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type LockedPackage = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
};

/**
 * What the image installs, by the lock file: the service's dependencies and what these depend on, found as Node finds them. The lock file's own mark does not tell: a dependency of a workspace is not a development
 * dependency there.
 *
 * @returns by path, such as `node_modules/zod`.
 */
export function productionPackages(project: string): ReadonlyMap<string, LockedPackage> {
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };
  const found = new Map<string, LockedPackage>();
  const add = (from: string): void => {
    const { dependencies, optionalDependencies } = lock.packages[from] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const path = pathOf(name, from, lock.packages);
      const locked = path === null ? undefined : lock.packages[path];
      if (path === null || locked === undefined || found.has(path)) continue;
      found.set(path, locked);
      add(path);
    }
  };
  add('');
  return found;
}

/** The nearest `node_modules` that has the package, from the inside out. */
function pathOf(name: string, from: string, packages: Readonly<Record<string, LockedPackage>>): string | null {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return null;
  }
}
