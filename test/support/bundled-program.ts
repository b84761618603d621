import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** As deep below the project as the files of `src/` that look for `sql/` and `package.json`. */
const FOLDER = fileURLToPath(new URL(`../../build/${process.pid}`, import.meta.url));

/**
 * Bundles the program and the libraries that it uses. The tests start it some hundred times, and loading a few files takes a quarter of
 * the time of loading a thousand modules.
 *
 * @returns the path of the bundle, and what removes it.
 */
export async function bundleProgram(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  await build({
    input: SOURCE,
    platform: 'node',
    // The packages of this repository load files of their own.
    external: ['local-stack'],
    output: { dir: FOLDER, cleanDir: true },
    logLevel: 'warn',
  });
  return { path: `${FOLDER}/main.js`, remove: async () => await rm(FOLDER, { recursive: true, force: true }) };
}
